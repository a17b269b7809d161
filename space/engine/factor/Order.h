// The order in which variables are decided, as a tree.
#pragma once

#include "space/engine/Scratch.h"

#include <cstdint>
#include <span>

namespace ptotune::engine {

// Vocabulary: in a *pseudo-tree* of variables, those of any one condition lie on one path from a
// root downwards. What lies in different branches below a variable is independent once the
// variables above are given, so that the branches are never multiplied out. The *context* of a
// variable is the part of its ancestors that conditions on it or below it mention.
struct Tree {
  struct Place {
    std::uint32_t variable = 0;
    std::int32_t parent = -1;        // a place
    Scratch<std::uint32_t> children; // places, in order
    std::uint64_t below = 0;         // variables of this place and below, as bits
  };
  // Parents before children, every subtree contiguous: the order in which variables are decided
  // and rows are sorted.
  Scratch<Place> places;
  Scratch<std::uint32_t> placeOf; // by variable
};

// A small pseudo-tree of the variables, by eliminating greedily the one with the fewest contexts;
// `scopes` are the variables of each condition as bits. The leaf with the largest domain comes
// last.
Tree planTree(std::span<const std::size_t> domainSizes, std::span<const std::uint64_t> scopes);
// The variables in the order given, each below the one before.
Tree planChain(std::span<const std::uint32_t> variables);

} // namespace ptotune::engine
