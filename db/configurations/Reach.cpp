#include "db/configurations/Reach.h"

#include "space/Rules.h"
#include "space/fa/FaSchedule.h"

#include <numeric>

namespace ptotune {
namespace {

// Key loops that are looked at; longer ones stay unproven where the protocol has not come to its
// end by then.
constexpr std::int64_t kMostTiles = 4096;

class Asker {
public:
  Asker(const SocProfile& soc, const Problem& problem, const Point& point)
      : soc_(soc), problem_(problem), point_(point) {
    problem_.causal = false;
  }

  bool isLegal(std::int64_t blocks, std::int64_t tiles) {
    return legal({shape(blocks, tiles), soc_, point_});
  }

  // A key loop of so many tiles, as short as decides it.
  fa::ProtocolStructure structure(std::int64_t tiles) {
    return fa::protocolStructure(shape(1, tiles), point_, soc_);
  }

  // Whether the structure's verdict is that of all loops that are longer by whole periods.
  bool decidesLonger(const fa::ProtocolStructure& structure) const {
    return fa::analyse(structure, soc_.fftsCounterMax).longerToo;
  }

private:
  const Problem& shape(std::int64_t blocks, std::int64_t tiles) {
    problem_.s0 = blocks * point_.cubeS0();
    problem_.s1 = tiles * point_.tileS1() * point_.kvSplit();
    return problem_;
  }

  const SocProfile& soc_;
  Problem problem_;
  const Point& point_;
};

std::int64_t mostTiles(Asker& asker) {
  std::int64_t repeated = 0; // lengths at the end that a shorter one stands for
  for (std::int64_t tiles = 1; tiles <= kMostTiles; ++tiles) {
    const fa::ProtocolStructure structure = asker.structure(tiles);
    const bool isShortened = structure.tiles < tiles && asker.decidesLonger(structure);
    repeated = isShortened ? repeated + 1 : 0;
    if (repeated == 0 && !asker.isLegal(1, tiles))
      return tiles - 1;
    const std::int64_t period =
        std::lcm(std::lcm<std::int64_t, std::int64_t>(structure.periods[0], structure.periods[1]),
                 structure.periods[2]);
    if (repeated == period)
      return kNoLimit;
  }
  return kMostTiles;
}

std::int64_t mostRows(Asker& asker, std::int64_t rowsOfBlock) {
  std::int64_t fits = 1;
  std::int64_t beyond = kNoLimit / rowsOfBlock;
  if (asker.isLegal(beyond, 1))
    return kNoLimit;
  while (beyond - fits > 1) {
    const std::int64_t middle = fits + (beyond - fits) / 2;
    (asker.isLegal(middle, 1) ? fits : beyond) = middle;
  }
  return fits * rowsOfBlock;
}

} // namespace

Reach reachOf(const SocProfile& soc, const Problem& problem, const Point& point) {
  Asker asker(soc, problem, point);
  const std::int64_t tiles = mostTiles(asker);
  if (tiles == 0)
    return {};
  return {.maxS0 = mostRows(asker, point.cubeS0()), .maxTiles = tiles};
}

} // namespace ptotune
