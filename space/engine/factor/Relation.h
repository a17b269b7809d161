// All assignments that the conditions of one group of variables allow, as a decision diagram.
#pragma once

#include "space/engine/code/Lowering.h"

#include <cstdint>
#include <span>

namespace ptotune::engine {

// Vocabulary: a *node* of level l stands for a set of assignments to the variables of level l and
// deeper; `next` gives, for each value of its variable, the node of level l + 1 that remains. The
// two nodes kNothing and kAnything exist at every level and after the last one. Equal sets of one
// level are one node, and neither the empty nor the full set has a node of its own: a partial
// assignment leads to kNothing exactly when it cannot be completed, and to kAnything exactly when
// the group has no more to say.
struct Relation {
  static constexpr std::uint32_t kNothing = 0;
  static constexpr std::uint32_t kAnything = 1;
  static constexpr std::uint32_t kFirst = 2; // number of a level's first own node

  struct Level {
    std::uint32_t variable = 0;
    std::uint32_t size = 0;       // of the variable's domain
    std::uint32_t words = 0;      // per node, at the last level
    Scratch<std::uint32_t> next;  // size per node; not at the last level
    Scratch<std::uint64_t> masks; // words per node, bit i for value i; only at the last level
    std::uint32_t nodes = 0;
  };
  Scratch<Level> levels;
  std::uint32_t root = kNothing;

  bool isLast(std::size_t level) const { return level + 1 == levels.size(); }
  std::uint32_t next(std::size_t level, std::uint32_t node, std::uint32_t value) const {
    if (node < kFirst)
      return node;
    const Level& at = levels[level];
    if (isLast(level))
      return at.masks[std::size_t{node - kFirst} * at.words + value / 64] >> (value % 64) & 1;
    return at.next[std::size_t{node - kFirst} * at.size + value];
  }
};

// How much work building did and may do.
struct BuildEffort {
  std::uint64_t evaluations = 0; // assignments for which conditions were decided
  std::uint64_t most = ~std::uint64_t{0};

  bool isSpent() const { return evaluations > most; }
};

// `variables` in the order of their levels; the conditions mention no others. Meaningless when the
// effort is spent.
Relation buildRelation(const Model& model, const Lowered& lowered,
                       std::span<const std::uint32_t> variables,
                       std::span<const Condition> conditions, BuildEffort& effort);

} // namespace ptotune::engine
