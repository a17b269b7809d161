#include "tuner/measured/Searched.h"

#include "runners/replay/ReplayRunner.h"
#include "tuner/measured/DistinctSpace.h"
#include "tuner/search/study/Trials.h"

#include <fmt/format.h>

#include <utility>

namespace ptotune {
namespace {

// Spaces up to this many points before any rule are held with the rules of the protocol; of larger
// ones these rules, which read most parameters together, are asked point by point.
constexpr std::uint64_t kMostJoined = 1'000'000;

Hash hashOf(const Space& space) {
  std::string text;
  for (const ParamInfo& param : allParams()) {
    const Domain& domain = space.domain(param.id);
    text += param.name;
    if (domain.derived)
      text += fmt::format(" = {}", info(domain.follows).name);
    for (const std::int64_t value : domain.values)
      text += fmt::format(" {}", value);
    text += "\n";
  }
  for (const SpaceConstraint& constraint : space.constraints)
    text += constraint.text + "\n";
  return Hash::of(text);
}

} // namespace

Result<Searched> searchedOf(const Job& job, const Problem& problem, const Environment& environment,
                            TrialStore& store, PriorFrom prior, Arena& arena,
                            TuneProgress& progress) {
  const bool isSmall = job.space.rawSize() <= kMostJoined;
  // Where a measurement costs more than a lowering, points of one program are told apart first.
  const bool measures =
      environment.runner != kSimRunner && environment.runner != ReplayRunner::kName;
  const bool asADevice = environment.runner == kSimRunner && prior == PriorFrom::sim;
  const bool narrows = isSmall && (measures || asADevice);
  Space space = narrows ? distinctSpace(job, problem, arena, progress.looking()) : job.space;
  const RuleSet rules = isSmall ? RuleSet::all : RuleSet::withoutProtocol;
  auto points = PointSet::build(problem, job.soc, space, {.rules = rules, .without = {}});
  if (!points)
    return points.error();
  std::shared_ptr<const search::LegalSpace> configurations;
  Predictions predictions;
  if (points->count() > 0 && !progress.stop) {
    const auto made = search::spaceOf(*points);
    if (!made)
      return made.error();
    configurations = *made;
    auto predicted =
        prior == PriorFrom::sim  ? simulatedPredictions(job, problem, *points, arena, progress)
        : prior == PriorFrom::db ? storedPredictions(store, environment, problem, *points)
                                 : Result<Predictions>(Predictions{});
    if (!predicted)
      return predicted.error();
    predictions = *std::move(predicted);
  }
  std::string text = fmt::format("problem={} space={} points={}", problem.hash().hex(),
                                 hashOf(space).hex(), points->count());
  if (predictions.prior)
    text += fmt::format(" prior={}", predictions.hash.hex());
  return Searched{.space = std::move(space),
                  .rules = rules,
                  .points = *std::move(points),
                  .configurations = std::move(configurations),
                  .predictions = std::move(predictions),
                  .text = std::move(text)};
}

} // namespace ptotune
