#include "tuner/PointText.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

namespace ptotune {

std::string shortText(const Point& point) {
  constexpr std::string_view kSlotNum = "SlotNum";
  const Point base;
  const bool oneDepth =
      point.slotNumQK() == point.slotNumP() && point.slotNumP() == point.slotNumPV();
  const bool slotNum = oneDepth && point.slotNumQK() != base.slotNumQK();
  std::vector<std::string> parts;
  for (const ParamInfo& param : allParams()) {
    const std::int64_t value = point[param.id];
    if (param.id == Param::slotNumQK && slotNum)
      parts.push_back(fmt::format("{}={}", kSlotNum, value));
    const bool depth =
        param.id == Param::slotNumQK || param.id == Param::slotNumP || param.id == Param::slotNumPV;
    if (depth && oneDepth)
      continue;
    // SlotNum gives EXP_RING its value as well.
    const std::int64_t implied =
        param.id == Param::expRing && slotNum ? point.slotNumQK() : base[param.id];
    if (value != implied)
      parts.push_back(fmt::format("{}={}", param.name, valueText(param.id, value)));
  }
  return parts.empty() ? "the default point" : fmt::format("{}", fmt::join(parts, ","));
}

} // namespace ptotune
