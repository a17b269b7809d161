// Search by measurements on a runner that computes.
#include "MeasuredSearches.h"
#include "codegen/Lowering.h"
#include "tuner/PointText.h"
#include "tuner/search/Searchers.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace ptotune::test {
namespace {

std::vector<std::string> searches() {
  std::vector<std::string> names;
  for (const search::SearcherInfo& info : search::allSearchers())
    names.emplace_back(info.name);
  return names;
}

std::vector<std::string> pointsOf(const std::vector<Candidate>& candidates) {
  std::vector<std::string> points;
  for (const Candidate& one : candidates)
    points.push_back(shortText(one.point));
  return points;
}

// What a search of a job of one problem asked for, in order, equal programs among them.
std::vector<std::string> askedOf(const FakeStore& store) {
  std::vector<std::string> points;
  for (const Trial& trial : store.trials())
    points.push_back(shortText(trial.point));
  return points;
}

// With costs that are all alike, as the simulator's are, so that two runs are the same.
struct SimulatorLike : FakeRunner {
  SimulatorLike() { runner = kSimRunner; }
};

class EveryMeasuredSearch : public testing::TestWithParam<std::string> {};

TEST_P(EveryMeasuredSearch, MeasuresTheSeedFirstAndNoProgramTwice) {
  const Job job = smallJob();
  FakeRunner runner;
  FakeStore store;
  const ProvenResult result = mustSearch(job, runner, store, optionsOf(GetParam()));
  ASSERT_EQ(result.tune.problems.size(), job.problems.size());
  EXPECT_EQ(runner.measured().front().point, Point());
  std::set<std::pair<std::int64_t, Point>> programs;
  for (const Candidate& one : runner.measured())
    EXPECT_TRUE(programs.emplace(one.problem.s1, programPoint(one.point)).second);
  for (std::size_t i = 0; i < job.problems.size(); ++i) {
    const ProblemResult& one = result.tune.problems[i];
    EXPECT_EQ(one.enumeration.legal, kLegal) << "those that change no program among them";
    EXPECT_EQ(one.evaluated, kDistinct);
    EXPECT_TRUE(one.complete);
    ASSERT_TRUE(one.best);
    EXPECT_EQ(one.best->point, *Point::parse("SlotNum=6", Point()));
    ASSERT_TRUE(one.seed);
    EXPECT_EQ(result.proofs[i].reason, "every point");
    EXPECT_EQ(result.proofs[i].bound, 0) << "nothing is proven about a device";
  }
}

TEST_P(EveryMeasuredSearch, EndsAfterSoManyMeasurements) {
  const Job job = smallJob({1024});
  FakeRunner runner;
  FakeStore store;
  MeasuredOptions options = optionsOf(GetParam());
  options.stop.evaluations = 9;
  const ProvenResult result = mustSearch(job, runner, store, options);
  EXPECT_EQ(runner.measured().size(), 9u);
  EXPECT_EQ(result.proofs.front().reason, "evaluations");
  EXPECT_FALSE(result.tune.problems.front().complete);
}

// Killed behind any measurement: the next run asks for what an unbroken one asks for.
TEST_P(EveryMeasuredSearch, GoesOnAsIfItHadNotBeenKilled) {
  const Job job = smallJob({1024});
  MeasuredOptions options = optionsOf(GetParam());
  options.seed = 5;
  options.tune.jobs = 1;
  options.stop.evaluations = 17;
  SimulatorLike whole;
  FakeStore wholeStore;
  mustSearch(job, whole, wholeStore, options);
  const std::vector<std::string> unbroken = pointsOf(whole.measured());
  ASSERT_EQ(unbroken.size(), 17u);
  for (std::size_t killedAt = 1; killedAt < unbroken.size(); ++killedAt) {
    SimulatorLike runner;
    FakeStore store;
    TuneProgress progress;
    runner.onMeasure = [&](const Candidate&) {
      if (runner.measured().size() == killedAt)
        progress.stop = true;
    };
    ASSERT_TRUE(searchMeasured(job, runner, store, options, progress));
    ASSERT_EQ(runner.measured().size(), killedAt);
    runner.onMeasure = [](const Candidate&) {};
    const ProvenResult rest = mustSearch(job, runner, store, options);
    EXPECT_EQ(pointsOf(runner.measured()), unbroken) << "killed at " << killedAt;
    EXPECT_EQ(askedOf(store), askedOf(wholeStore)) << "killed at " << killedAt;
    EXPECT_EQ(rest.tune.problems.front().evaluated, unbroken.size() - killedAt);
  }
}

INSTANTIATE_TEST_SUITE_P(Search, EveryMeasuredSearch, testing::ValuesIn(searches()),
                         [](const auto& info) { return info.param; });

TEST(MeasuredSearch, CountsThePointsThatItLooksAtFirst) {
  const Job job = smallJob({1024});
  FakeRunner runner;
  FakeStore store;
  TuneProgress progress;
  ASSERT_TRUE(searchMeasured(job, runner, store, optionsOf("random"), progress));
  EXPECT_EQ(progress.toLookAt, kLegal);
  EXPECT_EQ(progress.lookedAt, kLegal);
  EXPECT_EQ(progress.total, 0u) << "nobody knows how many will be measured";
}

TEST(MeasuredSearch, LowersNothingFirstWhereARecordingAnswers) {
  FakeRunner runner;
  runner.runner = "replay";
  FakeStore store;
  TuneProgress progress;
  const auto result =
      searchMeasured(smallJob({1024}), runner, store, optionsOf("random"), progress);
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(progress.toLookAt, 0u);
  EXPECT_EQ(result->tune.problems.front().evaluated, kDistinct);
  EXPECT_TRUE(result->tune.problems.front().complete);
}

TEST(MeasuredSearch, StopsWhileItLooksAtTheSpace) {
  Job job = smallJob({8192});
  setDomain(job.space, Param::slotNumQK, {6, 7, 8, 9, 10, 11, 12});
  setDomain(job.space, Param::localSlotNum, {1, 2, 3, 4, 5, 6});
  FakeRunner runner;
  FakeStore store;
  TuneProgress progress;
  std::jthread user([&](const std::stop_token& ended) {
    while (progress.lookedAt == 0 && !ended.stop_requested())
      std::this_thread::yield();
    progress.stop = true;
  });
  MeasuredOptions options = optionsOf("random");
  options.prior = PriorFrom::sim;
  const auto result = searchMeasured(job, runner, store, options, progress);
  user.request_stop();
  user.join();
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_GT(progress.lookedAt, 0u);
  EXPECT_LT(progress.lookedAt, progress.toLookAt) << "the points after the stop are not lowered";
  EXPECT_TRUE(result->tune.interrupted);
  EXPECT_EQ(result->proofs.front().reason, "interrupted");
  EXPECT_GT(result->tune.problems.front().enumeration.legal, 0u);
  EXPECT_TRUE(runner.prepared().empty());
  EXPECT_TRUE(store.trials().empty());
}

TEST(MeasuredSearch, AFinishedSearchMeasuresNothingAgain) {
  const Job job = smallJob();
  FakeRunner runner;
  FakeStore store;
  MeasuredOptions options = optionsOf("genetic");
  options.stop.evaluations = 10;
  const ProvenResult first = mustSearch(job, runner, store, options);
  runner.forget();
  const ProvenResult second = mustSearch(job, runner, store, options);
  EXPECT_TRUE(runner.prepared().empty());
  EXPECT_EQ(answerText(second.tune), answerText(first.tune));
  EXPECT_EQ(second.proofs.front().decided.evaluated, 10u);
}

TEST(MeasuredSearch, AnotherSeedIsToldWhatIsKnown) {
  const Job job = smallJob({1024});
  FakeRunner runner;
  FakeStore store;
  MeasuredOptions options = optionsOf("random");
  options.stop.evaluations = 10;
  mustSearch(job, runner, store, options);
  options.seed = 2;
  const ProvenResult result = mustSearch(job, runner, store, options);
  EXPECT_EQ(result.proofs.front().decided.told, 10u);
  EXPECT_EQ(runner.measured().size(), 20u);
  std::set<Point> points;
  for (const Candidate& one : runner.measured())
    EXPECT_TRUE(points.insert(one.point).second) << one.point.text();
}

// While a search is interrupted, another one measures: the first goes on with its own sequence and
// takes the other's answers where it meets them.
TEST(MeasuredSearch, AnotherSearchInBetweenChangesNoAsk) {
  const Job job = smallJob({1024});
  MeasuredOptions options = optionsOf("surrogate");
  options.tune.jobs = 1;
  options.stop.evaluations = 14;
  SimulatorLike whole;
  FakeStore wholeStore;
  mustSearch(job, whole, wholeStore, options);

  SimulatorLike runner;
  FakeStore store;
  TuneProgress progress;
  runner.onMeasure = [&](const Candidate&) { progress.stop = runner.measured().size() == 6; };
  ASSERT_TRUE(searchMeasured(job, runner, store, options, progress));
  runner.onMeasure = [](const Candidate&) {};
  MeasuredOptions other = optionsOf("random");
  other.stop.evaluations = 8;
  mustSearch(job, runner, store, other);
  runner.forget();
  mustSearch(job, runner, store, options);
  std::vector<std::string> unbroken = pointsOf(whole.measured());
  const std::vector<std::string> asked = askedOf(store);
  std::erase_if(unbroken, [&](const std::string& point) {
    return std::ranges::find(asked, point) != asked.end();
  });
  EXPECT_THAT(unbroken, testing::IsEmpty()) << "some ask of the unbroken search has no answer";
}

TEST(MeasuredSearch, FailuresAreAnswers) {
  const Job job = smallJob({1024});
  FakeRunner runner;
  runner.builds = [](const Point& point) { return point.qkPreload() != 3; };
  runner.status = [](const Candidate& candidate) {
    return candidate.point.tileS1() == 128 ? TrialStatus::hang : TrialStatus::correct;
  };
  FakeStore store;
  const ProvenResult result = mustSearch(job, runner, store, optionsOf("auto"));
  const ProblemResult& one = result.tune.problems.front();
  EXPECT_TRUE(one.complete);
  ASSERT_TRUE(one.best);
  EXPECT_EQ(one.best->point.tileS1(), 256);
  EXPECT_EQ(one.failures.at(TrialStatus::compile), 8u);
  EXPECT_EQ(one.failures.at(TrialStatus::hang), 8u);
  EXPECT_EQ(result.proofs.front().decided.evaluated, kDistinct) << "failures are evaluations";
}

TEST(MeasuredSearch, StopConditionsCompose) {
  const Job job = smallJob({1024});
  const auto reason = [&](const search::StopConditions& stop,
                          const std::optional<Unlikely>& unlikely) {
    FakeRunner runner;
    FakeStore store;
    MeasuredOptions options = optionsOf("surrogate");
    options.stop = stop;
    options.unlikely = unlikely;
    return mustSearch(job, runner, store, options).proofs.front().reason;
  };
  EXPECT_EQ(reason({.evaluations = 3, .withoutBetter = 40}, {}), "evaluations");
  EXPECT_EQ(reason({.evaluations = 40, .withoutBetter = 3}, {}), "no better point");
  EXPECT_EQ(reason({.evaluations = 40, .seconds = 0}, {}), "time");
  EXPECT_EQ(reason({}, Unlikely{.improvement = 0.9, .chance = 0.9}), "improvement unlikely");
  EXPECT_EQ(reason({}, {}), "every point");
}

TEST(MeasuredSearch, OnTheSimulatorTheAnswerHasABound) {
  const Job job = smallJob({1024});
  SimulatorLike runner;
  FakeStore store;
  runner.seconds = [](const Candidate& candidate) {
    return 1e-3 / static_cast<double>(candidate.point.tileS1());
  };
  MeasuredOptions options = optionsOf("random");
  options.stop.evaluations = 4;
  const ProvenResult result = mustSearch(job, runner, store, options);
  const search::Proof& proof = result.proofs.front();
  EXPECT_GT(proof.bound, 0);
  EXPECT_LT(proof.bound, 1e-4);
  EXPECT_DOUBLE_EQ(proof.gap, 1 - proof.bound / proof.seconds);
  EXPECT_EQ(proof.decided.raw, kLegal);

  // The same command goes on without a new measurement; a gap that is met ends at once.
  options.stop = {.gap = 1.0};
  EXPECT_EQ(mustSearch(job, runner, store, options).proofs.front().reason, "gap");
}

TEST(MeasuredSearch, FailedWriteIsAnError) {
  const Job job = smallJob({1024});
  FakeRunner runner;
  FakeStore store;
  store.failAfter = 2;
  TuneProgress progress;
  const auto result = searchMeasured(job, runner, store, optionsOf("random"), progress);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "disk full");
}

// A device whose programs are those of the compiler; builds cost more than anything.
struct Device : FakeRunner {
  Device(const Job& job) : soc(job.soc) { isExact = false; }
  Result<std::shared_ptr<const Artifact>> prepare(const Candidate& candidate) override {
    const auto made = FakeRunner::prepare(candidate);
    const auto kernel =
        lower(KernelSpec::of(candidate.problem), candidate.point, soc, Emit::program);
    if (!made || !kernel)
      return made;
    return std::shared_ptr<const Artifact>(
        std::make_shared<FakeArtifact>((*made)->sourceHash(), kernel->programHash));
  }
  SocProfile soc;
};

TEST(MeasuredSearch, NoProgramIsBuiltTwice) {
  Job job = smallJob({1024});
  // Too many points to be lowered beforehand: values that are not legal here.
  std::vector<std::int64_t> many = {128};
  for (std::int64_t rows = 1025; many.size() < 30'000; rows += 2)
    many.push_back(rows);
  setDomain(job.space, Param::cubeS0, many);
  Device runner(job);
  runner.builds = [](const Point& point) { return point.qkPreload() != 3; };
  FakeStore store;
  MeasuredOptions options = optionsOf("random");
  options.round = 6;
  const ProvenResult result = mustSearch(job, runner, store, options);
  EXPECT_EQ(result.proofs.front().reason, "every point");
  EXPECT_EQ(result.tune.problems.front().enumeration.legal, kLegal);
  EXPECT_EQ(runner.prepared().size(), kDistinct) << "failed builds are not repeated either";
  EXPECT_EQ(store.statuses()[TrialStatus::pruned], static_cast<int>(kLegal - kDistinct));
}

// A device that is lost ends the search with an error; what was measured is stored.
TEST(MeasuredSearch, ALostDeviceIsAnErrorAndKeepsWhatWasMeasured) {
  struct Losing : FakeRunner {
    Result<Trial> attempt(const Candidate& candidate, const Artifact& artifact,
                          const Budget& budget) override {
      if (measured().size() >= 5)
        return Error{.message = "every device is lost"};
      return measure(candidate, artifact, budget);
    }
  } runner;
  FakeStore store;
  MeasuredOptions options = optionsOf("random");
  options.tune.jobs = 1;
  TuneProgress progress;
  const auto result = searchMeasured(smallJob({1024}), runner, store, options, progress);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "every device is lost");
  EXPECT_EQ(store.statuses()[TrialStatus::correct], 5);

  FakeStore other;
  runner.forget();
  TuneProgress exhaustive;
  const auto all = tune(smallJob({1024}), runner, other, {.jobs = 1, .batch = 2}, exhaustive);
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().message, "every device is lost");
  EXPECT_EQ(other.statuses()[TrialStatus::correct], 5);
}

} // namespace
} // namespace ptotune::test
