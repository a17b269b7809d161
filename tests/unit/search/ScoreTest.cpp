// The performance score: golden values are from an independent implementation in numpy.
#include "tuner/search/study/Score.h"

#include "tests/unit/search/SearchTest.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <vector>

using namespace ptotune;
using namespace ptotune::search;

namespace {

// The small space with the outcomes of evaluate(), all recorded, in order.
Recording recorded() {
  const auto space = test::smallSpace();
  Recording recording{.name = "small/one", .space = space, .results = space->size()};
  for (Index index = 0; index < space->size(); ++index) {
    recording.outcomes.push_back(test::evaluate(*space, index));
    recording.positions.push_back(index);
  }
  return recording;
}

TEST(Score, InterpolationMeetsItsNodesAndDoesNotOvershoot) {
  const std::vector<double> x = {1, 2, 4, 8, 9};
  const std::vector<double> y = {9, 4, 3, 3, 0};
  EXPECT_THAT(interpolateMonotone(x, y, x), testing::Pointwise(testing::DoubleNear(1e-12), y));
  std::vector<double> fine(801);
  for (std::size_t i = 0; i < fine.size(); ++i)
    fine[i] = 1 + 0.01 * static_cast<double>(i);
  const auto values = interpolateMonotone(x, y, fine);
  for (std::size_t i = 1; i < values.size(); ++i)
    EXPECT_LE(values[i], values[i - 1] + 1e-12);
}

TEST(Score, RandomSearchIsZeroAndTheOptimumOne) {
  const Recording recording = recorded();
  const auto stick = Yardstick::make(recording);
  ASSERT_TRUE(stick);
  EXPECT_EQ(stick->optimum(), 1.0);
  EXPECT_EQ(stick->rank({.value = 1.0}), 0U);
  EXPECT_EQ(stick->rank({}), std::nullopt);
  const std::vector<double> best(Yardstick::kPoints, 0);
  EXPECT_THAT(stick->performance(best), testing::Each(1.0));
  // At the rank of what random search has, nothing is gained.
  std::vector<double> ranks;
  for (const double value : stick->randomValues())
    ranks.push_back(static_cast<double>(std::ranges::lower_bound(stick->values(), value) -
                                        stick->values().begin()));
  for (const double gain : stick->performance(ranks))
    EXPECT_LE(gain, 1e-12);
}

TEST(Score, MeanRanksSkipRepeatsWithoutAValueAndNeverRise) {
  RankCurves curves(2);
  std::ranges::fill(curves.of(0), 8);
  std::ranges::fill(curves.of(1), -1);
  std::ranges::fill(curves.of(1).subspan(500), 4);
  const std::vector<std::uint32_t> both = {0, 1};
  const std::vector<double> mean = curves.mean(both, 100);
  EXPECT_EQ(mean[0], 8);
  EXPECT_EQ(mean[499], 8);
  EXPECT_EQ(mean[500], 6);
  const std::vector<std::uint32_t> second = {1};
  EXPECT_EQ(curves.mean(second, 100)[0], 99);
}

TEST(Score, ASpaceWithoutDifferencesIsAnError) {
  Recording recording = recorded();
  for (Outcome& outcome : recording.outcomes)
    outcome.value = 2.0;
  const auto stick = Yardstick::make(recording);
  ASSERT_FALSE(stick);
  EXPECT_EQ(stick.error().key, "small/one");
}

} // namespace
