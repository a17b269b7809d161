#include "tuner/search/study/Score.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ptotune::search {
namespace {

constexpr double kStart = 0.01;
constexpr double kCutoff = 0.95;
constexpr double kMargin = 0.1;

double medianOf(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double meanOf(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Equidistant, both ends included.
std::vector<double> spread(double first, double last, std::size_t count) {
  std::vector<double> places(count);
  for (std::size_t i = 0; i < count; ++i)
    places[i] = first + (last - first) * static_cast<double>(i) / static_cast<double>(count - 1);
  return places;
}

double signOf(double value) {
  return value > 0 ? 1 : value < 0 ? -1 : 0;
}

// The three-point slope at an end; `near` and `far` tell the two intervals next to it.
double endSlope(double nearWidth, double farWidth, double near, double far) {
  const double slope =
      ((2 * nearWidth + farWidth) * near - nearWidth * far) / (nearWidth + farWidth);
  if (signOf(slope) != signOf(near))
    return 0;
  if (signOf(near) != signOf(far) && std::abs(slope) > 3 * std::abs(near))
    return 3 * near;
  return slope;
}

std::vector<double> slopesOf(std::span<const double> width, std::span<const double> rise) {
  const std::size_t intervals = width.size();
  std::vector<double> slopes(intervals + 1, rise[0]);
  if (intervals == 1)
    return slopes;
  for (std::size_t i = 1; i < intervals; ++i) {
    const double before = 2 * width[i] + width[i - 1];
    const double after = width[i] + 2 * width[i - 1];
    slopes[i] = signOf(rise[i - 1]) * signOf(rise[i]) > 0
                    ? (before + after) / (before / rise[i - 1] + after / rise[i])
                    : 0;
  }
  slopes.front() = endSlope(width[0], width[1], rise[0], rise[1]);
  slopes.back() = endSlope(width[intervals - 1], width[intervals - 2], rise[intervals - 1],
                           rise[intervals - 2]);
  return slopes;
}

} // namespace

std::vector<double> interpolateMonotone(std::span<const double> x, std::span<const double> y,
                                        std::span<const double> at) {
  std::vector<double> width(x.size() - 1);
  std::vector<double> rise(x.size() - 1);
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    width[i] = x[i + 1] - x[i];
    rise[i] = (y[i + 1] - y[i]) / width[i];
  }
  const std::vector<double> slopes = slopesOf(width, rise);
  std::vector<double> values;
  values.reserve(at.size());
  for (const double place : at) {
    const auto after = std::ranges::upper_bound(x, place) - x.begin();
    const auto j = static_cast<std::size_t>(
        std::clamp<std::ptrdiff_t>(after - 1, 0, static_cast<std::ptrdiff_t>(x.size()) - 2));
    const double u = (place - x[j]) / width[j];
    values.push_back((1 + 2 * u) * (1 - u) * (1 - u) * y[j] +
                     u * (1 - u) * (1 - u) * width[j] * slopes[j] + u * u * (3 - 2 * u) * y[j + 1] +
                     u * u * (u - 1) * width[j] * slopes[j + 1]);
  }
  return values;
}

Result<Yardstick> Yardstick::make(const Recording& recording) {
  Yardstick stick;
  std::vector<double> costs;
  std::vector<double> valid;
  std::vector<double> failed;
  for (Index i = 0; i < recording.outcomes.size(); ++i) {
    if (recording.positions[i] == Recording::kNowhere)
      continue;
    const Outcome& outcome = recording.outcomes[i];
    costs.push_back(outcome.cost);
    (outcome.value ? valid : failed).push_back(outcome.cost);
    if (outcome.value)
      stick.sorted_.push_back(*outcome.value);
  }
  std::ranges::sort(stick.sorted_);
  if (stick.sorted_.empty() || stick.sorted_.front() == stick.sorted_.back())
    return Error{.message = "a recorded space has nothing to search: no two values differ",
                 .key = recording.name};
  stick.median_ = medianOf(stick.sorted_);
  const double share = static_cast<double>(failed.size()) / static_cast<double>(costs.size());
  const double meanCost = meanOf(valid) + (failed.empty() ? 0 : share * meanOf(failed));
  auto first = static_cast<double>(stick.evaluationsFor(kStart));
  stick.last_ = stick.evaluationsFor(kCutoff);
  if (static_cast<double>(stick.last_) - first < 2) {
    ++stick.last_;
    --first;
  }
  const double medianCost = medianOf(costs);
  const double end = static_cast<double>(stick.last_) * medianCost;
  stick.limit_ = end * (1 + kMargin);
  stick.times_ = spread(first * medianCost, end, kPoints);
  stick.setRandomValues(meanCost);
  return stick;
}

std::uint64_t Yardstick::evaluationsFor(double share) const {
  const double target = sorted_.front() + (median_ - sorted_.front()) * (1 - share);
  // Position of the first value at most `target`, with the worst first.
  const auto better = std::ranges::upper_bound(sorted_, target) - sorted_.begin();
  auto position = static_cast<double>(sorted_.size()) - static_cast<double>(better);
  if (sorted_[static_cast<std::size_t>(better) - 1] == sorted_.front())
    position -= 1;
  const auto count = static_cast<double>(sorted_.size());
  return static_cast<std::uint64_t>(std::ceil(std::max(0.0, position) / (count + 1 - position)));
}

double Yardstick::expectedBest(double count) const {
  const auto size = static_cast<double>(sorted_.size());
  const double position = std::min(size - 1, std::nearbyint(count * (size + 1) / (count + 1)));
  return sorted_[sorted_.size() - 1 - static_cast<std::size_t>(position)];
}

void Yardstick::setRandomValues(double meanCost) {
  std::vector<double> counts;
  counts.reserve(times_.size());
  for (const double time : times_)
    counts.push_back(std::nearbyint(std::max(time / meanCost, 1.0)));
  std::vector<double> distinct = counts;
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::vector<double> bests;
  bests.reserve(distinct.size());
  for (const double count : distinct)
    bests.push_back(expectedBest(count));
  if (distinct.size() > 1)
    random_ = interpolateMonotone(distinct, bests, spread(counts.front(), counts.back(), kPoints));
  else
    random_.assign(kPoints, bests.front());
}

std::optional<std::size_t> Yardstick::rank(const Outcome& outcome) const {
  if (!outcome.value)
    return std::nullopt;
  return static_cast<std::size_t>(std::ranges::lower_bound(sorted_, *outcome.value) -
                                  sorted_.begin());
}

std::vector<double> Yardstick::performance(std::span<const double> meanRanks) const {
  std::vector<double> performance;
  performance.reserve(meanRanks.size());
  for (std::size_t i = 0; i < meanRanks.size(); ++i) {
    const double rank =
        std::clamp(std::nearbyint(meanRanks[i]), 0.0, static_cast<double>(sorted_.size() - 1));
    performance.push_back((random_[i] - sorted_[static_cast<std::size_t>(rank)]) /
                          (random_[i] - sorted_.front()));
  }
  return performance;
}

std::vector<double> RankCurves::mean(std::span<const std::uint32_t> chosen,
                                     std::size_t valid) const {
  std::vector<double> sums(Yardstick::kPoints, 0);
  std::vector<double> counts(Yardstick::kPoints, 0);
  for (const std::uint32_t repeat : chosen) {
    const auto ranks = of(repeat);
    for (std::size_t i = 0; i < ranks.size(); ++i)
      if (ranks[i] >= 0) {
        sums[i] += ranks[i];
        counts[i] += 1;
      }
  }
  double least = static_cast<double>(valid) - 1;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    least = std::min(least, counts[i] > 0 ? sums[i] / counts[i] : least);
    sums[i] = least;
  }
  return sums;
}

} // namespace ptotune::search
