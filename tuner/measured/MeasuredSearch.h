// Search by measurements: a strategy of tuner/search asks for points, a runner answers.
//
// Vocabulary
//   prelude  what the database answered of a problem before its search began: told to the strategy
//            before its first ask, so that nothing is asked for that is known
//   round    points that are asked for before any of them is answered: built in parallel, measured,
//            told in the order of the asks
//   replay   the trials that earlier runs of the same search recorded: when the strategy asks for
//            their points again, they answer in place of the runner
//
// A search is known by its SearchKey: strategy, seed, and in its options the space, the limits, the
// predictions and the prelude. What it asks for depends on them and on the answers alone. So a
// search that was killed at any moment goes on as if it had not been: the same command finds its
// key in the database, tells the same prelude, and replays.
//
// The seed is always measured first. A point whose program was measured takes that answer and
// counts as no measurement.
#pragma once

#include "tuner/Prove.h"
#include "tuner/Tuner.h"
#include "tuner/measured/Predictions.h"
#include "tuner/search/bnb/BranchAndBound.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace ptotune {

// Ends a search that is hardly worth going on with.
struct Unlikely {
  double improvement = 0.01; // a share of the best time
  double chance = 0.05;      // that one as large, or larger, is left
};

struct MeasuredOptions {
  TuneOptions tune;
  std::string search = "auto"; // of tuner/search
  std::uint64_t seed = 1;
  std::size_t round = 0; // points of a round; 0: one at first, eight later
  PriorFrom prior = PriorFrom::none;
  // For each problem. Evaluations are measurements and failures, those that are replayed among
  // them. `gap` needs the simulator's bounds.
  search::StopConditions stop;
  std::optional<Unlikely> unlikely; // for strategies with a model
};

// Searches problem after problem. In the proofs, a bound of 0 says that there is none.
Result<ProvenResult> searchMeasured(const Job& job, Runner& runner, TrialStore& store,
                                    const MeasuredOptions& options, TuneProgress& progress);

} // namespace ptotune
