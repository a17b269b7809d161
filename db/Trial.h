// One point on one target by one runner, and everything that was learned from it.
#pragma once

#include "space/Hash.h"
#include "space/Point.h"
#include "space/Problem.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ptotune {

// Stored as integers: do not change the values. The first six are the T4 result vocabulary.
enum class TrialStatus : std::int32_t {
  correct = 0,
  constraints = 1, // a rule's rejection
  compile = 2,
  runtime = 3,
  timeout = 4,
  correctness = 5,
  hang = 6,
  pruned = 7, // a legal point skipped: a bound, or an equal program, made it needless
};
const char* name(TrialStatus status);

// Environment::runner of the virtual Ascend; every other one is a device.
inline constexpr const char* kSimRunner = "sim";

// Who measured, with what: trials are never compared across environments.
struct Environment {
  std::string soc;            // "Ascend910B2"
  Hash socHash;               // of the profile, where the runner reads it (sim)
  std::string runner;         // "sim", "ascend", ...
  std::string runnerVersion;  // changes whenever the runner's answers may change
  std::string toolchain;      // what built the kernel: pto-isa header hash, compiler, driver
  std::string toolVersion;    // of pto-tune
  std::int64_t cores = 0;     // AI cores that the kernel may use; 0: not known
  std::int64_t frequency = 0; // of them, Hz; 0: not known
  std::string isaHash; // of the pto-isa headers that the kernel was built with; empty for sim

  bool operator==(const Environment&) const = default;
  Hash hash() const; // content address
};

// The checked element of an output that is the farthest from what was expected.
struct OutputError {
  double maxAbs = 0; // absolute error of that element
  std::int64_t row = 0;
  std::int64_t column = 0;
  double value = 0; // that stands there
  double expected = 0;
  std::int64_t checkedRows = 0; // of the output's s0 rows

  bool operator==(const OutputError&) const = default;
};

struct Trial {
  Problem problem;
  Point point;
  TrialStatus status = TrialStatus::runtime;
  std::vector<double> seconds; // every raw sample; empty unless correct
  std::string detail;          // rule and witness, diagnostic, wait-for cycle, ...
  Hash sourceHash;             // emitted C++; empty when not lowered
  Hash programHash;
  double prepareSeconds = 0; // lowering and building
  double measureSeconds = 0; // running, all samples
  bool calibrated = false;   // sim: the problem lies in the profile's calibrated range
  double boundSeconds = 0;   // proven lower bound of its time; 0: none is known
  // Of a run whose output was held against a reference and is finite. Not stored.
  std::optional<OutputError> outputError;

  // Median of the samples; nothing when there are none.
  std::optional<double> time() const;
};

} // namespace ptotune
