// Bounds and lemmas of docs/bounds.md against the virtual Ascend, over all forms of the kernel.
#include "runners/sim/Simulator.h"
#include "space/Bound.h"
#include "space/PointSet.h"
#include "tests/unit/runners/Lowered.h"
#include "tuner/search/bnb/Dominance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace ptotune {
namespace {

using test::lowered;
using test::problemOf;
using test::soc910b2;

double simulated(const Problem& problem, const Point& point) {
  auto kernel = lower(KernelSpec::of(problem), point, soc910b2(), Emit::program);
  if (!kernel) {
    ADD_FAILURE() << kernel.error().text();
    return 0;
  }
  const sim::SimResult result = sim::simulate(kernel->program, soc910b2(), problem);
  EXPECT_EQ(result.outcome, sim::Outcome::finished) << result.detailText();
  return result.seconds;
}

const Space& wide() {
  static const Space space = *loadSpace(test::config("spaces/fa_wide.toml"));
  return space;
}

// Legal points drawn from all of fa_wide.toml.
std::vector<Point> drawn(const Problem& problem, int count, std::uint64_t seed) {
  const auto set = PointSet::build(problem, soc910b2(), wide(),
                                   {.rules = RuleSet::withoutProtocol, .without = {}});
  EXPECT_TRUE(set.ok());
  std::mt19937_64 random(seed);
  std::vector<Point> points;
  while (static_cast<int>(points.size()) < count) {
    const Point point = set->sample(random);
    if (legal({problem, soc910b2(), point}))
      points.push_back(point);
  }
  return points;
}

TEST(BoundsHold, NoPointIsFasterThanItsBound) {
  std::vector<Problem> problems = {problemOf(1024, 1024), problemOf(2048, 2048, 64),
                                   problemOf(384, 1536), problemOf(1024, 8192)};
  problems.push_back(problemOf(1024, 2048));
  problems.back().causal = true;
  for (const Problem& problem : problems) {
    std::vector<double> tightness;
    for (const Point& point : drawn(problem, 400, 17)) {
      const double bound = timeBound(problem, soc910b2(), point).seconds;
      const double time = simulated(problem, point);
      ASSERT_LE(bound, time) << point.text() << " on " << problem.text();
      tightness.push_back(bound / time);
    }
    std::ranges::sort(tightness);
    const double median = tightness[tightness.size() / 2];
    if (problem.s1 >= 8192)
      EXPECT_GE(median, 0.90) << problem.text();
    RecordProperty("median_" + std::to_string(problem.s1), std::to_string(median));
  }
}

// Lemma 1: a ring whose waits are implied by another's is never slower.
TEST(BoundsHold, ADominatingRingIsNeverSlower) {
  std::mt19937_64 random(4);
  int pairs = 0;
  const Problem problem = problemOf(512, 2048);
  for (const Point& point : drawn(problem, 150, 23)) {
    const Param rings[] = {Param::slotNumQK, Param::slotNumP, Param::slotNumPV};
    Point other = point;
    const Param ring = rings[random() % 3];
    other.set(ring, 1 + static_cast<std::int64_t>(random() % 16));
    if (!legal({problem, soc910b2(), other}))
      continue;
    const auto tiles = search::tileCounts(problem, point);
    if (search::dominates(soc910b2(), point[ring], other[ring], tiles)) {
      ASSERT_LE(simulated(problem, point), simulated(problem, other)) << point.text();
      ++pairs;
    }
    if (search::dominates(soc910b2(), other[ring], point[ring], tiles)) {
      ASSERT_LE(simulated(problem, other), simulated(problem, point)) << point.text();
      ++pairs;
    }
  }
  EXPECT_GT(pairs, 30);
}

// Lemma 2: parameters that leave the time as it is.
TEST(BoundsHold, InertParametersLeaveTheTime) {
  std::mt19937_64 random(5);
  std::map<Param, int> compared;
  const Problem problem = problemOf(512, 2048);
  for (const Point& point : drawn(problem, 150, 29))
    for (const Param param : {Param::expRing, Param::localSlotNum}) {
      if (!search::leavesTime(param, point))
        continue;
      const auto& values = wide().domain(param).values;
      Point other = point;
      other.set(param, values[random() % values.size()]);
      if (other == point || !legal({problem, soc910b2(), other}))
        continue;
      ASSERT_EQ(simulated(problem, point), simulated(problem, other))
          << point.text() << " against " << other.text();
      ++compared[param];
    }
  EXPECT_GT(compared[Param::expRing], 30);
  EXPECT_GT(compared[Param::localSlotNum], 10);
}

} // namespace
} // namespace ptotune
