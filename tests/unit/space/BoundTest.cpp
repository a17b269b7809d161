// Lower bounds of a point's time, without a simulator; what they are held against stands in
// tests/unit/runners/BoundsHoldTest.cpp.
#include "space/Bound.h"

#include "space/Job.h"
#include "space/PointSet.h"
#include "tests/support/SpacePoints.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace ptotune;
using ptotune::test::config;
using ptotune::test::pointOf;
using ptotune::test::problemOf;
using ptotune::test::soc910b2;
using ptotune::test::wideSpace;

namespace {

// Each bound is below the one that knows more: resources, open depths, the point's depths.
TEST(Bound, KnowingMoreRaisesIt) {
  const Problem problem = problemOf(4096, 4096);
  const auto set =
      PointSet::build(problem, soc910b2(), wideSpace(), {.rules = RuleSet::withoutProtocol});
  ASSERT_TRUE(set);
  std::mt19937_64 random(5);
  int waits = 0;
  for (int round = 0; round < 500; ++round) {
    const Point point = set->sample(random);
    const double resources = resourceBound(problem, soc910b2(), point).seconds;
    const double open = timeBound(problem, soc910b2(), point, Depths::open).seconds;
    const double full = timeBound(problem, soc910b2(), point).seconds;
    ASSERT_GT(resources, soc910b2().launchSeconds);
    ASSERT_LE(resources, open) << point.text();
    ASSERT_LE(open, full) << point.text();
    ASSERT_TRUE(std::isfinite(open));
    waits += open < full;
  }
  EXPECT_GT(waits, 50);
}

// The timed graph stands still exactly where the protocol's rule finds a hang.
TEST(Bound, IsInfiniteForAHang) {
  const Problem problem = problemOf(128, 4096);
  const Space fa = *loadSpace(config("spaces/fa.toml"));
  const auto set = PointSet::build(problem, soc910b2(), fa, {.rules = RuleSet::withoutProtocol});
  ASSERT_TRUE(set);
  std::mt19937_64 random(6);
  int hangs = 0;
  for (int round = 0; round < 1000; ++round) {
    const Point point = set->sample(random);
    bool hang = false;
    for (const Finding& finding : explain({problem, soc910b2(), point}).rejections)
      hang |= finding.rule == "protocol.hang";
    ASSERT_EQ(std::isinf(timeBound(problem, soc910b2(), point).seconds), hang) << point.text();
    hangs += hang;
  }
  EXPECT_GT(hangs, 50);
}

TEST(Bound, SaysWhatHoldsBack) {
  EXPECT_EQ((Bound{1e-4, "V on AIV", "P", 0.714}).text(), "V on AIV: P, 71 %");
  const Problem problem = problemOf(8192, 8192);
  const Bound bound = timeBound(problem, soc910b2(), Point());
  EXPECT_EQ(bound.pipe, resourceBound(problem, soc910b2(), Point()).pipe);
  EXPECT_GT(bound.share, 0.5);
  EXPECT_LE(bound.share, 1);
  // A product of 128 columns is stored for every 32 columns of keys.
  const Bound narrow = timeBound(problem, soc910b2(), pointOf("TILE_S1=32,CUBE_S1=32"));
  EXPECT_EQ(narrow.pipe, "FIX on AIC") << narrow.text();
  EXPECT_EQ(narrow.stage, "PV") << narrow.text();
  EXPECT_GT(narrow.share, 0.9);
}

// Whole waves: a block more than there are cores costs a wave more.
TEST(Bound, CountsWaves) {
  Point point = pointOf("CUBE_S0=64");
  const double one = timeBound(problemOf(64 * 24, 4096), soc910b2(), point).seconds;
  const double two = timeBound(problemOf(64 * 25, 4096), soc910b2(), point).seconds;
  const double full = timeBound(problemOf(64 * 48, 4096), soc910b2(), point).seconds;
  EXPECT_GT(two - soc910b2().launchSeconds, 1.9 * (one - soc910b2().launchSeconds));
  EXPECT_EQ(two, full);
}

} // namespace
