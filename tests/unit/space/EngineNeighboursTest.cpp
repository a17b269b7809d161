// Neighbours of configurations, and deciding parameters one after the other.

#include "space/engine/Neighbours.h"
#include "tests/unit/space/EngineModels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

using namespace ptotune::engine;
using namespace ptotune::engine::test;
using testing::ElementsAre;

namespace {

// Neighbours by going through the whole set.
std::vector<std::uint64_t> expectedNeighbours(const LegalSet& set, const std::vector<Row>& rows,
                                              const Row& center, Neighbourhood kind,
                                              unsigned distance) {
  const auto position = [&](std::size_t parameter, Cell cell) {
    const auto& cells = set.model().parameters()[parameter].cells;
    return std::ranges::find(cells, cell) - cells.begin();
  };
  const auto changed = [&](const Row& row) {
    std::vector<std::size_t> parameters;
    for (std::size_t p = 0; p < row.size(); ++p)
      if (row[p] != center[p])
        parameters.push_back(p);
    return parameters;
  };
  std::vector<std::uint64_t> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto parameters = changed(rows[i]);
    bool isNear = !parameters.empty() && parameters.size() <= distance;
    for (std::size_t j = 0; j < rows.size() && isNear && kind == Neighbourhood::adjacent; ++j) {
      const std::size_t p = parameters[0];
      const auto here = position(p, rows[i][p]) - position(p, center[p]);
      const auto there = position(p, rows[j][p]) - position(p, center[p]);
      // Another change of the same parameter lies between.
      isNear =
          changed(rows[j]) != parameters || here * there < 0 || std::abs(there) >= std::abs(here);
    }
    if (isNear)
      found.push_back(i);
  }
  return found;
}

TEST(LegalSets, FindNeighbours) {
  auto model = std::make_shared<Model>();
  ASSERT_TRUE(model->addIntegers("a", {3, 1, 4, 2, 6, 5}));
  ASSERT_TRUE(model->addRange("b", 1, 5));
  ASSERT_TRUE(model->addRange("c", 1, 3));
  ASSERT_TRUE(model->addRange("k", 2, 2));
  ASSERT_TRUE(model->addConstraint("a * b % 3 != 1 and b != c", "c"));
  const LegalSet set = setOf(model);
  const std::vector<Row> rows = rowsOf(set);
  std::size_t found = 0;
  // Around legal configurations and others.
  for (Cell a = 1; a <= 6; ++a)
    for (Cell b = 1; b <= 5; ++b)
      for (Cell c = 1; c <= 3; ++c) {
        const Row center = {a, b, c, 2};
        for (const auto& [kind, distance] :
             {std::pair{Neighbourhood::oneParameter, 1U}, std::pair{Neighbourhood::adjacent, 1U},
              std::pair{Neighbourhood::hamming, 1U}, std::pair{Neighbourhood::hamming, 2U}}) {
          const auto near = neighbours(set, center, kind, distance);
          EXPECT_EQ(near, expectedNeighbours(set, rows, center, kind, distance));
          found += near.size();
        }
      }
  EXPECT_GT(found, 1000U);
  EXPECT_THAT(neighbours(set, Row{1, 2, 1, 3}, Neighbourhood::hamming, 4), ElementsAre());
}

TEST(Walks, CountCompletions) {
  const LegalSet set = setOf(modelOf(
      {{"p", 1, 4}, {"a", 1, 6}, {"b", 1, 6}, {"f", 1, 2}, {"k", 5, 5}}, {"a >= p", "b % p == 0"}));
  const std::vector<Row> rows = rowsOf(set);
  Walk walk(set);
  std::vector<Row> leaves;
  const auto go = [&](const auto& self) -> void {
    const auto agrees = [&](const Row& row) {
      for (std::size_t d = 0; d < walk.depth(); ++d)
        if (row[set.order()[d]] != walk.row()[set.order()[d]])
          return false;
      return true;
    };
    ASSERT_EQ(walk.completions(), static_cast<std::uint64_t>(std::ranges::count_if(rows, agrees)));
    if (walk.complete())
      return leaves.emplace_back(walk.row().begin(), walk.row().end()), void();
    for (std::uint32_t choice = 0; choice < walk.choices(); ++choice) {
      const Cell cell = walk.cell(choice);
      walk.take(choice);
      EXPECT_EQ(walk.row()[set.order()[walk.depth() - 1]], cell);
      self(self);
      walk.undo();
    }
  };
  go(go);
  EXPECT_EQ(leaves, rows);
}

} // namespace
