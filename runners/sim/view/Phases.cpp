#include "runners/sim/view/Phases.h"

#include "runners/sim/data/Operands.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace ptotune::sim {
namespace {

constexpr std::size_t kLongestPeriod = 16;

template <typename Range> std::string stageOfTiles(const Range& instrs) {
  for (const program::Instr* instr : instrs)
    if (instr->tile >= 0 && !instr->stage.empty())
      return instr->stage;
  return "";
}

// Everything about one block that its span is made of.
struct Seen {
  Tick firstWork = 0;
  Tick lastWork = 0;
  Tick entered = 0;                  // end of the first stage's last work
  std::map<std::int64_t, Tick> left; // by tile: start of the last stage's first work
};

std::map<std::int64_t, Seen> look(const Recording& recording, const Phases& phases) {
  std::map<std::int64_t, Seen> blocks;
  for (const Work& work : recording.works()) {
    const std::int64_t number = recording.issue(work.what).block;
    if (number == kUndefined)
      continue;
    const auto [found, fresh] = blocks.try_emplace(number);
    Seen& block = found->second;
    if (fresh)
      block.firstWork = work.start;
    block.firstWork = std::min(block.firstWork, work.start);
    block.lastWork = std::max(block.lastWork, work.end);
    const std::string& stage = recording.instr(work.what).stage;
    if (stage == phases.firstStage)
      block.entered = std::max(block.entered, work.end);
    if (stage == phases.lastStage && work.what.tile != kUndefined) {
      const auto [tile, first] = block.left.try_emplace(work.what.tile, work.start);
      if (!first)
        tile->second = std::min(tile->second, work.start);
    }
  }
  return blocks;
}

} // namespace

Phases phasesOf(const Recording& recording) {
  Phases phases;
  const auto cube = listing(recording.program().cube);
  auto vector = listing(recording.program().vector);
  std::ranges::reverse(vector);
  phases.firstStage = stageOfTiles(cube);
  phases.lastStage = stageOfTiles(vector);

  std::vector<std::pair<std::int64_t, Seen>> seen;
  for (auto& block : look(recording, phases))
    if (!block.second.left.empty())
      seen.emplace_back(block);
  std::ranges::sort(seen, {}, [](const auto& block) { return block.second.firstWork; });
  Tick reached = 0;
  for (const auto& [number, block] : seen) {
    BlockSpan span{.block = number, .begin = reached};
    for (const auto& [tile, start] : block.left)
      span.tiles.push_back(start);
    std::ranges::sort(span.tiles);
    span.steady = std::max(reached, span.tiles.front());
    span.drain = std::max(span.steady, block.entered);
    span.end = std::max(span.drain, block.lastWork);
    reached = span.end;
    phases.blocks.push_back(std::move(span));
  }
  return phases;
}

std::int64_t periodOf(const Recording& recording, const BlockSpan& block, std::size_t from) {
  using Shape = std::tuple<Tick, Tick, int, std::int32_t>; // start, length, core, instruction
  const auto shapesIn = [&](Tick begin, Tick end) {
    std::multiset<Shape> shapes;
    for (const Work& work : recording.works())
      if (work.start >= begin && work.start < end)
        shapes.emplace(work.start - begin, work.end - work.start, work.what.core, work.what.instr);
    return shapes;
  };
  const std::vector<Tick>& tiles = block.tiles;
  for (std::size_t period = 1; period <= kLongestPeriod; ++period) {
    if (from + 2 * period >= tiles.size() || tiles[from + 2 * period] > block.drain)
      return 0;
    const Tick begin = tiles[from];
    const Tick middle = tiles[from + period];
    const Tick end = tiles[from + 2 * period];
    if (middle - begin == end - middle && shapesIn(begin, middle) == shapesIn(middle, end))
      return static_cast<std::int64_t>(period);
  }
  return 0;
}

} // namespace ptotune::sim
