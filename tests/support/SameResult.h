// Whether two simulations gave the same result.
#pragma once

#include "runners/sim/Simulator.h"

#include <string>

namespace ptotune::test {

// What differs first, or "". How much of a run was extrapolated is not compared.
inline std::string difference(const sim::SimResult& a, const sim::SimResult& b) {
  if (a.outcome != b.outcome)
    return "outcome: " + std::string(name(a.outcome)) + ", " + std::string(name(b.outcome));
  if (a.detail != b.detail)
    return "detail: " + a.detailText() + "\n and: " + b.detailText();
  if (a.ticks != b.ticks)
    return "ticks: " + std::to_string(a.ticks) + ", " + std::to_string(b.ticks);
  if (a.seconds != b.seconds || a.instructions != b.instructions)
    return "seconds or instructions";
  if (a.parts.fill != b.parts.fill || a.parts.steady != b.parts.steady ||
      a.parts.waiting != b.parts.waiting || a.parts.drain != b.parts.drain)
    return "parts";
  for (int core = 0; core < sim::kCoreCount; ++core) {
    const sim::CoreStats& x = a.cores[static_cast<std::size_t>(core)];
    const sim::CoreStats& y = b.cores[static_cast<std::size_t>(core)];
    if (x.instructions != y.instructions || x.endCycle != y.endCycle)
      return std::string(sim::coreName(core)) + ": instructions or end";
    for (std::size_t p = 0; p < kPipeCount; ++p)
      if (x.pipes[p].instructions != y.pipes[p].instructions ||
          x.pipes[p].busyCycles != y.pipes[p].busyCycles ||
          x.pipes[p].stallCycles != y.pipes[p].stallCycles)
        return std::string(sim::coreName(core)) + " " + name(static_cast<Pipe>(p));
  }
  return "";
}

} // namespace ptotune::test
