#include "runners/sim/Delays.h"

#include <algorithm>

namespace ptotune::sim {

namespace {

// splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

} // namespace

LateStarts::LateStarts(const Delays& delays)
    : most_(std::max<Tick>(toTicks(delays.randomCycles), 0)), seed_(delays.seed) {
  for (const Delay& delay : delays.fixed)
    fixed_[{delay.core, delay.sequence}] += std::max<Tick>(toTicks(delay.cycles), 0);
}

Tick LateStarts::of(int core, std::int64_t sequence) const {
  Tick late = 0;
  if (most_ > 0)
    late = static_cast<Tick>(
        mix(mix(seed_ + static_cast<std::uint64_t>(core)) + static_cast<std::uint64_t>(sequence)) %
        static_cast<std::uint64_t>(most_ + 1));
  const auto found = fixed_.find({core, sequence});
  return found == fixed_.end() ? late : late + found->second;
}

} // namespace ptotune::sim
