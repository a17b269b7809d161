// Branch and bound against exhaustive search, on times that the test makes up.
#include "tuner/search/bnb/BranchAndBound.h"

#include "space/Job.h"
#include "tests/support/Paths.h"
#include "tuner/search/bnb/Dominance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

using namespace ptotune;
using namespace ptotune::search;
using ptotune::test::config;

namespace {

const SocProfile& soc() {
  static const SocProfile loaded = *loadSoc(config("soc/ascend910b2.toml"));
  return loaded;
}

Problem square(std::int64_t size) {
  Problem problem;
  problem.s0 = problem.s1 = size;
  return problem;
}

// Above the bound by up to a hundredth, differently for each head; equal where the lemmas say so.
double madeUp(const Problem& problem, const Point& point) {
  const auto mix = static_cast<std::uint64_t>(point.tileS1() * 7 + point.cubeS1() * 3 +
                                              point.qkPreload() * 11 + point.cubeS0());
  return timeBound(problem, soc(), point).seconds * (1 + static_cast<double>(mix % 11) / 1000);
}

Evaluate counting(const Problem& problem, std::vector<Point>& asked) {
  return [&problem, &asked](const std::vector<Point>& points) {
    std::vector<std::optional<double>> times;
    for (const Point& point : points) {
      asked.push_back(point);
      times.emplace_back(madeUp(problem, point));
    }
    return times;
  };
}

TEST(BranchAndBound, FindsTheOptimumOfExhaustiveSearch) {
  const Space fa = *loadSpace(config("spaces/fa.toml"));
  for (const std::int64_t size : {1024, 4096}) {
    const Problem problem = square(size);
    double best = 1;
    std::uint64_t legalCount = 0;
    enumerate(problem, soc(), fa, [&](const Point& point) {
      if (point.localSlotNum() != 1)
        return; // inert in the slot form, which is all there is here
      best = std::min(best, madeUp(problem, point));
      ++legalCount;
    });
    std::vector<Point> asked;
    const auto proof =
        branchAndBound(problem, soc(), fa, {.seed = Point()}, counting(problem, asked));
    ASSERT_TRUE(proof) << proof.error().text();
    EXPECT_EQ(proof->reason, "optimal");
    EXPECT_EQ(proof->seconds, best);
    EXPECT_EQ(proof->bound, best);
    EXPECT_EQ(proof->gap, 0);
    EXPECT_TRUE(legal({problem, soc(), *proof->best}));
    EXPECT_TRUE(fa.contains(*proof->best));
    // Every point is asked for once, and few are.
    EXPECT_EQ(std::set(asked.begin(), asked.end()).size(), asked.size());
    EXPECT_EQ(proof->decided.evaluated, asked.size());
    EXPECT_LT(asked.size(), legalCount / 10);
    const Decided& d = proof->decided;
    std::uint64_t rejected = 0;
    for (const auto& [rule, count] : d.rejected)
      rejected += count;
    EXPECT_EQ(d.raw, 86'016U);
    EXPECT_EQ(rejected + d.candidates, d.raw);
    EXPECT_EQ(d.bounded + d.opened, d.candidates);
  }
}

TEST(BranchAndBound, TheSeedIsFirst) {
  const Problem problem = square(1024);
  const Space fa = *loadSpace(config("spaces/fa.toml"));
  std::vector<Point> asked;
  ASSERT_TRUE(branchAndBound(problem, soc(), fa, {.seed = Point()}, counting(problem, asked)));
  EXPECT_EQ(asked.front(), Point());
}

// Stopped early, it says how much better a point could be; that is true.
TEST(BranchAndBound, AnEarlyEndLeavesATrueGap) {
  const Problem problem = square(1024);
  const Space fa = *loadSpace(config("spaces/fa.toml"));
  std::vector<Point> asked;
  const auto whole = branchAndBound(problem, soc(), fa, {}, counting(problem, asked));
  ASSERT_TRUE(whole);
  const std::pair<StopConditions, const char*> cases[] = {
      {{.evaluations = 2}, "evaluations"},
      {{.seconds = 0.0}, "time"},
      {{.gap = 0.5}, "gap"},
      {{.evaluations = 500, .withoutBetter = 1}, "no better point"}};
  for (const auto& [stop, reason] : cases) {
    const auto part = branchAndBound(
        problem, soc(), fa, {.stop = stop, .batch = 1, .seed = Point()}, counting(problem, asked));
    ASSERT_TRUE(part);
    EXPECT_EQ(part->reason, reason);
    EXPECT_LE(part->bound, whole->seconds) << reason;
    EXPECT_GE(part->seconds, whole->seconds);
    EXPECT_NEAR(part->gap, 1 - part->bound / part->seconds, 1e-12);
  }
}

TEST(BranchAndBound, AConstraintOfTheSpaceFileHolds) {
  const Problem problem = square(1024);
  Space fa = *loadSpace(config("spaces/fa.toml"));
  fa.constraints = {{"SlotNum <= 6 and TILE_S1 >= 256", 1}};
  std::vector<Point> asked;
  const auto proof = branchAndBound(problem, soc(), fa, {}, counting(problem, asked));
  ASSERT_TRUE(proof);
  ASSERT_TRUE(proof->best);
  for (const Point& point : asked)
    EXPECT_TRUE(point.slotNumQK() <= 6 && point.tileS1() >= 256) << point.text();
}

TEST(BranchAndBound, WithoutALegalPointThereIsNoAnswer) {
  const Problem problem = square(100);
  const Space fa = *loadSpace(config("spaces/fa.toml"));
  std::vector<Point> asked;
  const auto proof = branchAndBound(problem, soc(), fa, {}, counting(problem, asked));
  ASSERT_TRUE(proof);
  EXPECT_FALSE(proof->best);
  EXPECT_EQ(proof->reason, "no legal point");
  EXPECT_TRUE(asked.empty());
}

// Lemma 1 on the timed event graph: what dominates is never slower.
TEST(Dominance, ARingThatDominatesIsNeverSlower) {
  int pairs = 0;
  for (const std::int64_t size : {1024, 2048}) {
    const Problem problem = square(size);
    for (const std::int64_t tile : {64, 128, 256}) {
      Point point;
      point.set(Param::tileS1, tile);
      point.set(Param::cubeS1, 64);
      point.set(Param::qkPreload, 3);
      point.set(Param::expRing, 16);
      const auto tiles = tileCounts(problem, point);
      for (const Param ring : {Param::slotNumQK, Param::slotNumP, Param::slotNumPV})
        for (std::int64_t a = 1; a <= 16; ++a)
          for (std::int64_t b = 1; b <= 16; ++b) {
            if (a == b || !dominates(soc(), a, b, tiles))
              continue;
            Point better = point, worse = point;
            better.set(ring, a);
            worse.set(ring, b);
            ASSERT_LE(timeBound(problem, soc(), better).seconds,
                      timeBound(problem, soc(), worse).seconds)
                << a << " slots against " << b << ": " << point.text();
            ++pairs;
          }
    }
  }
  EXPECT_GT(pairs, 500);
}

// With one credit in half the slots: 8 slots wait for tile 3 before tile 8, where 16 wait for tile
// 7 before tile 16.
TEST(Dominance, IsAnOrderOnWaits) {
  const std::int64_t many[] = {64};
  const std::int64_t few[] = {4};
  EXPECT_TRUE(dominates(soc(), 16, 8, many));
  EXPECT_FALSE(dominates(soc(), 8, 16, many));
  EXPECT_TRUE(dominates(soc(), 8, 8, many));
  EXPECT_TRUE(dominates(soc(), 8, 4, few));
  EXPECT_TRUE(dominates(soc(), 10, 16, few)); // closing waits for no credit of either
}

} // namespace
