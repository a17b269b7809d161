// What the faulty worker and its tests agree on.
#pragma once

#include "space/Point.h"

#include <array>
#include <string>

namespace ptotune::test {

// The time of a point that works: smaller for larger tiles and more preloaded ones.
inline double goodSeconds(const Point& point) {
  return 1e-3 / static_cast<double>(point.tileS1()) +
         1e-6 / static_cast<double>(point.qkPreload()) +
         1e-9 * static_cast<double>(point.slotNumQK());
}

// Every third point fails, by the hash of its text, in one of these ways; "" for the others.
inline std::string thirdFault(const Point& point) {
  constexpr std::array kFaults = {"segv",     "sleeps", "garbage", "exit3",       "wrong",
                                  "nan-time", "abort",  "spins",   "other-point", "device-hang"};
  const std::size_t hash = Hash::of(point.text()).low;
  return hash % 3 != 0 ? "" : kFaults.at(hash / 3 % kFaults.size());
}

} // namespace ptotune::test
