#include "db/Statistics.h"

#include "space/Hash.h"

#include <boost/math/distributions/normal.hpp>
#include <boost/math/statistics/univariate_statistics.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string_view>
#include <vector>

namespace ptotune {
namespace {

constexpr int kResamples = 2000;

// The values themselves seed the draw, so that nothing else has a say in the interval.
std::uint64_t seedOf(std::span<const double> sorted) {
  return Hash::of(
             std::string_view(reinterpret_cast<const char*>(sorted.data()), sorted.size_bytes()))
      .low;
}

// The value below which `share` of the sorted values lie: the nearest rank.
double quantile(std::span<const double> sorted, double share) {
  const double rank = std::ceil(share * static_cast<double>(sorted.size()));
  const auto last = static_cast<double>(sorted.size());
  return sorted[static_cast<std::size_t>(std::clamp(rank, 1.0, last)) - 1];
}

// n (n - 1) (2 n + 5), of which Mann and Kendall's variance is made.
double varianceTerm(double n) {
  return n * (n - 1) * (2 * n + 5);
}

double pValue(std::span<const double> values, std::int64_t score) {
  std::map<double, std::int64_t> ties;
  for (const double value : values)
    ++ties[value];
  double variance = varianceTerm(static_cast<double>(values.size()));
  for (const auto& [value, count] : ties)
    variance -= varianceTerm(static_cast<double>(count));
  variance /= 18;
  if (score == 0 || variance <= 0)
    return 1;
  const double z = (std::abs(static_cast<double>(score)) - 1) / std::sqrt(variance);
  return 2 * boost::math::cdf(boost::math::complement(boost::math::normal(), z));
}

} // namespace

double median(std::span<const double> samples) {
  std::vector<double> values(samples.begin(), samples.end());
  return boost::math::statistics::median(values.begin(), values.end());
}

Interval medianInterval(std::span<const double> samples, double confidence) {
  std::vector<double> sorted(samples.begin(), samples.end());
  std::ranges::sort(sorted);
  if (sorted.front() == sorted.back())
    return {sorted.front(), sorted.back()};
  std::mt19937_64 random(seedOf(sorted));
  std::vector<double> medians;
  std::vector<double> draw(sorted.size());
  medians.reserve(kResamples);
  for (int i = 0; i < kResamples; ++i) {
    for (double& value : draw)
      value = sorted[random() % sorted.size()];
    medians.push_back(median(draw));
  }
  std::ranges::sort(medians);
  const double tail = (1 - confidence) / 2;
  return {quantile(medians, tail), quantile(medians, 1 - tail)};
}

Trend trendOf(std::span<const double> values) {
  if (values.size() < kLeastForTrend)
    return {};
  std::int64_t score = 0;
  std::vector<double> slopes;
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t j = i + 1; j < values.size(); ++j) {
      score += (values[j] > values[i]) - (values[j] < values[i]);
      slopes.push_back((values[j] - values[i]) / static_cast<double>(j - i));
    }
  return {.p = pValue(values, score),
          .relative = median(slopes) * static_cast<double>(values.size() - 1) / median(values)};
}

} // namespace ptotune
