// Legal sets as search spaces.
#include "tests/unit/search/SearchTest.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>

using namespace ptotune;
using namespace ptotune::search;
using testing::ElementsAreArray;

namespace {

std::vector<Level> levelsOf(const SearchSpace& space, Index index) {
  std::vector<Level> levels(space.dimensions().size());
  space.at(index, levels);
  return levels;
}

// Dimensions in which two configurations differ.
std::vector<std::size_t> differing(const SearchSpace& space, Index a, Index b) {
  const auto one = levelsOf(space, a);
  const auto other = levelsOf(space, b);
  std::vector<std::size_t> found;
  for (std::size_t d = 0; d < one.size(); ++d)
    if (one[d] != other[d])
      found.push_back(d);
  return found;
}

TEST(Space, HasADimensionForEachParameterWithAChoice) {
  const auto space = test::smallSpace();
  const auto dimensions = space->dimensions();
  ASSERT_EQ(dimensions.size(), 3U);
  EXPECT_EQ(dimensions[1].name, "y");
  EXPECT_THAT(dimensions[1].numbers, testing::ElementsAre(1, 2, 4, 8, 16));
  EXPECT_TRUE(dimensions[2].numbers.empty());
  EXPECT_EQ(dimensions[2].levels, 3U);
}

TEST(Space, RankIsTheInverseOfAt) {
  const auto space = test::smallSpace();
  // x from 0: 12 * 3 for y = 1 and 2, 11 * 2 for 4, 6 * 2 for 8, 3 * 2 for 16.
  ASSERT_EQ(space->size(), 112U);
  for (Index index = 0; index < space->size(); ++index)
    EXPECT_EQ(space->rank(levelsOf(*space, index)), index);
}

TEST(Space, RankRefusesWhatIsNotLegal) {
  const auto space = test::smallSpace();
  const Level illegal[] = {11, 4, 0};
  EXPECT_EQ(space->rank(illegal), std::nullopt);
}

TEST(Space, NearestKeepsLegalLevelsAndMendsOthers) {
  const auto space = test::smallSpace();
  for (Index index = 0; index < space->size(); ++index)
    EXPECT_EQ(space->nearest(levelsOf(*space, index)), index);
  for (Level x = 0; x < 12; ++x)
    for (Level y = 0; y < 5; ++y)
      for (Level z = 0; z < 3; ++z) {
        const Level wanted[] = {x, y, z};
        EXPECT_LT(space->nearest(wanted), space->size());
      }
}

TEST(Space, NeighboursAreThoseOfAFullComparison) {
  const auto space = test::smallSpace();
  for (Index index = 0; index < space->size(); ++index) {
    const auto own = levelsOf(*space, index);
    std::vector<Index> apart;
    std::vector<Index> adjacent;
    for (Index other = 0; other < space->size(); ++other) {
      const auto dimensions = differing(*space, index, other);
      if (dimensions.size() != 1)
        continue;
      apart.push_back(other);
      const std::size_t d = dimensions[0];
      const int level = levelsOf(*space, other)[d];
      // Nothing legal lies between the two.
      bool isNearest = true;
      for (Index third = 0; third < space->size(); ++third) {
        const int between = levelsOf(*space, third)[d];
        if (differing(*space, index, third) == dimensions &&
            (between - own[d]) * (level - own[d]) > 0 &&
            std::abs(between - own[d]) < std::abs(level - own[d]))
          isNearest = false;
      }
      if (isNearest)
        adjacent.push_back(other);
    }
    EXPECT_THAT(space->oneApart(index), ElementsAreArray(apart));
    EXPECT_THAT(space->adjacent(index), ElementsAreArray(adjacent));
  }
}

TEST(Space, TextNamesEveryParameter) {
  const auto space = test::smallSpace();
  const Level levels[] = {7, 2, 1};
  EXPECT_EQ(space->text(*space->rank(levels)), "x=7,y=4,z='b',fixed=7");
}

TEST(Space, AnEmptySetIsAnError) {
  engine::Model model;
  ASSERT_TRUE(model.addRange("x", 0, 3));
  ASSERT_TRUE(model.addConstraint("x > 9", "test"));
  auto set = engine::LegalSet::build(std::make_shared<const engine::Model>(std::move(model)));
  ASSERT_TRUE(set);
  const auto space = LegalSpace::make(std::move(*set));
  ASSERT_FALSE(space);
  EXPECT_EQ(space.error().message, "the space has no legal configuration");
}

} // namespace
