// How late each execution of an instruction starts under a delay assignment.
#pragma once

#include "runners/sim/Simulator.h"
#include "runners/sim/Time.h"

#include <cstdint>
#include <map>
#include <utility>

namespace ptotune::sim {

class LateStarts {
public:
  explicit LateStarts(const Delays& delays);

  // Of the execution that `core` issued as number `sequence`; the same whenever it is asked.
  Tick of(int core, std::int64_t sequence) const;

private:
  std::map<std::pair<int, std::int64_t>, Tick> fixed_;
  Tick most_ = 0; // of a random delay
  std::uint64_t seed_ = 0;
};

} // namespace ptotune::sim
