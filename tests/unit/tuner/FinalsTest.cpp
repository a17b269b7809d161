// Finals on fake runners whose noise and drift are known.
#include "tuner/Finals.h"

#include "Fakes.h"

#include <gmock/gmock.h>

#include <random>

namespace ptotune::test {
namespace {

Problem shape() {
  Problem problem;
  problem.s0 = problem.s1 = 1024;
  return problem;
}

// Points that differ in QK_PRELOAD, from 1 on.
Point pointOf(int number) {
  Point point;
  point.set(Param::qkPreload, number);
  return point;
}

// Gives every point its true time, times noise, times what has become of the device.
class NoisyRunner : public FakeRunner {
public:
  double noise = 0.02;
  double driftPerMeasurement = 0;
  std::function<double(const Point&)> truth = [](const Point&) { return 1e-4; };
  std::function<bool()> lost = [] { return false; };

  explicit NoisyRunner(unsigned seed) : random_(seed) {}

  Result<Trial> attempt(const Candidate& candidate, const Artifact& artifact,
                        const Budget& budget) override {
    if (lost())
      return Error{.message = "every device is lost"};
    Trial trial = FakeRunner::measure(candidate, artifact, budget);
    if (trial.status != TrialStatus::correct)
      return trial;
    std::lognormal_distribution<double> factor(0, noise);
    const double device = 1 + driftPerMeasurement * static_cast<double>(count_++);
    trial.seconds.clear();
    for (int i = 0; i < budget.minRepetitions; ++i)
      trial.seconds.push_back(truth(candidate.point) * device * factor(random_));
    return trial;
  }

private:
  std::mt19937_64 random_;
  std::uint64_t count_ = 0;
};

// What a search saw: one sample of each point.
std::vector<Trial> seen(const std::vector<std::pair<int, double>>& times) {
  std::vector<Trial> trials;
  for (const auto& [number, seconds] : times) {
    Trial trial{.problem = shape(), .point = pointOf(number), .status = TrialStatus::correct};
    trial.seconds = {seconds};
    trials.push_back(trial);
  }
  return trials;
}

const std::atomic<bool> kNoStop{false};

FinalsResult mustRun(const std::vector<Trial>& known, Runner& runner, TrialStore& store,
                     const FinalsOptions& options = {}) {
  auto result = runFinals(shape(), known, pointOf(4), runner, store, options, kNoStop);
  EXPECT_TRUE(result) << (result ? "" : result.error().text());
  return result ? std::move(*result) : FinalsResult{};
}

std::vector<int> numbersOf(const FinalsResult& result) {
  std::vector<int> numbers;
  for (const Finalist& one : result.standing)
    numbers.push_back(static_cast<int>(one.point.qkPreload()));
  return numbers;
}

TEST(Finals, FindTheBestWhereTheSearchWasMistaken) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    NoisyRunner runner(seed);
    runner.truth = [](const Point& point) { return point.qkPreload() == 3 ? 0.9e-4 : 1e-4; };
    FakeStore store;
    // The search saw the others below the true best.
    const FinalsResult result =
        mustRun(seen({{1, 0.85e-4}, {2, 0.86e-4}, {3, 0.95e-4}, {4, 1.0e-4}}), runner, store,
                {.seed = seed});
    EXPECT_EQ(result.standing.front().point, pointOf(3));
    EXPECT_EQ(result.ties, 0u);
    EXPECT_NEAR(result.standing.front().seconds, 0.9e-4, 0.03e-4);
    EXPECT_LT(result.rounds, 40u);
    EXPECT_FALSE(result.stopped);
  }
}

TEST(Finals, WhatCannotBeToldApartIsATieAtTheEndOfTheBudget) {
  NoisyRunner runner(3);
  runner.truth = [](const Point& point) { return point.qkPreload() <= 2 ? 0.9e-4 : 1.1e-4; };
  FakeStore store;
  const FinalsResult result =
      mustRun(seen({{1, 0.9e-4}, {2, 0.91e-4}, {3, 1.1e-4}}), runner, store, {.mostRounds = 12});
  EXPECT_EQ(result.rounds, 12u);
  EXPECT_EQ(result.ties, 1u);
  EXPECT_THAT(numbersOf(result), testing::ElementsAre(testing::AnyOf(1, 2), testing::AnyOf(1, 2),
                                                      testing::AnyOf(3, 4), testing::AnyOf(3, 4)));
  EXPECT_THAT(finalsText(result), testing::HasSubstr("not told apart from\n  "));
}

TEST(Finals, TheSeedPlaysEveryRoundAndEverySampleIsRecorded) {
  NoisyRunner runner(5);
  runner.truth = [](const Point& point) { return point.qkPreload() == 4 ? 2e-4 : 1e-4; };
  FakeStore store;
  const FinalsResult result = mustRun(seen({{1, 1e-4}, {2, 1e-4}, {4, 2e-4}}), runner, store,
                                      {.samples = 2, .mostRounds = 15});
  EXPECT_EQ(result.rounds, 15u);
  const auto seed = std::ranges::find(result.standing, pointOf(4), &Finalist::point);
  ASSERT_NE(seed, result.standing.end());
  EXPECT_EQ(seed->rounds.size(), 15u);
  EXPECT_EQ(store.batches.size(), 45u) << "each is stored as soon as it is there";
  std::size_t samples = 0;
  for (const Trial& trial : store.trials()) {
    EXPECT_EQ(trial.seconds.size(), 2u);
    EXPECT_FALSE(trial.programHash.empty());
    samples += trial.seconds.size();
  }
  EXPECT_EQ(samples, 3u * 15u * 2u);
  EXPECT_EQ(result.measured, 45u);
}

TEST(Finals, RoundsAreInterleavedInSeededOrder) {
  const auto orderOf = [](std::uint64_t seed) {
    NoisyRunner runner(1);
    FakeStore store;
    mustRun(seen({{1, 1e-4}, {2, 1e-4}, {3, 1e-4}}), runner, store,
            {.mostRounds = 10, .seed = seed});
    std::vector<std::vector<std::int64_t>> rounds;
    for (const Trial& trial : store.trials()) {
      if (rounds.empty() || rounds.back().size() == 4)
        rounds.emplace_back();
      rounds.back().push_back(trial.point.qkPreload());
    }
    return rounds;
  };
  const auto rounds = orderOf(1);
  ASSERT_EQ(rounds.size(), 10u);
  for (const auto& round : rounds)
    EXPECT_THAT(round, testing::UnorderedElementsAre(1, 2, 3, 4));
  EXPECT_NE(rounds[0], rounds[1]);
  EXPECT_EQ(orderOf(1), rounds);
  EXPECT_NE(orderOf(2), rounds);
}

TEST(Finals, APointThatTheSearchSawBelowTheBestIsAdmittedLater) {
  NoisyRunner runner(7);
  runner.noise = 0.005;
  // The two that the search saw first are slow in truth; the third is what it was seen to be.
  runner.truth = [](const Point& point) {
    return point.qkPreload() == 3 ? 1e-4 : point.qkPreload() == 5 ? 1.5e-4 : 2e-4;
  };
  FakeStore store;
  const FinalsResult result = mustRun(seen({{1, 0.9e-4}, {2, 0.9e-4}, {3, 1e-4}, {5, 1.5e-4}}),
                                      runner, store, {.finalists = 2});
  EXPECT_EQ(result.standing.front().point, pointOf(3));
  EXPECT_EQ(result.ties, 0u);
}

TEST(Finals, ANumberOfPointsIsTheMost) {
  NoisyRunner runner(7);
  FakeStore store;
  const FinalsResult result = mustRun(seen({{1, 1e-4}, {2, 1e-4}, {3, 1e-4}, {5, 1e-4}, {6, 1e-4}}),
                                      runner, store, {.finalists = 1, .most = 3, .mostRounds = 20});
  EXPECT_EQ(result.standing.size(), 4u); // and the seed
}

TEST(Finals, WhatFailsIsOut) {
  NoisyRunner runner(2);
  runner.status = [](const Candidate& candidate) {
    return candidate.point.qkPreload() == 1 ? TrialStatus::hang : TrialStatus::correct;
  };
  runner.builds = [](const Point& point) { return point.qkPreload() != 2; };
  runner.truth = [](const Point& point) { return point.qkPreload() == 3 ? 1e-4 : 2e-4; };
  FakeStore store;
  const FinalsResult result = mustRun(seen({{1, 1e-5}, {2, 1e-5}, {3, 1e-4}}), runner, store);
  EXPECT_EQ(result.standing.front().point, pointOf(3));
  ASSERT_EQ(result.standing.size(), 4u);
  EXPECT_THAT(numbersOf(result), testing::ElementsAre(3, 4, testing::_, testing::_));
  EXPECT_EQ(store.statuses()[TrialStatus::hang], 1);
}

TEST(Finals, ALostDeviceEndsThemWithWhatWasMeasured) {
  NoisyRunner runner(2);
  runner.lost = [&runner] { return runner.measured().size() >= 10; };
  FakeStore store;
  const FinalsResult result = mustRun(seen({{1, 1e-4}, {2, 1e-4}, {3, 1e-4}}), runner, store);
  ASSERT_TRUE(result.stopped);
  EXPECT_EQ(result.rounds, 2u);
  EXPECT_EQ(store.trials().size(), 10u);
  EXPECT_EQ(result.standing.size(), 4u);
  EXPECT_THAT(finalsText(result), testing::HasSubstr("stopped: every device is lost"));
}

TEST(Finals, AStopAndAFailingStoreEndThem) {
  NoisyRunner runner(2);
  FakeStore store;
  const std::atomic<bool> stop{true};
  const auto stopped = runFinals(shape(), seen({{1, 1e-4}}), pointOf(4), runner, store, {}, stop);
  ASSERT_TRUE(stopped);
  EXPECT_EQ(stopped->measured, 0u);
  EXPECT_EQ(finalsText(*stopped), "no finalist has a time");
  store.failAfter = 2;
  const auto failed = runFinals(shape(), seen({{1, 1e-4}}), pointOf(4), runner, store, {}, kNoStop);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "disk full");
}

TEST(Finals, ADriftOfTheDeviceIsSaidAndChangesNoPlace) {
  for (const double perMeasurement : {0.001, -0.0005}) {
    NoisyRunner runner(11);
    runner.driftPerMeasurement = perMeasurement;
    runner.truth = [](const Point& point) { return point.qkPreload() == 2 ? 0.99e-4 : 1e-4; };
    FakeStore store;
    const FinalsResult result =
        mustRun(seen({{1, 1e-4}, {2, 1e-4}, {3, 1e-4}}), runner, store, {.leastRounds = 40});
    ASSERT_TRUE(result.drift);
    EXPECT_EQ(result.drift->measurements, 40u);
    EXPECT_EQ(result.drift->relative > 0, perMeasurement > 0);
    EXPECT_THAT(finalsText(result),
                testing::HasSubstr(perMeasurement > 0 ? " % slower (40" : " % faster (40"));
    EXPECT_EQ(result.standing.front().point, pointOf(2));
  }
}

TEST(Finals, NoiseAloneIsNoDrift) {
  int alarms = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    NoisyRunner runner(seed);
    FakeStore store;
    alarms += mustRun(seen({{1, 1e-4}}), runner, store, {.mostRounds = 20}).drift.has_value();
  }
  EXPECT_LE(alarms, 3); // 0.6 are expected
}

TEST(DriftWatch, AsksForTheReferenceBetweenOthers) {
  DriftWatch watch(3);
  EXPECT_TRUE(watch.due());
  watch.reference(1);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(watch.due());
    watch.other();
  }
  EXPECT_TRUE(watch.due());
  for (int i = 1; i <= 20; ++i)
    watch.reference(1 + 0.001 * i);
  const auto drift = watch.drift();
  ASSERT_TRUE(drift);
  EXPECT_THAT(drift->text(), testing::HasSubstr("the device became 2.0 % slower (21 measurements"));
}

} // namespace
} // namespace ptotune::test
