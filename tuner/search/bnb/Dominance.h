// Points that cannot be faster than others, told from the protocol alone. The lemmas, and the tests
// that hold them, stand in docs/bounds.md.
#pragma once

#include "space/Point.h"
#include "space/Problem.h"
#include "space/Soc.h"

#include <cstdint>
#include <span>
#include <vector>

namespace ptotune::search {

// Vocabulary: a ring of S slots with one credit in P tiles makes TALLOC(i) wait for TFREE(j) for
// certain pairs (i, j); closing waits like a TALLOC behind the last tile.

// Lemma 1: whether every wait of a ring of `a` slots is implied by a wait of one of `b` slots, for
// key loops of each of `tiles` tiles: a schedule is then never slower with `a` than with `b`.
bool dominates(const SocProfile& soc, std::int64_t a, std::int64_t b,
               std::span<const std::int64_t> tiles);

// Different tile counts of the problem's key loops.
std::vector<std::int64_t> tileCounts(const Problem& problem, const Point& point);

// Lemma 2: parameters that leave the time of a legal point as it is, in the form that the point
// has: EXP_RING, whose entries are chosen by the scalar unit's arithmetic, and LocalSlotNum where
// nothing is popped as a tile.
bool leavesTime(Param param, const Point& point);

} // namespace ptotune::search
