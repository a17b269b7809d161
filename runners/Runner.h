// A runner measures candidates. Two steps, so that preparing (lowering, building) can run ahead in
// parallel while a device measures one at a time. Thread safety is each runner's own promise.
#pragma once

#include "db/Trial.h"
#include "space/Point.h"
#include "space/Problem.h"
#include "space/Result.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace ptotune {

struct Candidate {
  Problem problem;
  Point point;
};

// What prepare() made of a candidate. Kernels take s0 and s1 at run time, so artifacts of one point
// for several problems may share the lowered kernel.
class Artifact {
public:
  virtual ~Artifact() = default;
  virtual Hash sourceHash() const = 0;
  virtual Hash programHash() const = 0;
  // What another process needs for Runner::adopt(): a JSON object on one line.
  virtual std::string wire() const { return "{}"; }
};

// What a device runner does after a fault of the device.
enum class ResetPolicy {
  none,  // nothing: the device is somebody else's too
  force, // resets the device by force, which needs it for itself
};

// What one measurement may cost, and how it is taken. Limits nest: opLimit < streamWait < limit.
// The inner ones name the fault and leave the device usable; the outer one always holds.
struct Budget {
  std::chrono::milliseconds limit{60'000};      // wall clock of one measurement
  std::chrono::milliseconds streamWait{50'000}; // host's wait for one run of the kernel
  std::chrono::milliseconds opLimit{45'000};    // device's execution limit of one kernel

  // Timed runs go on from the least to the most, until the 95 % confidence interval of the median
  // is at most this wide in parts of the median. An exact runner takes one sample.
  int warmup = 5; // untimed runs before
  int minRepetitions = 15;
  int maxRepetitions = 100;
  double relativeWidth = 0.01;
  bool flushL2 = true; // write over L2 before each run, outside of what is timed

  ResetPolicy reset = ResetPolicy::force;
};

class Runner {
public:
  virtual ~Runner() = default;
  virtual Environment environment() const = 0;
  // Whether a second measurement of an artifact gives the same seconds: a simulation or a record.
  virtual bool exact() const { return false; }
  // Lowers and builds. A candidate that cannot be built is an error here and a `compile` trial for
  // the caller.
  virtual Result<std::shared_ptr<const Artifact>> prepare(const Candidate& candidate) = 0;
  // The artifact that prepare() of the same runner made of the candidate, in another process, from
  // its wire(). By default it is prepared again.
  virtual Result<std::shared_ptr<const Artifact>> adopt(const Candidate& candidate,
                                                        std::string_view /*wire*/) {
    return prepare(candidate);
  }
  // Never throws on a bad candidate: wrong, slow or hanging ones are trials with that status. A
  // runner that checks the output fills in Trial::outputError, of right ones too.
  virtual Trial measure(const Candidate& candidate, const Artifact& artifact,
                        const Budget& budget) = 0;
  // The same where it may come to nothing: an error says nothing of the candidate, for it was not
  // measured. Every device is lost, or the run was stopped before its turn.
  virtual Result<Trial> attempt(const Candidate& candidate, const Artifact& artifact,
                                const Budget& budget) {
    return measure(candidate, artifact, budget);
  }
};

} // namespace ptotune
