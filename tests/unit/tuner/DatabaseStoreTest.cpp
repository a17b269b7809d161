#include "Fakes.h"
#include "tests/support/TempFile.h"
#include "tuner/measured/MeasuredSearch.h"

namespace ptotune::test {
namespace {

Result<Database> open(const std::string& path) {
  return Database::open(path, OpenMode::create);
}

TEST(DatabaseStore, SecondRunOnTheSameFileMeasuresNothing) {
  const TempDir directory;
  const std::string path = directory.path("results.db");
  const Job job = smallJob();
  FakeRunner runner;
  std::string first;
  {
    auto database = open(path);
    ASSERT_TRUE(database.ok()) << database.error().text();
    DatabaseStore store(*database, "test");
    first = answerText(mustTune(job, runner, store));
  }
  EXPECT_EQ(runner.measured().size(), 48u);
  runner.forget();
  auto database = open(path);
  ASSERT_TRUE(database.ok()) << database.error().text();
  DatabaseStore store(*database, "test");
  EXPECT_EQ(answerText(mustTune(job, runner, store)), first);
  EXPECT_TRUE(runner.prepared().empty());
}

TEST(DatabaseStore, WhatTheRulesRejectGoesToTheSessionOfTheTrials) {
  const TempDir directory;
  auto database = open(directory.path("results.db"));
  ASSERT_TRUE(database.ok()) << database.error().text();
  const Job job = smallJob({1024});
  FakeRunner runner;
  DatabaseStore store(*database, "test");
  const TuneResult result = mustTune(job, runner, store);
  ASSERT_EQ(result.problems.size(), 1u);
  Enumeration counted = result.problems[0].enumeration;
  counted.rejected["ub"] = 7;
  ASSERT_TRUE(store.recordRejections(job.problems[0], counted));
  const auto stored = database->rejections();
  ASSERT_TRUE(stored.ok());
  ASSERT_EQ(stored->size(), 1u);
  EXPECT_EQ((*stored)[0].legal, 48);
  EXPECT_EQ((*stored)[0].rejected.at("ub"), 7);
  // A run that records no trial leaves the file as it is.
  DatabaseStore idle(*database, "test");
  mustTune(job, runner, idle);
  ASSERT_TRUE(idle.recordRejections(job.problems[0], {}));
  EXPECT_EQ(database->rejections()->size(), 1u);
  EXPECT_EQ(database->sessions()->size(), 1u);
}

TEST(DatabaseStore, AProofIsStoredWhereItSaysMore) {
  const TempDir directory;
  auto database = open(directory.path("results.db"));
  ASSERT_TRUE(database.ok()) << database.error().text();
  FakeRunner runner;
  const Problem problem = smallJob({1024}).problems[0];
  const auto prove = [&](double bound, const char* space = "fa") {
    DatabaseStore store(*database, "test");
    ASSERT_TRUE(store.recordProof(
        runner.environment(), problem,
        {.space = Hash::of(space), .spaceName = space, .points = 10, .bound = bound}));
  };
  prove(1e-6);
  EXPECT_EQ(database->sessions()->size(), 1u) << "also where no trial is recorded";
  prove(1e-6);
  prove(0.5e-6);
  EXPECT_EQ(database->sessions()->size(), 1u) << "that was known";
  prove(2e-6);
  prove(1e-6, "other");
  EXPECT_EQ(database->sessions()->size(), 3u);
  const auto proofs = database->proofs(runner.environment().hash(), problem);
  ASSERT_TRUE(proofs);
  ASSERT_EQ(proofs->size(), 2u);
  EXPECT_EQ((*proofs)[1].bound, 2e-6);
}

// A search that was stopped goes on from the file: the same points in the same order, none twice.
TEST(DatabaseStore, AStoppedSearchGoesOnFromTheFile) {
  const Job job = smallJob({1024});
  MeasuredOptions options{.tune = {.jobs = 1}, .search = "genetic"};
  options.stop.evaluations = 16;
  const auto search = [&](FakeRunner& runner, const std::string& path, std::size_t stopAfter) {
    auto database = open(path);
    ASSERT_TRUE(database.ok()) << database.error().text();
    DatabaseStore store(*database, "test");
    TuneProgress progress;
    runner.onMeasure = [&](const Candidate&) {
      if (runner.measured().size() == stopAfter)
        progress.stop = true;
    };
    const auto result = searchMeasured(job, runner, store, options, progress);
    ASSERT_TRUE(result) << result.error().text();
  };
  const TempDir directory;
  FakeRunner whole;
  whole.runner = kSimRunner;
  search(whole, directory.path("whole.db"), 0);
  FakeRunner runner;
  runner.runner = kSimRunner;
  search(runner, directory.path("broken.db"), 5);
  ASSERT_EQ(runner.measured().size(), 5u);
  search(runner, directory.path("broken.db"), 11);
  ASSERT_EQ(runner.measured().size(), 11u);
  search(runner, directory.path("broken.db"), 0);
  ASSERT_EQ(runner.measured().size(), whole.measured().size());
  for (std::size_t i = 0; i < whole.measured().size(); ++i)
    EXPECT_EQ(runner.measured()[i].point, whole.measured()[i].point);

  auto database = open(directory.path("broken.db"));
  ASSERT_TRUE(database.ok());
  DatabaseStore store(*database, "test");
  const auto searches = store.searches(runner.environment(), job.problems.front());
  ASSERT_TRUE(searches) << searches.error().text();
  ASSERT_EQ(searches->size(), 1u) << "three runs of one search";
  EXPECT_EQ(searches->front().key.searcher, "genetic");
  EXPECT_GE(searches->front().trials.size(), 16u);
}

TEST(DatabaseStore, ChampionsAgreeWithTheAnswerOfTheSearch) {
  const TempDir directory;
  auto database = open(directory.path("results.db"));
  ASSERT_TRUE(database.ok()) << database.error().text();
  DatabaseStore store(*database, "test");
  FakeRunner runner;
  // Several points tie for the best time, the default point among them on one problem.
  runner.seconds = [](const Candidate& candidate) {
    const bool best = candidate.problem.s1 == 1024 || candidate.point.tileS1() == 128;
    return best ? 1e-6 : 2e-6;
  };
  const TuneResult result = mustTune(smallJob(), runner, store);
  const auto champions = database->champions();
  ASSERT_TRUE(champions.ok()) << champions.error().text();
  ASSERT_EQ(champions->size(), result.problems.size());
  for (std::size_t index = 0; index < champions->size(); ++index) {
    const Champion& champion = (*champions)[index];
    const ProblemResult& one = result.problems[index];
    EXPECT_EQ(champion.environment, runner.environment());
    EXPECT_EQ(champion.problem, one.problem);
    ASSERT_TRUE(one.best);
    EXPECT_EQ(champion.point, one.best->point);
    EXPECT_EQ(champion.seconds, *one.best->time());
    EXPECT_EQ(champion.calibrated, one.best->calibrated);
    EXPECT_EQ(champion.trialCount(TrialStatus::correct), 24);
    EXPECT_EQ(champion.trialCount(TrialStatus::pruned), 24);
  }
}

TEST(DatabaseStore, ClosedForWritingIsAnErrorOfTheSearch) {
  const TempDir directory;
  const std::string path = directory.path("results.db");
  {
    ASSERT_TRUE(open(path).ok());
  }
  auto database = Database::open(path, OpenMode::readOnly);
  ASSERT_TRUE(database.ok()) << database.error().text();
  DatabaseStore store(*database, "test");
  FakeRunner runner;
  TuneProgress progress;
  const auto result = tune(smallJob(), runner, store, {.jobs = 1}, progress);
  EXPECT_FALSE(result.ok());
}

} // namespace
} // namespace ptotune::test
