// How well a search does on a recorded space: the performance score P of F.-J. Willemsen et al.,
// "A methodology for comparing optimization algorithms for auto-tuning", Future Generation Computer
// Systems 159 (2024), https://doi.org/10.1016/j.future.2024.05.021, in the form in which Kernel
// Tuner tunes hyper-parameters.
#pragma once

#include "tuner/search/study/Recording.h"

#include <cstdint>
#include <span>
#include <vector>

namespace ptotune::search {

// The times at which a space is looked at, and what random search has at them. Times are the sums
// of the costs of first evaluations.
class Yardstick {
public:
  static constexpr std::size_t kPoints = 1000;

  // Fails where no two configurations have different values.
  static Result<Yardstick> make(const Recording& recording);

  double optimum() const { return sorted_.front(); }
  // Valid values, ascending.
  std::span<const double> values() const { return sorted_; }
  // How many values are better; nothing for a failed one.
  std::optional<std::size_t> rank(const Outcome& outcome) const;
  // A search may run until here.
  double limit() const { return limit_; }
  std::span<const double> times() const { return times_; }
  std::span<const double> randomValues() const { return random_; }
  // Evaluations within the window that random search is given.
  std::uint64_t windowEvaluations() const { return last_; }

  // P at each time, for the mean rank that the repeats of a search have there: 0 is random search,
  // 1 the optimum.
  std::vector<double> performance(std::span<const double> meanRanks) const;

private:
  Yardstick() = default;
  // Evaluations after which random search is expected to be `share` of the way from the median to
  // the optimum.
  std::uint64_t evaluationsFor(double share) const;
  // The value at the expected rank of the best of `count` draws without replacement.
  double expectedBest(double count) const;
  void setRandomValues(double meanCost);

  std::vector<double> sorted_;
  double median_ = 0;
  std::uint64_t last_ = 0;
  double limit_ = 0;
  std::vector<double> times_;
  std::vector<double> random_;
};

// By repeat and time: the rank of the best so far; negative while there is none.
class RankCurves {
public:
  explicit RankCurves(std::size_t repeats) : ranks_(repeats * Yardstick::kPoints, -1) {}

  std::span<std::int32_t> of(std::size_t repeat) {
    return std::span(ranks_).subspan(repeat * Yardstick::kPoints, Yardstick::kPoints);
  }
  std::span<const std::int32_t> of(std::size_t repeat) const {
    return std::span(ranks_).subspan(repeat * Yardstick::kPoints, Yardstick::kPoints);
  }
  std::size_t repeats() const { return ranks_.size() / Yardstick::kPoints; }

  // Over the repeats that have a best, the worst rank where none has; never rising with time. Each
  // repeat counts as often as it stands in `chosen`.
  std::vector<double> mean(std::span<const std::uint32_t> chosen, std::size_t valid) const;

private:
  std::vector<std::int32_t> ranks_;
};

// Monotone piecewise cubic interpolation, F. N. Fritsch and J. Butland, SIAM J. Sci. Stat. Comput.
// 5 (1984): y(x) at the places `at`. `x` ascends and has two entries at least.
std::vector<double> interpolateMonotone(std::span<const double> x, std::span<const double> y,
                                        std::span<const double> at);

} // namespace ptotune::search
