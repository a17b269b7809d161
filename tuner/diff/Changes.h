// In which parameters two points differ.
#pragma once

#include "space/Point.h"

#include <string>
#include <vector>

namespace ptotune {

struct Change {
  std::string parameter; // the three depths are SlotNum where each point has one depth
  std::string from;
  std::string to;
};

// In the order of Param; EXP_RING is left out where it follows SlotNum in both.
std::vector<Change> changesOf(const Point& from, const Point& to);

} // namespace ptotune
