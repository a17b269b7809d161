// Points and their programs, for tests that run what the compiler made.
#pragma once

#include "codegen/Lowering.h"
#include "runners/Agreement.h"
#include "space/Rules.h"
#include "space/Space.h"
#include "tests/support/Paths.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <utility>

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

// The default point with some parameters changed: "TILE_S1=512,SlotNum=4".
inline Point pointOf(std::string_view changes) {
  if (changes.empty())
    return Point();
  auto point = Point::parse(changes, Point());
  if (!point)
    ADD_FAILURE() << point.error().text();
  return point ? *point : Point();
}

inline program::Program lowered(const Point& point, const Problem& problem) {
  auto kernel = lower(KernelSpec::of(problem), point, soc910b2(), Emit::program);
  if (!kernel)
    ADD_FAILURE() << kernel.error().text();
  return kernel ? std::move(kernel->program) : program::Program{};
}

inline Problem problemOf(std::int64_t s0, std::int64_t s1, std::int64_t head = 128) {
  Problem problem;
  problem.head = head;
  problem.s0 = s0;
  problem.s1 = s1;
  return problem;
}

inline Point randomPoint(const Space& space, std::mt19937& random) {
  Point point;
  for (std::size_t i = 0; i < kParamCount; ++i)
    if (const Domain& domain = space.domains[i]; !domain.derived)
      point.set(static_cast<Param>(i), domain.values[random() % domain.values.size()]);
  for (std::size_t i = 0; i < kParamCount; ++i)
    if (const Domain& domain = space.domains[i]; domain.derived)
      point.set(static_cast<Param>(i), point[domain.follows]);
  return point;
}

inline bool rejects(const Verdict& verdict, std::string_view rule) {
  for (const Finding& finding : verdict.rejections)
    if (finding.rule.starts_with(rule))
      return true;
  return false;
}
using ptotune::rejectsStatically;

} // namespace ptotune::test
