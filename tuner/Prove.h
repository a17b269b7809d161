// Branch and bound over the points of a job with a runner: the best point of each problem, and how
// far from it any other can be.
//
// Bounds speak of the virtual Ascend's times, so only its trials can be proven. Points are measured
// as a search asks for them; a stored trial of the environment answers in place of a measurement.
#pragma once

#include "tuner/Tuner.h"
#include "tuner/search/bnb/BranchAndBound.h"

#include <optional>
#include <vector>

namespace ptotune {

struct ProvenResult {
  // For each problem the points are counted as far as shape, capacity and resource rules go;
  // `distinct` and `ties` are left at 0.
  TuneResult tune;
  std::vector<search::Proof> proofs; // by problem
};

// What a search proved of the problem with this index: the bound that it ended with, or, where it
// answered every point in exact times, the best of them. Nothing of a device's times.
std::optional<SpaceProof> proofOf(const Job& job, const ProvenResult& result, std::size_t index);

// Proves problem after problem. `stop` counts for each of them, but for its flag.
Result<ProvenResult> prove(const Job& job, Runner& runner, TrialStore& store,
                           const TuneOptions& options, const search::StopConditions& stop,
                           TuneProgress& progress);

} // namespace ptotune
