// Chosen points of a job, measured side by side for every problem.
#pragma once

#include "runners/Runner.h"
#include "runners/manual/ManualKernels.h"
#include "space/Job.h"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ptotune {

enum class BenchKernel {
  own,    // what the point lowers to
  manual, // upstream's manual kernel, on a device
};

// A point to measure for one problem. Points of a row of the sweep have one label.
struct BenchCandidate {
  std::string label;
  Problem problem;
  Point point;
  BenchKernel kernel = BenchKernel::own;
};

struct BenchPlan {
  std::vector<BenchCandidate> candidates; // in the order in which they are told
  std::string baselineLabel;              // what times are held against
  std::vector<BenchCandidate> baselines;  // one for each problem that has any
};

struct BenchRow {
  BenchCandidate candidate;
  Trial trial; // `constraints` with the rule's words where the point is not legal
  // Of the baseline for the same problem, by the same runner.
  std::optional<double> baselineSeconds;
  // The numbers, held against attention in fp64: the largest absolute error among so many query
  // rows of `checked`. That is the row's problem on a device, this one or a smaller one in a
  // simulation.
  std::optional<double> maxError;
  std::optional<bool> right;
  std::optional<Problem> checked;
  std::int64_t checkedRows = 0;

  std::optional<double> speedUp() const;
};

// All figures are of one runner: those of another one are in a sweep of its own.
struct BenchSweep {
  Environment environment;
  std::vector<BenchRow> rows;
  std::string manual; // files of upstream's manual kernel; "": it was not built
  bool interrupted = false;
};

struct BenchOptions {
  int jobs = 0;         // threads that build
  Budget budget;        // of one measurement
  bool numbers = false; // check simulated points with data
  // Needed where the plan has candidates of this kernel.
  manual::ManualKernels* manual = nullptr;
};

// Builds on all threads, then measures one candidate after another; each (problem, point) once. An
// error where the runner cannot go on.
Result<BenchSweep> runBench(const Job& job, const BenchPlan& plan, Runner& runner,
                            const BenchOptions& options, const std::atomic<bool>& stop);

} // namespace ptotune
