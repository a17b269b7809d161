// Chosen points of a job, measured side by side for every problem.
#pragma once

#include "runners/Runner.h"
#include "space/Job.h"

#include <atomic>
#include <optional>
#include <string>
#include <vector>

namespace ptotune {

// A point to measure for one problem. Points of a row of the sweep have one label.
struct BenchCandidate {
  std::string label;
  Problem problem;
  Point point;
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
  // The numbers of a simulated point, held against attention in fp64: its largest absolute error on
  // `checked`, which is the row's problem or a smaller one.
  std::optional<double> maxError;
  std::optional<bool> right;
  std::optional<Problem> checked;

  std::optional<double> speedUp() const;
};

// All figures are of one runner: those of another one are in a sweep of its own.
struct BenchSweep {
  Environment environment;
  std::vector<BenchRow> rows;
  bool interrupted = false;
};

struct BenchOptions {
  int jobs = 0;         // threads that build
  Budget budget;        // of one measurement
  bool numbers = false; // check simulated points with data
};

// Builds on all threads, then measures one candidate after another; each (problem, point) once. An
// error where the runner cannot go on.
Result<BenchSweep> runBench(const Job& job, const BenchPlan& plan, Runner& runner,
                            const BenchOptions& options, const std::atomic<bool>& stop);

} // namespace ptotune
