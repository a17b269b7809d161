#include "tuner/search/bnb/Dominance.h"

#include "space/fa/FaSchedule.h"

#include <algorithm>

namespace ptotune::search {
namespace {

// TALLOC of tile `alloc` comes after TFREE of tile `free`.
struct Wait {
  std::int64_t alloc;
  std::int64_t free;
};

std::vector<Wait> waitsOf(const SocProfile& soc, std::int64_t slots, std::int64_t tiles) {
  const std::int64_t period = soc.syncPeriod(static_cast<int>(slots));
  const std::int64_t first = (slots + period - 1) / period * period;
  std::vector<Wait> waits;
  std::int64_t credit = 0;
  for (std::int64_t tile = first; tile < tiles; tile += period, ++credit)
    waits.push_back({tile, (credit + 1) * period - 1});
  // Closing takes the credits that are left, so it waits for the last one.
  if (credit < tiles / period)
    waits.push_back({tiles, tiles / period * period - 1});
  return waits;
}

bool implied(const Wait& wait, std::span<const Wait> by) {
  return std::ranges::any_of(
      by, [&](const Wait& one) { return one.alloc <= wait.alloc && one.free >= wait.free; });
}

} // namespace

bool dominates(const SocProfile& soc, std::int64_t a, std::int64_t b,
               std::span<const std::int64_t> tiles) {
  if (a == b)
    return true;
  return std::ranges::all_of(tiles, [&](std::int64_t count) {
    const auto waits = waitsOf(soc, b, count);
    return std::ranges::all_of(waitsOf(soc, a, count),
                               [&](const Wait& wait) { return implied(wait, waits); });
  });
}

std::vector<std::int64_t> tileCounts(const Problem& problem, const Point& point) {
  std::vector<std::int64_t> counts;
  const std::int64_t blocks = problem.causal ? problem.s0 / point.cubeS0() : 1;
  for (std::int64_t block = 0; block < blocks; ++block)
    for (std::int64_t part = 0; part < point.kvSplit(); ++part)
      counts.push_back(fa::unitTiles(fa::blockTiles(problem, point, block), point.kvSplit(), part));
  std::ranges::sort(counts);
  const auto rest = std::ranges::unique(counts);
  counts.erase(rest.begin(), rest.end());
  return counts;
}

bool leavesTime(Param param, const Point& point) {
  return param == Param::expRing ||
         (param == Param::localSlotNum && point.pipeModel() == PipeModel::slot);
}

} // namespace ptotune::search
