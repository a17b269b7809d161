// Statistics of measured times: small free functions.
#pragma once

#include <cstdint>
#include <span>

namespace ptotune {

struct Interval {
  double low = 0;
  double high = 0;

  bool operator==(const Interval&) const = default;
  bool overlaps(const Interval& other) const { return low <= other.high && other.low <= high; }
};

// The middle value, or the mean of the two in the middle. `samples` are not empty.
double median(std::span<const double> samples);

inline constexpr double kConfidence = 0.95;

// Percentile bootstrap interval of the median (Efron and Tibshirani, An Introduction to the
// Bootstrap, 1993, chapter 13), from 2,000 resamples. Equal samples, in any order, give the same
// interval. One sample is its own interval. Of fewer than about six samples it is their range,
// which holds the true median less often than `confidence` says.
Interval medianInterval(std::span<const double> samples, double confidence = kConfidence);

// What Mann and Kendall's test says of values in the order of their measurement.
struct Trend {
  double p = 1;        // of so strong a trend where there is none; 1 for fewer than kLeastForTrend
  double relative = 0; // change from the first value to the last along Theil and Sen's line, in
                       // parts of the median
};
inline constexpr std::size_t kLeastForTrend = 8;

// H. B. Mann, Nonparametric tests against trend, Econometrica 13, 1945, two-sided, with the
// correction for ties and for continuity (M. G. Kendall, Rank Correlation Methods, 1975); the slope
// by P. K. Sen, J. Am. Stat. Assoc. 63, 1968. Positive values.
Trend trendOf(std::span<const double> values);

} // namespace ptotune
