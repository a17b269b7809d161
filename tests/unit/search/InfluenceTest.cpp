// Main effects and interactions.
#include "tuner/search/influence/Influence.h"

#include "tests/unit/search/SearchTest.h"

#include <gmock/gmock.h>

#include <cmath>

using namespace ptotune::search;
using testing::DoubleNear;
using testing::ElementsAre;

namespace {

constexpr ForestSettings kExact = {.trees = 1, .dimensionShare = 1, .resample = false};

// The values of f over all levels.
template <typename F> Sample fullProduct(std::vector<std::size_t> counts, F f) {
  Sample sample{.counts = std::move(counts)};
  std::vector<Level> levels(sample.width(), 0);
  while (true) {
    sample.levels.insert(sample.levels.end(), levels.begin(), levels.end());
    sample.values.push_back(f(levels));
    std::size_t d = 0;
    while (d < levels.size() && ++levels[d] == sample.counts[d])
      levels[d++] = 0;
    if (d == levels.size())
      return sample;
  }
}

TEST(Influence, IsTheExactDecompositionOnAFullProduct) {
  // f = 2 a + s t with a in -1, 0, 1 and s, t in -1, 1: variances 4 * 2/3 and 1, and of s and t
  // alone none.
  const Sample sample = fullProduct({3, 2, 2}, [](const std::vector<Level>& l) {
    return 2.0 * (l[0] - 1) + (2.0 * l[1] - 1) * (2.0 * l[2] - 1);
  });
  const auto influence = influenceOf(sample, kExact, 1);
  ASSERT_TRUE(influence) << influence.error().text();
  const double total = 8.0 / 3 + 1;
  EXPECT_NEAR(influence->variance, total, 1e-9);
  EXPECT_EQ(influence->observations, 12U);
  ASSERT_EQ(influence->mains.size(), 3U);
  EXPECT_EQ(influence->mains[0].dimension, 0U);
  EXPECT_NEAR(influence->mains[0].share, 8.0 / 3 / total, 1e-9);
  EXPECT_THAT(influence->mains[0].byLevel,
              ElementsAre(DoubleNear(-2, 1e-9), DoubleNear(0, 1e-9), DoubleNear(2, 1e-9)));
  EXPECT_NEAR(influence->mains[1].share, 0, 1e-9);
  ASSERT_EQ(influence->interactions.size(), 3U);
  EXPECT_EQ(influence->interactions[0].one, 1U);
  EXPECT_EQ(influence->interactions[0].other, 2U);
  EXPECT_NEAR(influence->interactions[0].share, 1 / total, 1e-9);
  EXPECT_NEAR(influence->interactions[1].share, 0, 1e-9);
}

TEST(Influence, SharesOfAFullProductAddUpToOne) {
  // Two dimensions have nothing beyond main effects and their interaction.
  const Sample sample = fullProduct(
      {7, 5}, [](const std::vector<Level>& l) { return std::sin(3.0 * l[0] + l[1] * l[0]); });
  const auto influence = influenceOf(sample, kExact, 1);
  ASSERT_TRUE(influence);
  EXPECT_NEAR(influence->mains[0].share + influence->mains[1].share +
                  influence->interactions[0].share,
              1, 1e-9);
}

TEST(Influence, AForestFindsTheOrderFromASample) {
  const auto space = test::smallSpace();
  std::vector<Observation> observations;
  for (Index index = 0; index < space->size(); index += 2)
    observations.push_back({index, test::evaluate(*space, index)});
  const auto influence = influenceOf(*space, observations, 7);
  ASSERT_TRUE(influence);
  // x moves the value by up to a factor of six, z by less than two.
  EXPECT_EQ(influence->mains.front().dimension, 0U);
  EXPECT_GT(influence->mains.front().share, 0.4);
  double sum = 0;
  for (const auto& main : influence->mains)
    sum += main.share;
  for (const auto& pair : influence->interactions)
    sum += pair.share;
  EXPECT_LE(sum, 1 + 1e-9);
  // Levels near the optimum at 7 are better than those far from it.
  const auto& byLevel = influence->mains.front().byLevel;
  EXPECT_LT(byLevel[7], byLevel[0]);
}

TEST(Influence, LeavesOfATreeSplitTheProduct) {
  const Sample sample = fullProduct({4, 3, 5}, [](const std::vector<Level>& l) {
    return static_cast<double>((l[0] * 7 + l[1] * 3 + l[2] * 5) % 11);
  });
  Random random(3);
  for (const Tree& tree : growForest(sample, {.trees = 5}, random))
    for (std::size_t row = 0; row < sample.size(); ++row) {
      int containing = 0;
      for (const Leaf& leaf : tree) {
        bool isInside = true;
        for (std::size_t d = 0; d < 3; ++d)
          isInside = isInside && sample.level(row, d) >= leaf.low[d] &&
                     sample.level(row, d) < leaf.high[d];
        containing += isInside ? 1 : 0;
      }
      EXPECT_EQ(containing, 1);
    }
}

TEST(Influence, NeedsDifferentValues) {
  const auto space = test::smallSpace();
  const std::vector<Observation> same = {{0, {.value = 2.0}}, {1, {.value = 2.0}}, {2, {}}};
  EXPECT_FALSE(influenceOf(*space, same, 1));
  EXPECT_FALSE(influenceOf(*space, {}, 1));
}

} // namespace
