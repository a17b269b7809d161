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
};

struct Budget {
  std::chrono::milliseconds limit{60'000}; // wall clock of one measurement
  int repetitions = 1;
};

class Runner {
public:
  virtual ~Runner() = default;
  virtual Environment environment() const = 0;
  // Lowers and builds. A candidate that cannot be built is an error here and a `compile` trial for
  // the caller.
  virtual Result<std::shared_ptr<const Artifact>> prepare(const Candidate& candidate) = 0;
  // Never throws on a bad candidate: wrong, slow or hanging ones are trials with that status.
  virtual Trial measure(const Candidate& candidate, const Artifact& artifact,
                        const Budget& budget) = 0;
};

} // namespace ptotune
