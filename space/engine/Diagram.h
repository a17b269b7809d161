// The legal set, factored.
#pragma once

#include "space/engine/Value.h"

#include <cstdint>
#include <vector>

namespace ptotune::engine {

// Vocabulary: the parameters that have a choice are *levels*, numbered in the order in which rows
// are sorted. A level without a parent is a *root*; roots are independent of each other. A *node*
// of a level stands for a set of assignments to that level and those below it: a list of *edges*,
// one per value that can be completed, in domain order. An edge leads to one node of every child
// level, and what it stands for is the product of them. Equal sets of one level are one node, and
// no node is empty.
//
// The number of an assignment within its node counts, in this order, the assignments of the edges
// before its own, then the combinations of the children, the last child fastest.
struct Diagram {
  struct Node {
    std::uint64_t count = 0; // assignments
    std::uint32_t first = 0; // edge
    std::uint32_t size = 0;  // edges
  };

  struct Level {
    std::uint32_t parameter = 0;
    std::int32_t parent = -1;            // level
    std::uint32_t slot = 0;              // among the children of the parent
    std::uint32_t root = 0;              // node, where there is no parent
    std::vector<Cell> cells;             // the domain
    std::vector<std::uint32_t> children; // levels
    std::vector<Node> nodes;
    // By edge.
    std::vector<std::uint32_t> values; // index into cells
    std::vector<std::uint64_t> starts; // assignments of the edges before; empty without children
    std::vector<std::uint32_t> nexts;  // a node for each child
  };

  std::vector<Level> levels;
  std::vector<std::uint32_t> roots; // levels, ascending
  std::uint64_t count = 0;          // of the whole; zero leaves no levels

  std::size_t nodes() const;
  std::size_t edges() const;
  std::size_t bytes() const;
};

} // namespace ptotune::engine
