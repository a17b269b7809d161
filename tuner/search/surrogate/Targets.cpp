#include "tuner/search/surrogate/Targets.h"

#include <algorithm>
#include <cmath>

namespace ptotune::search {
namespace {

constexpr double kSmallest = 1e-300; // values are times; anything not positive counts as this
constexpr double kPriorWeight = 4;   // observations that the prior's spread counts as
constexpr double kFailedSpreads = 2; // of a failed configuration above its prediction

double logOf(double value) {
  return std::log(std::max(value, kSmallest));
}

} // namespace

TargetScale::TargetScale(std::span<const Observation> history, std::shared_ptr<const Prior> prior,
                         const Settings& settings)
    : prior_(std::move(prior)), settings_(settings) {
  std::vector<double> values;
  for (const Observation& one : history)
    if (one.outcome.value)
      values.push_back(logOf(*one.outcome.value));
  if (!prior_ && !values.empty()) {
    std::ranges::sort(values);
    median_ = values[values.size() / 2];
    if (median_ > values.front())
      unit_ = median_ - values.front();
  }
  center(history);
}

double TargetScale::rawHeight(double value) const {
  const double height = (logOf(value) - median_) / unit_;
  return prior_ || height < 0 ? height : settings_.compression * std::log1p(height);
}

double TargetScale::height(double value) const {
  return rawHeight(value) - means_[kValue];
}

double TargetScale::offset(Index index) const {
  return prior_ ? logOf(prior_->at(index)) : 0;
}

Posterior::Targets TargetScale::raw(Index index, const Outcome& outcome) const {
  const double cost = logOf(std::max(outcome.cost, 1e-9));
  if (outcome.value)
    return {rawHeight(*outcome.value) - offset(index), 0, cost};
  // Above the common factor, which is in means_ once it is known.
  return {prior_ ? means_[kValue] + kFailedSpreads * settings_.priorSpread : settings_.failedValue,
          1, cost};
}

void TargetScale::center(std::span<const Observation> history) {
  Posterior::Targets sums = {};
  double squares = 0;
  double valid = 0;
  const auto count = static_cast<double>(history.size());
  for (const Observation& one : history) {
    const Posterior::Targets targets = raw(one.index, one.outcome);
    sums[kFailure] += targets[kFailure];
    sums[kCost] += targets[kCost];
    if (prior_ && !one.outcome.value)
      continue;
    sums[kValue] += targets[kValue];
    squares += targets[kValue] * targets[kValue];
    valid += 1;
  }
  means_ = {valid > 0 ? sums[kValue] / valid : 0, count > 0 ? sums[kFailure] / count : 0,
            count > 0 ? sums[kCost] / count : 0};
  const double spread = std::max(0.0, squares - valid * means_[kValue] * means_[kValue]);
  const double weight = prior_ ? kPriorWeight : 0;
  const double expected = settings_.priorSpread * settings_.priorSpread;
  sigma_ = std::sqrt(std::max(1e-6, (spread + weight * expected) / std::max(1.0, valid + weight)));
}

Posterior::Targets TargetScale::centred(Index index, const Outcome& outcome) const {
  Posterior::Targets targets = raw(index, outcome);
  for (std::size_t t = 0; t < targets.size(); ++t)
    targets[t] -= means_[t];
  return targets;
}

double TargetScale::validity(double failure) const {
  return std::clamp(1 - (failure + means_[kFailure]), 0.01, 1.0);
}

double chanceBelow(double z) {
  return 0.5 * std::erfc(-0.7071067811865476 * z);
}

double improvement(double z) {
  if (z < -12)
    return 0;
  return z * chanceBelow(z) + 0.3989422804014327 * std::exp(-0.5 * z * z);
}

} // namespace ptotune::search
