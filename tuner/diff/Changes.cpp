#include "tuner/diff/Changes.h"

namespace ptotune {
namespace {

bool oneDepth(const Point& point) {
  return point.slotNumQK() == point.slotNumP() && point.slotNumP() == point.slotNumPV();
}

bool ringFollows(const Point& point) {
  return oneDepth(point) && point.expRing() == point.slotNumQK();
}

} // namespace

std::vector<Change> changesOf(const Point& from, const Point& to) {
  const bool depthIsOne = oneDepth(from) && oneDepth(to);
  const bool ringIsDepth = ringFollows(from) && ringFollows(to);
  std::vector<Change> changes;
  for (const ParamInfo& param : allParams()) {
    if (from[param.id] == to[param.id])
      continue;
    if (depthIsOne && (param.id == Param::slotNumP || param.id == Param::slotNumPV))
      continue;
    if (ringIsDepth && param.id == Param::expRing)
      continue;
    const bool depth = depthIsOne && param.id == Param::slotNumQK;
    changes.push_back({depth ? "SlotNum" : std::string(param.name),
                       valueText(param.id, from[param.id]), valueText(param.id, to[param.id])});
  }
  return changes;
}

} // namespace ptotune
