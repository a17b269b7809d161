// For which other shapes a configuration is proven as well.
#pragma once

#include "space/Point.h"
#include "space/Problem.h"
#include "space/Soc.h"

#include <cstdint>

namespace ptotune {

// A point that is legal for one shape need not be so for another: with more tiles a pipeline may
// hang that had too few of them to do so, and partial results grow with the query rows. Within
// these limits every shape that the tiles divide is legal.
struct Reach {
  std::int64_t maxS0 = 0;    // query rows; 0: no shape but its own
  std::int64_t maxTiles = 0; // of a key loop, s1 / TILE_S1 / KV_SPLIT

  bool operator==(const Reach&) const = default;
};

inline constexpr std::int64_t kNoLimit = 0x7fffffff; // as far as an int goes

// Asks space's rules about key loops of 1, 2, ... tiles, up to the first that is not legal or to
// where the protocol repeats itself (docs/protocol.md), and about the most query rows. Of `problem`
// head, dtype and family count; causal or not is one, as the loops of a causal problem are no
// longer than those.
Reach reachOf(const SocProfile& soc, const Problem& problem, const Point& point);

} // namespace ptotune
