#include "runners/sim/view/Gantt.h"

#include <algorithm>
#include <array>

namespace ptotune::sim {
namespace {

// Windows that would show most of the run show all of it.
constexpr double kMostOfIt = 0.6;
// A steady window is at least this part of the longest other one, in whole periods.
constexpr double kLeastSteady = 0.4;
constexpr std::size_t kShownWithoutPeriod = 2; // tiles

// Lanes stand in the order of the data's way through a core.
constexpr std::array<Pipe, kPipeCount> kLaneOrder = {Pipe::s,   Pipe::mte2, Pipe::mte1, Pipe::m,
                                                     Pipe::fix, Pipe::v,    Pipe::mte3};

// Adds to a lane's bars, or to the last of them.
void addWork(const Recording& recording, const Work& work, GanttLane& lane,
             std::int64_t& lastBlock) {
  const std::string& stage = recording.instr(work.what).stage;
  const std::int64_t block = recording.issue(work.what).block;
  const bool same = !lane.bars.empty() && lane.bars.back().stage == stage &&
                    lane.bars.back().tile == work.what.tile && lastBlock == block;
  if (!same)
    lane.bars.push_back({stage, work.what.tile, work.start, work.end, {}});
  GanttBar& bar = lane.bars.back();
  bar.end = work.end;
  if (!bar.busy.empty() && bar.busy.back().second >= work.start)
    bar.busy.back().second = work.end;
  else
    bar.busy.emplace_back(work.start, work.end);
  lastBlock = block;
}

std::vector<GanttLane> lanesOf(const Recording& recording) {
  std::vector<GanttLane> lanes;
  std::vector<std::int64_t> lastBlocks;
  std::array<std::array<int, kPipeCount>, kCoreCount> places{};
  for (int core = 0; core < kCoreCount; ++core)
    for (const Pipe pipe : kLaneOrder) {
      places[static_cast<std::size_t>(core)][static_cast<std::size_t>(pipe)] =
          static_cast<int>(lanes.size());
      lanes.push_back({core, pipe, {}, {}});
      lastBlocks.push_back(kUndefined);
    }
  const auto placeOf = [&](const Executed& what) {
    return static_cast<std::size_t>(
        places[static_cast<std::size_t>(what.core)][static_cast<std::size_t>(what.pipe)]);
  };
  for (const Work& work : recording.works())
    addWork(recording, work, lanes[placeOf(work.what)], lastBlocks[placeOf(work.what)]);
  for (const StallEvent& stall : recording.stalls()) {
    if (stall.reason == StallReason::issue)
      continue;
    const std::string call = instrName(recording.program(), recording.instr(stall.what));
    lanes[placeOf(stall.what)].waits.push_back({stall.reason, stall.from, stall.to, call});
  }
  std::erase_if(lanes,
                [](const GanttLane& lane) { return lane.bars.empty() && lane.waits.empty(); });
  return lanes;
}

// Stages with tiles by the time at which each first works, then the others.
std::vector<std::string> stagesOf(const Recording& recording) {
  std::vector<std::pair<Tick, std::string>> tiled;
  std::vector<std::pair<Tick, std::string>> others;
  for (const Work& work : recording.works()) {
    const std::string& stage = recording.instr(work.what).stage;
    auto& stages = work.what.tile != kUndefined ? tiled : others;
    const auto found = std::ranges::find(stages, stage, &std::pair<Tick, std::string>::second);
    if (found == stages.end())
      stages.emplace_back(work.start, stage);
    else
      found->first = std::min(found->first, work.start);
  }
  std::vector<std::string> names;
  for (auto* stages : {&tiled, &others}) {
    std::ranges::sort(*stages);
    for (const auto& [start, stage] : *stages)
      if (std::ranges::find(names, stage) == names.end())
        names.push_back(stage);
  }
  return names;
}

void chooseWindows(const Recording& recording, const Phases& phases, Gantt& gantt) {
  gantt.windows = {{"the whole run", 0, recording.end()}};
  if (phases.blocks.empty())
    return;
  const BlockSpan& first = phases.blocks.front();
  const BlockSpan& last = phases.blocks.back();
  const auto steadyTiles = static_cast<std::size_t>(
      std::ranges::upper_bound(first.tiles, first.drain) - first.tiles.begin());
  if (steadyTiles < 2)
    return;
  const std::size_t middle = steadyTiles / 2;
  gantt.periodTiles = periodOf(recording, first, middle);
  const auto step =
      gantt.periodTiles > 0 ? static_cast<std::size_t>(gantt.periodTiles) : kShownWithoutPeriod;
  const GanttWindow prologue{"prologue", 0, first.steady};
  const GanttWindow epilogue{"epilogue", last.drain, recording.end()};
  const double wanted =
      kLeastSteady * static_cast<double>(std::max(prologue.to, epilogue.to - epilogue.from));
  std::size_t at = middle;
  std::vector<Tick> borders = {first.tiles[at]};
  while (at + step < steadyTiles &&
         (borders.size() < 2 || static_cast<double>(borders.back() - borders.front()) < wanted)) {
    at += step;
    borders.push_back(first.tiles[at]);
  }
  const Tick shown = prologue.to + (epilogue.to - epilogue.from) + borders.back() - borders.front();
  if (borders.size() < 2 || borders.front() < prologue.to ||
      static_cast<double>(shown) > kMostOfIt * static_cast<double>(recording.end()))
    return;
  gantt.windows = {prologue, {"steady", borders.front(), borders.back()}, epilogue};
  if (gantt.periodTiles > 0)
    gantt.periods = borders;
}

} // namespace

Gantt makeGantt(const Recording& recording, const Phases& phases) {
  Gantt gantt;
  gantt.kernel = recording.program().name;
  gantt.ticksPerMicrosecond = static_cast<double>(kTicksPerCycle) * recording.clockHz() / 1e6;
  gantt.end = recording.end();
  gantt.lanes = lanesOf(recording);
  gantt.stages = stagesOf(recording);
  chooseWindows(recording, phases, gantt);
  return gantt;
}

} // namespace ptotune::sim
