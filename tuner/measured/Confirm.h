// The answers of a search on a noisy runner, confirmed: the fastest points meet again.
#pragma once

#include "space/Job.h"
#include "tuner/Finals.h"
#include "tuner/Prove.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ptotune {

struct Confirmed {
  std::vector<std::string> texts; // by problem: how the finals went; empty where there were none
  std::uint64_t measured = 0;
  bool interrupted = false;
};

// Runs the finals of every problem of `result` that has a time, unless nothing was recorded since
// its last ones, and takes as best what is fastest by all samples in the store. An exact runner has
// nothing to confirm. An error means that the store failed.
Result<Confirmed> confirm(const Job& job, ProvenResult& result, Runner& runner, TrialStore& store,
                          const FinalsOptions& options, TuneProgress& progress);

} // namespace ptotune
