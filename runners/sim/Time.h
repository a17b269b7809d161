// Simulated time. One tick is 1/1024 of a cycle of the SoC's clock: profiles may give fractional
// costs, and integers keep a run exactly reproducible.
#pragma once

#include <cmath>
#include <cstdint>

namespace ptotune::sim {

using Tick = std::int64_t;
inline constexpr Tick kTicksPerCycle = 1024;

// The nearest tick; every cost is rounded once, before the run, and never again.
inline Tick toTicks(double cycles) {
  return std::llround(cycles * static_cast<double>(kTicksPerCycle));
}

inline double toCycles(Tick ticks) {
  return static_cast<double>(ticks) / static_cast<double>(kTicksPerCycle);
}

} // namespace ptotune::sim
