#include "tuner/search/study/Replay.h"

#include <ctime>

namespace ptotune::search {
namespace {

// Seconds of processor time of this thread: what other threads and processes take is not counted.
double ownTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

} // namespace

ReplayRun replay(Searcher& searcher, const Recording& recording, const Yardstick& stick,
                 bool stopAtOptimum) {
  ReplayRun run;
  while (run.simulatedSeconds < stick.limit()) {
    const double start = ownTime();
    searcher.limit({.cost = stick.limit() - run.simulatedSeconds});
    const std::vector<Index> asked = searcher.ask(1);
    run.ownSeconds += ownTime() - start;
    if (asked.empty())
      break;
    const Outcome& outcome = recording.outcomes[asked[0]];
    run.simulatedSeconds += outcome.cost;
    run.steps.push_back({asked[0], run.ownSeconds});
    if (stopAtOptimum && outcome.value && *outcome.value <= stick.optimum())
      break;
    const double told = ownTime();
    searcher.tell(asked[0], outcome);
    run.ownSeconds += ownTime() - told;
  }
  return run;
}

void rankCurve(const ReplayRun& run, const Recording& recording, const Yardstick& stick,
               std::span<std::int32_t> ranks) {
  double time = 0;
  std::int32_t best = -1;
  std::size_t next = 0;
  for (const ReplayRun::Step& step : run.steps) {
    const Outcome& outcome = recording.outcomes[step.index];
    time += outcome.cost;
    while (next < ranks.size() && stick.times()[next] < time)
      ranks[next++] = best;
    if (const auto rank = stick.rank(outcome))
      if (best < 0 || static_cast<std::int32_t>(*rank) < best)
        best = static_cast<std::int32_t>(*rank);
  }
  while (next < ranks.size())
    ranks[next++] = best;
}

std::optional<std::size_t> evaluationsTo(const ReplayRun& run, const Recording& recording,
                                         double target) {
  for (std::size_t i = 0; i < run.steps.size(); ++i) {
    const auto& value = recording.outcomes[run.steps[i].index].value;
    if (value && *value <= target)
      return i + 1;
  }
  return std::nullopt;
}

} // namespace ptotune::search
