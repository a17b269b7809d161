// Points and their programs, for tests that run what the compiler made.
#pragma once

#include "codegen/Lowering.h"
#include "runners/Agreement.h"
#include "space/Rules.h"
#include "space/Space.h"
#include "tests/support/SpacePoints.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <utility>

namespace ptotune::test {

inline program::Program lowered(const Point& point, const Problem& problem) {
  auto kernel = lower(KernelSpec::of(problem), point, soc910b2(), Emit::program);
  if (!kernel)
    ADD_FAILURE() << kernel.error().text();
  return kernel ? std::move(kernel->program) : program::Program{};
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

inline bool rejects(const Explanation& explanation, std::string_view rule) {
  for (const Finding& finding : explanation.rejections)
    if (finding.rule.starts_with(rule))
      return true;
  return false;
}
using ptotune::rejectsStatically;

} // namespace ptotune::test
