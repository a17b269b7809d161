// Lower bounds of a point's time, without a simulator; what they are held against stands in
// tests/unit/runners/BoundsHoldTest.cpp.
#include "space/Bound.h"

#include "space/Job.h"
#include "space/PointSet.h"
#include "tests/support/Paths.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace ptotune;
using ptotune::test::config;

namespace {

const SocProfile& soc() {
  static const SocProfile loaded = *loadSoc(config("soc/ascend910b2.toml"));
  return loaded;
}

Problem shape(std::int64_t s0, std::int64_t s1) {
  Problem problem;
  problem.s0 = s0;
  problem.s1 = s1;
  return problem;
}

Point parse(const char* text) {
  return *Point::parse(text, Point());
}

// Each bound is below the one that knows more: resources, open depths, the point's depths.
TEST(Bound, KnowingMoreRaisesIt) {
  const Problem problem = shape(4096, 4096);
  const Space wide = *loadSpace(config("spaces/fa_wide.toml"));
  const auto set = PointSet::build(problem, soc(), wide, {.rules = RuleSet::withoutProtocol});
  ASSERT_TRUE(set);
  std::mt19937_64 random(5);
  int waits = 0;
  for (int round = 0; round < 500; ++round) {
    const Point point = set->sample(random);
    const double resources = resourceBound(problem, soc(), point).seconds;
    const double open = timeBound(problem, soc(), point, Depths::open).seconds;
    const double full = timeBound(problem, soc(), point).seconds;
    ASSERT_GT(resources, soc().launchSeconds);
    ASSERT_LE(resources, open) << point.text();
    ASSERT_LE(open, full) << point.text();
    ASSERT_TRUE(std::isfinite(open));
    waits += open < full;
  }
  EXPECT_GT(waits, 50);
}

// The timed graph stands still exactly where the protocol's rule finds a hang.
TEST(Bound, IsInfiniteForAHang) {
  const Problem problem = shape(128, 4096);
  const Space fa = *loadSpace(config("spaces/fa.toml"));
  const auto set = PointSet::build(problem, soc(), fa, {.rules = RuleSet::withoutProtocol});
  ASSERT_TRUE(set);
  std::mt19937_64 random(6);
  int hangs = 0;
  for (int round = 0; round < 1000; ++round) {
    const Point point = set->sample(random);
    bool hang = false;
    for (const Finding& finding : check({problem, soc(), point}).rejections)
      hang |= finding.rule == "protocol.hang";
    ASSERT_EQ(std::isinf(timeBound(problem, soc(), point).seconds), hang) << point.text();
    hangs += hang;
  }
  EXPECT_GT(hangs, 50);
}

TEST(Bound, SaysWhatHoldsBack) {
  EXPECT_EQ((Bound{1e-4, "V on AIV", "P", 0.714}).text(), "V on AIV: P, 71 %");
  const Problem problem = shape(8192, 8192);
  const Bound bound = timeBound(problem, soc(), Point());
  EXPECT_EQ(bound.pipe, resourceBound(problem, soc(), Point()).pipe);
  EXPECT_GT(bound.share, 0.5);
  EXPECT_LE(bound.share, 1);
  // A product of 128 columns is stored for every 32 columns of keys.
  const Bound narrow = timeBound(problem, soc(), parse("TILE_S1=32,CUBE_S1=32"));
  EXPECT_EQ(narrow.pipe, "FIX on AIC") << narrow.text();
  EXPECT_EQ(narrow.stage, "PV") << narrow.text();
  EXPECT_GT(narrow.share, 0.9);
}

// Whole waves: a block more than there are cores costs a wave more.
TEST(Bound, CountsWaves) {
  Point point = parse("CUBE_S0=64");
  const double one = timeBound(shape(64 * 24, 4096), soc(), point).seconds;
  const double two = timeBound(shape(64 * 25, 4096), soc(), point).seconds;
  const double full = timeBound(shape(64 * 48, 4096), soc(), point).seconds;
  EXPECT_GT(two - soc().launchSeconds, 1.9 * (one - soc().launchSeconds));
  EXPECT_EQ(two, full);
}

} // namespace
