// What the sharing of global memory and L2 between cores costs a run.
#pragma once

#include "codegen/program/Program.h"
#include "runners/sim/Simulator.h"
#include "space/Problem.h"
#include "space/Result.h"
#include "space/Soc.h"

namespace ptotune::sim {

// Seconds of the device, all launches. Each is the run's time less the time of the same run without
// that effect, so the two need not add up: where one keeps a core waiting anyway, the other costs
// nothing on top.
struct SharingCost {
  double contention = 0; // other active cores at the port to L2 (GmSharing)
  double capacity = 0;   // of L2: what the rings, K and V of all active cores have beyond it
};

// Of a run that finished in `seconds`; two further runs.
Result<SharingCost> sharingCost(const program::Program& program, const SocProfile& soc,
                                const Problem& problem, double seconds);

} // namespace ptotune::sim
