// Which parameters differ among points, and the levels of their values.
#pragma once

#include "tuner/report/Report.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ptotune::report {

// In the order of Param. Ring depths that agree in every point are one column, SlotNum, and
// EXP_RING is none where it agrees with them.
std::vector<Column> columnsOf(std::span<const Point* const> points);

// The parameters that are no column, with the values that all points share.
std::string fixedText(std::span<const Point* const> points, std::span<const Column> columns);

// The level of the point's value; nothing where the column does not have it.
std::optional<std::size_t> levelOf(const Column& column, const Point& point);

} // namespace ptotune::report
