// Where a point's time goes on the virtual Ascend, stage by stage.
#pragma once

#include "runners/sim/Simulator.h"
#include "space/Bound.h"
#include "space/Job.h"

#include <array>
#include <string>
#include <vector>

namespace ptotune {

// What one stage does on one core; the second AIV does the same as the first.
struct StageTime {
  int core = 0; // 0 AIC, 1 its first AIV
  std::string stage;
  std::array<double, kPipeCount> busySeconds{};
  double waitSeconds = 0; // of its pipes, for data, credits and flags; not for being issued

  double busy() const; // of all its pipes
};

// All launches of the busiest core; parts are sums over them, the critical pipe the first's.
struct Breakdown {
  double seconds = 0;
  sim::TimeParts parts;
  std::vector<StageTime> stages; // by core, then in the order in which they appear
  Bound bound;                   // of the point itself
};

// Fails where the point has no kernel, or does not run to its end.
Result<Breakdown> breakdownOf(const Job& job, const Problem& problem, const Point& point);

} // namespace ptotune
