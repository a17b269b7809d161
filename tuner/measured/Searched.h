// What a search by measurements goes through for one problem.
#pragma once

#include "space/Job.h"
#include "space/PointSet.h"
#include "tuner/Parallel.h"
#include "tuner/TrialStore.h"
#include "tuner/Tuner.h"
#include "tuner/measured/Predictions.h"
#include "tuner/search/LegalSpace.h"

#include <memory>
#include <string>

namespace ptotune {

struct Searched {
  Space space;   // of the job, without parameters that change nothing where that is known
  RuleSet rules; // that `points` obey; where it is not all, the protocol is asked point by point
  PointSet points;
  std::shared_ptr<const search::LegalSpace> configurations; // null where there are none
  Predictions predictions;
  std::string text; // tells apart what is searched and what is predicted, in one line
};

// Counts the points that it looks at; after a stop the space is not narrowed, and there are neither
// configurations nor predictions.
Result<Searched> searchedOf(const Job& job, const Problem& problem, const Environment& environment,
                            TrialStore& store, PriorFrom prior, Arena& arena,
                            TuneProgress& progress);

} // namespace ptotune
