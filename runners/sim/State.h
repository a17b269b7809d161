// How the state of a run is laid open to those who compare or shift it as a whole.
//
// A state is a list of numbers in a fixed order. Discrete ones decide what happens next: two states
// with the same discrete numbers execute the same instructions until a comparison of times comes
// out otherwise. Linear ones are times and counts that grow from one repetition to the next.
#pragma once

#include "runners/sim/Time.h"

#include <concepts>
#include <cstdint>

namespace ptotune::sim {

enum class Role : std::uint8_t {
  owner, // a count that moves whenever a time of the same unit, visited after it, is read
  time,
  count,
  label, // only ever printed
};

template <typename V>
concept StateVisitor = requires(V& visitor, std::int64_t& number, Tick& total) {
  visitor.discrete(number);
  visitor.linear(number, Role::count);
  visitor.stall(total);
};

} // namespace ptotune::sim
