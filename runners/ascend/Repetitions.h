// When enough samples of a time have been taken.
#pragma once

#include "runners/Runner.h"

#include <optional>
#include <span>

namespace ptotune::ascend {

// Width of the 95 % confidence interval of the median, in parts of the median, from order
// statistics (no assumption on the distribution; Conover, Practical Nonparametric Statistics,
// normal approximation of the ranks). Nothing for fewer samples than carry such an interval (6).
std::optional<double> relativeWidth(std::span<const double> seconds);

// At least the budget's least number, and a narrow interval or the most.
bool enough(std::span<const double> seconds, const Budget& budget);

// "" where opLimit < streamWait < limit and the numbers of runs make sense, else what does not.
Status checkBudget(const Budget& budget);

} // namespace ptotune::ascend
