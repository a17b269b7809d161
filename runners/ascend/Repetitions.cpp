#include "runners/ascend/Repetitions.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace ptotune::ascend {

std::optional<double> relativeWidth(std::span<const double> seconds) {
  constexpr double kQuantile = 1.959964; // of the normal distribution, two-sided 95 %
  constexpr std::size_t kFewest = 6;     // 2 * 0.5^n < 0.05
  if (seconds.size() < kFewest)
    return std::nullopt;
  std::vector<double> sorted(seconds.begin(), seconds.end());
  std::ranges::sort(sorted);
  const auto count = static_cast<double>(sorted.size());
  const double half = kQuantile * std::sqrt(count) / 2;
  const auto last = static_cast<std::int64_t>(sorted.size()) - 1;
  const auto rank = [&](double at) {
    return static_cast<std::size_t>(
        std::clamp<std::int64_t>(static_cast<std::int64_t>(at), 0, last));
  };
  const double low = sorted[rank(std::ceil(count / 2 - half) - 1)];
  const double high = sorted[rank(std::ceil(count / 2 + half) - 1)];
  const std::size_t middle = sorted.size() / 2;
  const double median =
      sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return median > 0 ? (high - low) / median : 0;
}

bool enough(std::span<const double> seconds, const Budget& budget) {
  const auto count = static_cast<int>(seconds.size());
  if (count >= budget.maxRepetitions)
    return true;
  if (count < budget.minRepetitions)
    return false;
  const auto width = relativeWidth(seconds);
  return width && *width <= budget.relativeWidth;
}

Status checkBudget(const Budget& budget) {
  if (budget.opLimit.count() <= 0 || budget.opLimit >= budget.streamWait ||
      budget.streamWait >= budget.limit)
    return Error{.message = fmt::format("the limits of a measurement do not nest: op execution {}, "
                                        "stream wait {}, measurement {}",
                                        budget.opLimit, budget.streamWait, budget.limit),
                 .expected = "op execution < stream wait < measurement",
                 .advice = "so that the innermost limit names the fault"};
  if (budget.minRepetitions < 1 || budget.maxRepetitions < budget.minRepetitions ||
      budget.warmup < 0)
    return Error{.message =
                     fmt::format("repetitions from {} to {} and {} warm-up runs",
                                 budget.minRepetitions, budget.maxRepetitions, budget.warmup),
                 .expected = "1 <= least <= most"};
  return {};
}

} // namespace ptotune::ascend
