// What would make a rejected point legal: the smallest changes, found by asking the rules.
#pragma once

#include "space/Rules.h"

#include <cstddef>
#include <string>
#include <vector>

namespace ptotune {

struct Repair {
  std::string text; // "SlotNumP=3", as Point::parse() takes it with the rejected point as base
  Point point;      // legal, and within the space's constraints
};

// Changes one parameter at a time to values of the space, two where no single one will do. For each
// choice of parameters the nearest value that is legal, nearest first, at most `most`. Parameters
// that follow another one in the space, or that SlotNum sets together, move together as well.
// Empty: nothing of that kind is legal.
std::vector<Repair> repairs(const RuleContext& rejected, const Space& space, std::size_t most);

} // namespace ptotune
