// What is believed of the points of a problem before any is measured.
#pragma once

#include "space/Hash.h"
#include "space/Job.h"
#include "space/PointSet.h"
#include "tuner/Parallel.h"
#include "tuner/TrialStore.h"
#include "tuner/Tuner.h"
#include "tuner/search/Prior.h"

#include <memory>
#include <optional>
#include <string>

namespace ptotune {

enum class PriorFrom : std::uint8_t {
  none,
  sim, // the virtual Ascend of the job's profile
  db,  // trials of another environment or problem in the database
};

struct Predictions {
  std::shared_ptr<const search::Prior> prior; // null: there are none
  Hash hash;                                  // of the predictions; empty where there are none
  std::string source;                         // for people: "the simulator", "s0=..., on ..."
};

// Predictions by the simulator: of every point of a small set, else of those that branch and bound
// looks at, their neighbours, and a sample.
Result<Predictions> simulatedPredictions(const Job& job, const Problem& problem,
                                         const PointSet& points, Arena& arena,
                                         TuneProgress& progress);

// The most telling of all stored problems with another environment or other sizes, where there is
// one: the same problem before others, then the sizes nearest to it, then the same SoC.
std::optional<StoredProblem> nearestStored(const std::vector<StoredProblem>& stored,
                                           const Environment& environment, const Problem& problem);
Result<Predictions> storedPredictions(TrialStore& store, const Environment& environment,
                                      const Problem& problem, const PointSet& points);

} // namespace ptotune
