// What is known before a search begins leads it.
#include "MeasuredSearches.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

namespace ptotune::test {
namespace {

TEST(Prior, TheSimulatorsPredictionsLead) {
  const Job job = smallJob({1024});
  FakeRunner runner;
  FakeStore store;
  MeasuredOptions options = optionsOf("auto");
  options.prior = PriorFrom::sim;
  options.stop.evaluations = 6;
  const ProvenResult result = mustSearch(job, runner, store, options);
  EXPECT_EQ(runner.measured().front().point, Point()) << "the seed, whatever is predicted";
  EXPECT_EQ(result.proofs.front().decided.evaluated, 6u);
}

TEST(Prior, AnotherProblemsTrialsLead) {
  FakeRunner runner;
  FakeStore store;
  mustTune(smallJob({2048}), runner, store);
  runner.forget();
  MeasuredOptions options = optionsOf("auto");
  options.prior = PriorFrom::db;
  options.stop.evaluations = 2;
  const ProvenResult result = mustSearch(smallJob({1024}), runner, store, options);
  // The fake's best point is the same for all sizes: it is asked for behind the seed.
  ASSERT_TRUE(result.tune.problems.front().best);
  EXPECT_EQ(result.tune.problems.front().best->point, *Point::parse("SlotNum=6", Point()));
  EXPECT_EQ(runner.measured().size(), 2u);
}

TEST(Prior, WhatWasBestElsewhereIsMeasuredBehindTheSeed) {
  const Job job = smallJob({1024});
  FakeRunner runner;
  FakeStore store;
  const Point known = *Point::parse("TILE_S1=128,QK_PRELOAD=2,EN_UNIT_FLAG=0", Point());
  const Point illegal = *Point::parse("TILE_S1=2048", Point());
  store.starts = {{.kind = WarmStart::Kind::confirm, .point = illegal},
                  {.kind = WarmStart::Kind::confirm, .point = known}};
  MeasuredOptions options = optionsOf("surrogate");
  options.stop.evaluations = 5;
  mustSearch(job, runner, store, options);
  ASSERT_EQ(runner.measured().size(), 5u);
  EXPECT_EQ(runner.measured()[0].point, Point());
  EXPECT_EQ(runner.measured()[1].point, known);

  // A search that goes on keeps its own, whatever is known elsewhere by now.
  store.starts.clear();
  runner.forget();
  mustSearch(job, runner, store, options);
  EXPECT_TRUE(runner.measured().empty());
}

TEST(Predictions, TheNearestStoredProblemIsTaken) {
  const Environment here{.soc = "Ascend910B2", .runner = "ascend"};
  const Environment other{.soc = "Ascend910B4", .runner = "ascend"};
  const Problem problem{.s0 = 1024, .s1 = 1024};
  const Problem large{.s0 = 8192, .s1 = 8192};
  const Problem causal{.s0 = 1024, .s1 = 1024, .causal = true};
  EXPECT_FALSE(nearestStored({}, here, problem));
  EXPECT_FALSE(nearestStored({{here, problem}, {other, causal}}, here, problem));
  EXPECT_EQ(nearestStored({{here, large}, {other, large}}, here, problem)->environment, here);
  EXPECT_EQ(nearestStored({{here, large}, {other, problem}}, here, problem)->environment, other);
}

} // namespace
} // namespace ptotune::test
