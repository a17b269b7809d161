#include "tuner/report/Columns.h"

#include <algorithm>
#include <set>

namespace ptotune::report {
namespace {

bool agree(std::span<const Point* const> points, Param a, Param b) {
  return std::ranges::all_of(points,
                             [&](const Point* point) { return (*point)[a] == (*point)[b]; });
}

bool depthsAgree(std::span<const Point* const> points) {
  return agree(points, Param::slotNumQK, Param::slotNumP) &&
         agree(points, Param::slotNumQK, Param::slotNumPV);
}

// Whether the parameter says no more than the depth of the QK ring does.
bool followsDepth(std::span<const Point* const> points, Param param, bool oneDepth) {
  if (!oneDepth)
    return false;
  return param == Param::slotNumP || param == Param::slotNumPV ||
         (param == Param::expRing && agree(points, Param::slotNumQK, Param::expRing));
}

} // namespace

std::vector<Column> columnsOf(std::span<const Point* const> points) {
  const bool oneDepth = depthsAgree(points);
  std::vector<Column> columns;
  for (const ParamInfo& param : allParams()) {
    std::set<std::int64_t> values;
    for (const Point* point : points)
      values.insert((*point)[param.id]);
    if (values.size() < 2 || followsDepth(points, param.id, oneDepth))
      continue;
    const bool depth = oneDepth && param.id == Param::slotNumQK;
    columns.push_back({depth ? "SlotNum" : std::string(param.name), param.id,
                       std::vector(values.begin(), values.end())});
  }
  return columns;
}

std::string fixedText(std::span<const Point* const> points, std::span<const Column> columns) {
  if (points.empty())
    return "";
  const bool oneDepth = depthsAgree(points);
  const Point& any = *points.front();
  std::string text;
  for (const ParamInfo& param : allParams()) {
    if (std::ranges::find(columns, param.id, &Column::param) != columns.end() ||
        followsDepth(points, param.id, oneDepth))
      continue;
    const bool depth = oneDepth && param.id == Param::slotNumQK;
    text += (text.empty() ? "" : ",") + (depth ? "SlotNum" : std::string(param.name)) + "=" +
            valueText(param.id, any[param.id]);
  }
  return text;
}

std::optional<std::size_t> levelOf(const Column& column, const Point& point) {
  const auto found = std::ranges::lower_bound(column.values, point[column.param]);
  if (found == column.values.end() || *found != point[column.param])
    return std::nullopt;
  return static_cast<std::size_t>(found - column.values.begin());
}

} // namespace ptotune::report
