// Running a search on a recorded space in simulated time.
#pragma once

#include "tuner/search/study/Score.h"

#include <string>

namespace ptotune::search {

struct ReplayRun {
  struct Step {
    Index index = 0;
    double ownSeconds = 0; // processor time of the searcher so far
  };
  std::vector<Step> steps;
  double simulatedSeconds = 0;
  double ownSeconds = 0;
};

// One evaluation at a time, until the yardstick's limit or the end of the space; also, where that
// is asked for, until the optimum, behind which no score changes.
ReplayRun replay(Searcher& searcher, const Recording& recording, const Yardstick& stick,
                 bool stopAtOptimum);

// The rank of the best so far at each of the yardstick's times.
void rankCurve(const ReplayRun& run, const Recording& recording, const Yardstick& stick,
               std::span<std::int32_t> ranks);

// Evaluations until a value of at most `target`; nothing where the run does not get there.
std::optional<std::size_t> evaluationsTo(const ReplayRun& run, const Recording& recording,
                                         double target);

} // namespace ptotune::search
