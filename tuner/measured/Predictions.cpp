#include "tuner/measured/Predictions.h"

#include "runners/SimRunner.h"
#include "tuner/search/Random.h"
#include "tuner/search/bnb/BranchAndBound.h"
#include "tuner/search/study/Trials.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

namespace ptotune {
namespace {

using search::Index;

constexpr std::uint64_t kAllSimulated = 30'000; // points of a set that are all simulated
constexpr std::uint64_t kSample = 1024;         // of a larger set
constexpr std::size_t kBestOnes = 16;           // whose neighbours are simulated as well
constexpr std::uint64_t kProofEvaluations = 256;

// Times of points by the simulator, each computed once.
class Simulated {
public:
  Simulated(const Job& job, const Problem& problem, const PointSet& points, Arena& arena,
            TuneProgress& progress)
      : problem_(problem), points_(points), runner_(job.soc), arena_(arena), progress_(progress) {}

  void add(const std::vector<Index>& wanted) {
    std::vector<Index> fresh;
    for (const Index index : wanted)
      if (times_.emplace(index, std::nullopt).second)
        fresh.push_back(index);
    std::vector<std::optional<double>> found(fresh.size());
    const Counting counting = progress_.looking();
    counting.total += fresh.size();
    arena_.forEach(fresh.size(), [&](std::size_t i) {
      if (counting.stop)
        return;
      const Candidate candidate{problem_, points_.at(fresh[i])};
      if (const auto artifact = runner_.prepare(candidate))
        found[i] = runner_.measure(candidate, **artifact, Budget{}).time();
      ++counting.done;
    });
    for (std::size_t i = 0; i < fresh.size(); ++i)
      times_[fresh[i]] = found[i];
  }
  std::optional<double> at(Index index) const { return times_.at(index); }

  // The best first.
  std::vector<search::Prior::Prediction> predictions() const {
    std::vector<search::Prior::Prediction> list;
    for (const auto& [index, time] : times_)
      if (time)
        list.push_back({index, *time});
    std::ranges::sort(list, [](const auto& a, const auto& b) {
      return std::pair(a.value, a.index) < std::pair(b.value, b.index);
    });
    return list;
  }

private:
  const Problem& problem_;
  const PointSet& points_;
  SimRunner runner_;
  Arena& arena_;
  TuneProgress& progress_;
  std::map<Index, std::optional<double>> times_;
};

Hash hashOf(const std::vector<search::Prior::Prediction>& predictions) {
  std::string text;
  for (const search::Prior::Prediction& one : predictions)
    text += fmt::format("{} {:x}\n", one.index, std::bit_cast<std::uint64_t>(one.value));
  return Hash::of(text);
}

Predictions predictionsOf(std::vector<search::Prior::Prediction> list, std::string source) {
  if (list.empty())
    return {};
  const Hash hash = hashOf(list);
  return {.prior = std::make_shared<const search::Prior>(std::move(list)),
          .hash = hash,
          .source = std::move(source)};
}

// Of a set that is too large to simulate whole: where branch and bound looks is where the best are.
Status addPromising(const Job& job, const Problem& problem, const PointSet& points,
                    Simulated& simulated, TuneProgress& progress) {
  // No limit of time: the predictions are the same whenever they are made.
  const search::StopConditions stop{.evaluations = kProofEvaluations, .flag = &progress.stop};
  const auto evaluate = [&](const std::vector<Point>& asked) {
    std::vector<Index> indices;
    for (const Point& point : asked)
      if (const auto index = points.rank(point))
        indices.push_back(*index);
    simulated.add(indices);
    std::vector<std::optional<double>> times;
    times.reserve(asked.size());
    for (const Point& point : asked) {
      const auto index = points.rank(point);
      times.push_back(index ? simulated.at(*index) : std::nullopt);
    }
    return times;
  };
  const auto proof = search::branchAndBound(problem, job.soc, job.space,
                                            {.stop = stop, .seed = job.seed}, evaluate);
  return proof ? Status() : proof.error();
}

double sizeDistance(const Problem& a, const Problem& b) {
  const auto apart = [](std::int64_t x, std::int64_t y) {
    return std::abs(std::log2(static_cast<double>(x) / static_cast<double>(y)));
  };
  return apart(a.s0, b.s0) + apart(a.s1, b.s1);
}

} // namespace

Result<Predictions> simulatedPredictions(const Job& job, const Problem& problem,
                                         const PointSet& points, Arena& arena,
                                         TuneProgress& progress) {
  Simulated simulated(job, problem, points, arena, progress);
  constexpr const char* kSource = "the simulator";
  std::vector<Index> wanted;
  if (points.count() <= kAllSimulated) {
    wanted.reserve(points.count());
    for (Index index = 0; index < points.count(); ++index)
      wanted.push_back(index);
    simulated.add(wanted);
    return predictionsOf(simulated.predictions(), kSource);
  }
  if (auto status = addPromising(job, problem, points, simulated, progress); !status)
    return status.error();
  search::Random random(0);
  for (std::uint64_t i = 0; i < kSample; ++i) {
    const Index index = random.below(points.count());
    if (legal({problem, job.soc, points.at(index)}))
      wanted.push_back(index);
  }
  simulated.add(wanted);
  const auto space = search::spaceOf(points);
  if (!space)
    return space.error();
  const auto best = simulated.predictions();
  wanted.clear();
  for (std::size_t i = 0; i < std::min(kBestOnes, best.size()); ++i)
    for (const Index index : (*space)->oneApart(best[i].index))
      if (legal({problem, job.soc, points.at(index)}))
        wanted.push_back(index);
  simulated.add(wanted);
  return predictionsOf(simulated.predictions(), kSource);
}

std::optional<StoredProblem> nearestStored(const std::vector<StoredProblem>& stored,
                                           const Environment& environment, const Problem& problem) {
  const auto rank = [&](const StoredProblem& one) {
    return std::tuple(sizeDistance(one.problem, problem), one.environment.soc != environment.soc,
                      one.environment.runner != environment.runner, one.environment.hash(),
                      one.problem.hash());
  };
  std::optional<StoredProblem> nearest;
  for (const StoredProblem& one : stored) {
    const bool same = one.environment == environment && one.problem == problem;
    if (same || one.problem.family != problem.family ||
        KernelSpec::of(one.problem) != KernelSpec::of(problem))
      continue;
    if (!nearest || rank(one) < rank(*nearest))
      nearest = one;
  }
  return nearest;
}

Result<Predictions> storedPredictions(TrialStore& store, const Environment& environment,
                                      const Problem& problem, const PointSet& points) {
  const auto stored = store.problems();
  if (!stored)
    return stored.error();
  const auto nearest = nearestStored(*stored, environment, problem);
  if (!nearest)
    return Predictions{};
  const auto trials = store.load(nearest->environment, nearest->problem);
  if (!trials)
    return trials.error();
  std::map<Index, double> times;
  for (const Trial& trial : *trials) {
    const auto index = points.rank(trial.point);
    if (index && trial.time())
      times.emplace(*index, *trial.time());
  }
  std::vector<search::Prior::Prediction> list;
  list.reserve(times.size());
  for (const auto& [index, time] : times)
    list.push_back({index, time});
  return predictionsOf(std::move(list),
                       fmt::format("{} on {}, runner {}", nearest->problem.text(),
                                   nearest->environment.soc, nearest->environment.runner));
}

} // namespace ptotune
