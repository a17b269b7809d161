// A small constrained space with a known optimum, for the tests of searching.
#pragma once

#include "space/engine/LegalSet.h"
#include "tuner/search/LegalSpace.h"
#include "tuner/search/Searcher.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

namespace ptotune::search::test {

// x 0..11, y in powers of two, z a text; x times y at most 40, and z = 'c' for small y only: 112
// configurations.
inline std::shared_ptr<const LegalSpace> smallSpace() {
  engine::Model model;
  EXPECT_TRUE(model.addConstant("most", std::int64_t{40}));
  EXPECT_TRUE(model.addRange("x", 0, 11));
  EXPECT_TRUE(model.addPowers("y", 2, 0, 4));
  EXPECT_TRUE(model.addCategories("z", {"a", "b", "c"}));
  EXPECT_TRUE(model.addIntegers("fixed", {7}));
  EXPECT_TRUE(model.addConstraint("x * y <= most", "test"));
  EXPECT_TRUE(model.addConstraint("z != 'c' or y < 4", "test"));
  auto set = engine::LegalSet::build(std::make_shared<const engine::Model>(std::move(model)));
  EXPECT_TRUE(set) << set.error().text();
  auto space = LegalSpace::make(std::move(*set));
  EXPECT_TRUE(space) << space.error().text();
  return *space;
}

// Best at x = 7, y = 4, z = 'b', where it is 1; fails for y = 16 and x > 1.
inline Outcome evaluate(const SearchSpace& space, Index index) {
  std::vector<Level> levels(space.dimensions().size());
  space.at(index, levels);
  const double x = levels[0];
  const double y = levels[1];
  if (levels[1] == 4 && levels[0] > 1)
    return {.value = std::nullopt, .cost = 3};
  const double value =
      1 + 0.1 * (x - 7) * (x - 7) + 0.5 * (y - 2) * (y - 2) + (levels[2] == 1 ? 0 : 0.8);
  return {.value = value, .cost = 1 + 0.1 * x};
}

} // namespace ptotune::search::test
