// The nodes above the points: prefixes and heads, with bounds from their resources.
#pragma once

#include "tuner/search/bnb/BranchAndBound.h"

#include <cstdint>
#include <vector>

namespace ptotune::search {

struct HeadNode {
  Point point;      // values of the prefix; the others mean nothing
  double bound = 0; // seconds; of the best head below
  bool isHead = false;
  std::vector<std::uint32_t> children; // nodes
};

// The root is the first node. Heads pass every rule that reads no parameter of the tail; there may
// be none, and then no nodes.
std::vector<HeadNode> headTree(const Problem& problem, const SocProfile& soc, const Space& space);

// Parameters of the tail that have a choice in this space, where the rest has these values: ring
// depths, and those that leave the time as it is.
struct Tail {
  std::vector<Param> depths;
  std::vector<Param> inert;
};
Tail tailOf(const Space& space, const Point& head);

// Sets a parameter and those that follow it.
void assign(const Space& space, Param param, std::int64_t value, Point& point);

} // namespace ptotune::search
