#include "tuner/search/study/Trials.h"

namespace ptotune::search {
namespace {

constexpr const char* kAdvice = "check that the trials are of this problem and space";

} // namespace

Result<std::shared_ptr<const LegalSpace>> spaceOf(const PointSet& points) {
  return LegalSpace::make(points.set());
}

Result<Recording> recordingOf(std::string name, const PointSet& points,
                              std::span<const Trial> trials) {
  const auto space = spaceOf(points);
  if (!space)
    return space.error();
  Recording recording{.name = std::move(name), .space = *space};
  recording.outcomes.resize(points.count());
  recording.positions.assign(points.count(), Recording::kNowhere);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const Trial& trial = trials[i];
    const auto index = points.rank(trial.point);
    if (!index || trial.status == TrialStatus::pruned)
      continue;
    std::size_t& position = recording.positions[*index];
    Outcome& outcome = recording.outcomes[*index];
    if (position != Recording::kNowhere && (outcome.value || !trial.time()))
      continue;
    recording.results += position == Recording::kNowhere ? 1 : 0;
    position = i;
    outcome = {.value = trial.time(), .cost = trial.prepareSeconds + trial.measureSeconds};
  }
  if (recording.results == 0)
    return Error{.message = "no trial is of a legal point of the space",
                 .key = recording.name,
                 .advice = kAdvice};
  return recording;
}

Result<std::shared_ptr<const Prior>> priorOf(const PointSet& points,
                                             std::span<const Trial> trials) {
  const auto recording = recordingOf("prior", points, trials);
  if (!recording)
    return recording.error();
  std::vector<Prior::Prediction> predictions;
  for (Index index = 0; index < recording->outcomes.size(); ++index)
    if (const auto& value = recording->outcomes[index].value)
      predictions.push_back({index, *value});
  if (predictions.empty())
    return Error{.message = "no trial of a legal point has a time", .advice = kAdvice};
  return std::make_shared<const Prior>(std::move(predictions));
}

} // namespace ptotune::search
