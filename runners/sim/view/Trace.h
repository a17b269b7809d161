// A recorded run in the Trace Event Format, which Perfetto (ui.perfetto.dev) and chrome://tracing
// read: a process for each core, a track for each of its pipes and for the scalar unit.
//
// Slices are instructions, named "STAGE tile N: OP", and stalls, named by what is waited for. Flows
// lead from the work before a signal to the work, or the wait, that took it: event flags, unit
// flags, and FIFO slots from TPUSH to TPOP and from TFREE to TALLOC. Times are whole nanoseconds,
// written in microseconds; each end is rounded by itself, so slices of a track never overlap.
#pragma once

#include "runners/sim/Simulator.h"
#include "runners/sim/view/Recording.h"

#include <span>
#include <string>

namespace ptotune::sim {

// One launch of a kernel that runs at `start`.
struct TracedLaunch {
  const Recording* recording;
  const SimResult* result;
  double start = 0; // seconds
};
// Every launch has processes of its own.
std::string traceJson(std::span<const TracedLaunch> launches);
inline std::string traceJson(const Recording& recording, const SimResult& result) {
  const TracedLaunch launch{&recording, &result};
  return traceJson(std::span(&launch, 1));
}

} // namespace ptotune::sim
