#include "tuner/search/surrogate/Targets.h"

#include <algorithm>
#include <cmath>

namespace ptotune::search {
namespace {

constexpr double kSmallest = 1e-300; // values are times; anything not positive counts as this

double logOf(double value) {
  return std::log(std::max(value, kSmallest));
}

} // namespace

TargetScale::TargetScale(std::span<const Observation> history, double compression,
                         double failedValue)
    : compression_(compression), failedValue_(failedValue) {
  std::vector<double> values;
  for (const Observation& one : history)
    if (one.outcome.value)
      values.push_back(logOf(*one.outcome.value));
  if (!values.empty()) {
    std::ranges::sort(values);
    median_ = values[values.size() / 2];
    if (median_ > values.front())
      unit_ = median_ - values.front();
  }
  center(history);
}

Posterior::Targets TargetScale::raw(const Outcome& outcome) const {
  const double cost = logOf(std::max(outcome.cost, 1e-9));
  if (!outcome.value)
    return {failedValue_, 1, cost};
  const double value = (logOf(*outcome.value) - median_) / unit_;
  return {value > 0 ? compression_ * std::log1p(value) : value, 0, cost};
}

void TargetScale::center(std::span<const Observation> history) {
  means_ = {};
  double squares = 0;
  const auto count = static_cast<double>(history.size());
  for (const Observation& one : history) {
    const Posterior::Targets targets = raw(one.outcome);
    for (std::size_t t = 0; t < targets.size(); ++t)
      means_[t] += targets[t] / count;
    squares += targets[kValue] * targets[kValue] / count;
  }
  sigma_ = std::sqrt(std::max(1e-6, squares - means_[kValue] * means_[kValue]));
}

Posterior::Targets TargetScale::centred(const Outcome& outcome) const {
  Posterior::Targets targets = raw(outcome);
  for (std::size_t t = 0; t < targets.size(); ++t)
    targets[t] -= means_[t];
  return targets;
}

double TargetScale::validity(double failure) const {
  return std::clamp(1 - (failure + means_[kFailure]), 0.01, 1.0);
}

double improvement(double z) {
  if (z < -12)
    return 0;
  const double density = 0.3989422804014327 * std::exp(-0.5 * z * z);
  const double below = 0.5 * std::erfc(-0.7071067811865476 * z);
  return z * below + density;
}

} // namespace ptotune::search
