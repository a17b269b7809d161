// A run as bars on lanes, for pictures and terminals: the prologue, a steady period and the
// epilogue, or the whole run where it is short.
//
// Vocabulary
//   lane     a pipe of a core that does something; the scalar unit's lane has only its waits
//   bar      what a pipe does for one tile of one stage without another's work between
//   window   a stretch of time that is shown
#pragma once

#include "runners/sim/Simulator.h"
#include "runners/sim/view/Phases.h"
#include "runners/sim/view/Recording.h"

#include <string>
#include <utility>
#include <vector>

namespace ptotune::sim {

struct GanttBar {
  std::string stage;
  std::int64_t tile = kUndefined;
  Tick start = 0;
  Tick end = 0;
  std::vector<std::pair<Tick, Tick>> busy; // the pipe's own work, in order, disjoint
};

struct GanttWait {
  StallReason reason = StallReason::issue;
  Tick from = 0;
  Tick to = 0;
  std::string before; // the instruction that waits
};

struct GanttLane {
  int core = 0;
  Pipe pipe = Pipe::s;
  std::vector<GanttBar> bars;
  std::vector<GanttWait> waits; // those on the scalar unit's issue are left out
};

struct GanttWindow {
  std::string title; // "prologue"
  Tick from = 0;
  Tick to = 0;
};

struct Gantt {
  std::string kernel;
  double ticksPerMicrosecond = 1;
  Tick end = 0;                     // of the run
  std::int64_t periodTiles = 0;     // of the steady state; 0 where it does not repeat exactly
  std::vector<Tick> periods;        // borders of the periods that are shown
  std::vector<GanttWindow> windows; // one: the whole run
  std::vector<GanttLane> lanes;
  std::vector<std::string> stages; // in the order of a tile's way, then those without tiles

  double microseconds(Tick ticks) const { return static_cast<double>(ticks) / ticksPerMicrosecond; }
};

Gantt makeGantt(const Recording& recording, const Phases& phases);

// A picture of 1200 px width. Colours follow the viewer's preference for light or dark.
std::string ganttSvg(const Gantt& gantt, const std::string& caption);

struct TerminalStyle {
  std::size_t width = 80;
  bool colour = false; // ANSI colours
};
// A line for each lane, a column for each slice of time: the letter of the stage that had most of
// it, small for odd tiles.
std::string ganttText(const Gantt& gantt, const TerminalStyle& style);

} // namespace ptotune::sim
