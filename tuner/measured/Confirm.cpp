#include "tuner/measured/Confirm.h"

#include "db/Champions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ptotune {
namespace {

constexpr const char* kFinals = "finals";

// Finals that follow on these trials: they are due once more when another one was recorded.
SearchKey finalsKey(const std::vector<Trial>& trials, const std::vector<StoredSearch>& searches,
                    const FinalsOptions& options) {
  std::size_t count = trials.size();
  for (const StoredSearch& search : searches)
    if (search.key.searcher == kFinals)
      count -= std::min(count, search.trials.size());
  return {.searcher = kFinals, .seed = options.seed, .options = fmt::format("after={}", count)};
}

// A correct trial of the point with all samples that there are of it; nothing where it has none.
std::optional<Trial> withAllSamples(const std::vector<Trial>& trials, const Point& point) {
  std::optional<Trial> all;
  for (const Trial& trial : trials) {
    if (trial.point != point || trial.status != TrialStatus::correct)
      continue;
    if (all)
      all->seconds.insert(all->seconds.end(), trial.seconds.begin(), trial.seconds.end());
    else
      all = trial;
  }
  return all;
}

void takeSamples(const std::vector<Trial>& trials, ProblemResult& result) {
  const auto standing = standingOf(trials);
  if (!standing)
    return;
  const auto update = [&](std::optional<Trial>& trial, const Point& point) {
    if (auto all = withAllSamples(trials, point))
      trial = std::move(all);
  };
  update(result.best, standing->best.point);
  result.ties = standing->ties.size();
  if (result.seed)
    update(result.seed, Point(result.seed->point));
  if (result.defaultPoint)
    update(result.defaultPoint, Point(result.defaultPoint->point));
  if (result.manual)
    update(result.manual, Point(result.manual->point));
}

} // namespace

Result<Confirmed> confirm(const Job& job, ProvenResult& result, Runner& runner, TrialStore& store,
                          const FinalsOptions& options, TuneProgress& progress) {
  Confirmed confirmed;
  if (runner.exact())
    return confirmed;
  const Environment environment = runner.environment();
  for (std::size_t i = 0; i < result.tune.problems.size(); ++i) {
    ProblemResult& one = result.tune.problems[i];
    confirmed.texts.emplace_back();
    if (!one.best)
      continue;
    const auto searches = store.searches(environment, one.problem);
    if (!searches)
      return searches.error();
    auto trials = store.load(environment, one.problem);
    if (!trials)
      return trials.error();
    const SearchKey key = finalsKey(*trials, *searches, options);
    const bool isDue = std::ranges::find(*searches, key, &StoredSearch::key) == searches->end();
    if (isDue && options.mostRounds > 0 && !progress.stop) {
      store.beginSearch(key);
      const auto finals =
          runFinals(one.problem, *trials, job.seed, runner, store, options, progress.stop);
      if (!finals)
        return finals.error();
      confirmed.texts.back() = finalsText(*finals);
      confirmed.measured += finals->measured;
      trials = store.load(environment, one.problem);
      if (!trials)
        return trials.error();
    }
    takeSamples(*trials, one);
    if (i < result.proofs.size()) {
      search::Proof& proof = result.proofs[i];
      proof.best = one.best->point;
      proof.seconds = *one.best->time();
      proof.critical = timeBound(one.problem, job.soc, one.best->point);
    }
    confirmed.interrupted |= progress.stop;
  }
  return confirmed;
}

} // namespace ptotune
