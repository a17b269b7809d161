// Profiles, problems and points that tests of every layer start from.
#pragma once

#include "space/Point.h"
#include "space/Problem.h"
#include "space/Soc.h"
#include "space/Space.h"
#include "tests/support/Paths.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string_view>

namespace ptotune::test {

inline const SocProfile& soc910b2() {
  static const SocProfile profile = [] {
    auto loaded = loadSoc(config("soc/ascend910b2.toml"));
    if (!loaded)
      ADD_FAILURE() << loaded.error().text();
    return loaded ? *loaded : SocProfile{};
  }();
  return profile;
}

// configs/spaces/fa_wide.toml
inline const Space& wideSpace() {
  static const Space space = [] {
    auto loaded = loadSpace(config("spaces/fa_wide.toml"));
    if (!loaded)
      ADD_FAILURE() << loaded.error().text();
    return loaded ? *loaded : Space{};
  }();
  return space;
}

inline Problem problemOf(std::int64_t s0, std::int64_t s1, std::int64_t head = 128) {
  Problem problem;
  problem.head = head;
  problem.s0 = s0;
  problem.s1 = s1;
  return problem;
}

// The default point with some parameters changed: "TILE_S1=512,SlotNum=4".
inline Point pointOf(std::string_view changes) {
  if (changes.empty())
    return Point();
  auto point = Point::parse(changes, Point());
  if (!point)
    ADD_FAILURE() << point.error().text();
  return point ? *point : Point();
}

} // namespace ptotune::test
