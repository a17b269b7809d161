// Recorded trials answer as they were recorded; what was not recorded is said to be so.
#include "db/Database.h"
#include "db/exchange/Exchange.h"
#include "runners/replay/ReplayRunner.h"
#include "tests/support/TempFile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

using namespace ptotune;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

Environment device(const std::string& version = "1") {
  return {
      .soc = "Ascend910B2", .runner = "ascend", .runnerVersion = version, .toolchain = "bisheng"};
}
Problem problem(std::int64_t s1 = 2048) {
  return {.s0 = 1024, .s1 = s1};
}
Point point(std::int64_t tileS1) {
  Point one;
  one.set(Param::tileS1, tileS1);
  return one;
}
Trial correct(std::int64_t tileS1, std::vector<double> seconds, const char* program) {
  return {.problem = problem(),
          .point = point(tileS1),
          .status = TrialStatus::correct,
          .seconds = std::move(seconds),
          .sourceHash = Hash::of(std::string("source of ") + program),
          .programHash = Hash::of(program),
          .prepareSeconds = 10,
          .measureSeconds = 2,
          .calibrated = true};
}
Trial failed(std::int64_t tileS1, TrialStatus status, const char* detail) {
  return {.problem = problem(), .point = point(tileS1), .status = status, .detail = detail};
}

class Replay : public testing::Test {
protected:
  void SetUp() override {
    Trial pruned = failed(1024, TrialStatus::pruned, "same program as the default point");
    pruned.programHash = Hash::of("first");
    record(device(), {correct(256, {3e-5, 1e-5}, "first"), pruned,
                      failed(512, TrialStatus::hang, "507014: AI core timeout"),
                      failed(128, TrialStatus::compile, "bisheng says no"),
                      failed(64, TrialStatus::correctness, "NaN"),
                      failed(32, TrialStatus::constraints, "shape.tile: too small")});
    record(device(), {correct(256, {2e-5}, "first"), correct(64, {9e-5}, "second")});
  }
  void record(const Environment& environment, const std::vector<Trial>& trials) {
    auto database = Database::open(path_, OpenMode::create);
    ASSERT_TRUE(database.ok());
    const auto session = database->beginSession(environment, "test");
    ASSERT_TRUE(session.ok());
    const auto status = database->record(*session, trials);
    ASSERT_TRUE(status.ok()) << status.error().text();
  }
  Result<std::unique_ptr<ReplayRunner>> load(const std::string& environment = "",
                                             const std::string& soc = "Ascend910B2") {
    return ReplayRunner::load({.path = path_, .environment = environment, .soc = soc});
  }
  static Trial measure(Runner& runner, const Candidate& candidate) {
    const auto artifact = runner.prepare(candidate);
    EXPECT_TRUE(artifact.ok());
    return runner.measure(candidate, **artifact, {});
  }

  test::TempDir folder_;
  std::string path_ = folder_.path("recorded.db");
};

TEST_F(Replay, AnswersAsRecorded) {
  const auto runner = load();
  ASSERT_TRUE(runner.ok()) << runner.error().text();
  EXPECT_TRUE((*runner)->exact());
  EXPECT_EQ((*runner)->trials(), 4u);

  // Two sessions measured it: all samples, all of the time that it took.
  const Trial both = measure(**runner, {problem(), point(256)});
  EXPECT_EQ(both.status, TrialStatus::correct);
  EXPECT_THAT(both.seconds, ElementsAre(3e-5, 1e-5, 2e-5));
  EXPECT_EQ(both.prepareSeconds, 20);
  EXPECT_EQ(both.measureSeconds, 4);
  EXPECT_EQ(both.programHash, Hash::of("first"));
  EXPECT_TRUE(both.calibrated);

  const std::tuple<std::int64_t, TrialStatus, const char*> cases[] = {
      {512, TrialStatus::hang, "507014: AI core timeout"},
      {128, TrialStatus::compile, "bisheng says no"},
      {64, TrialStatus::correct, ""}, // it was right once: as the champion's view has it
      {32, TrialStatus::constraints, "the recording has no trial of this point"},
      {2048, TrialStatus::constraints, "the recording has no trial of this point"},
  };
  for (const auto& [tile, status, detail] : cases) {
    const Trial trial = measure(**runner, {problem(), point(tile)});
    EXPECT_EQ(trial.status, status) << tile;
    EXPECT_EQ(trial.detail, detail) << tile;
    EXPECT_EQ(trial.point, point(tile));
  }
  EXPECT_EQ(measure(**runner, {problem(4096), point(256)}).status, TrialStatus::constraints);
}

TEST_F(Replay, APrunedPointHasTheTimesOfItsProgram) {
  const auto runner = load();
  const Trial trial = measure(**runner, {problem(), point(1024)});
  EXPECT_EQ(trial.status, TrialStatus::correct);
  EXPECT_EQ(trial.point, point(1024));
  EXPECT_EQ(trial.seconds.size(), 3u);
}

// Points that share a program in the recording share it here; others never do.
TEST_F(Replay, ProgramsAreThoseOfTheRecording) {
  const auto runner = load();
  const auto hash = [&](std::int64_t tile) {
    return (*(*runner)->prepare({problem(), point(tile)}))->programHash();
  };
  EXPECT_EQ(hash(256), hash(1024));
  EXPECT_NE(hash(256), hash(64));
  EXPECT_NE(hash(32), hash(2048));
  EXPECT_FALSE(hash(32).empty());
}

TEST_F(Replay, IsAnEnvironmentOfItsOwn) {
  const Environment before = (*load())->environment();
  EXPECT_EQ(before.runner, "replay");
  EXPECT_EQ(before.soc, "Ascend910B2");
  EXPECT_THAT(before.toolchain, HasSubstr("by ascend 1"));
  EXPECT_EQ((*load())->environment(), before);
  record(device(), {correct(64, {8e-5}, "second")});
  EXPECT_NE((*load())->environment(), before); // other answers
}

TEST_F(Replay, OneEnvironmentIsChosen) {
  record(device("2"), {correct(256, {7e-5}, "first")});
  const auto unclear = load();
  ASSERT_FALSE(unclear.ok());
  EXPECT_THAT(unclear.error().text(), HasSubstr("several environments on Ascend910B2"));
  EXPECT_THAT(unclear.error().text(), HasSubstr("--recorded-by"));
  const auto second = load(device("2").hash().hex().substr(0, 6));
  ASSERT_TRUE(second.ok()) << second.error().text();
  EXPECT_THAT(measure(**second, {problem(), point(256)}).seconds, ElementsAre(7e-5));
}

TEST_F(Replay, Refuses) {
  EXPECT_THAT(load("", "Ascend910B4").error().text(),
              HasSubstr("the recording has no trials on Ascend910B4 that could be replayed"));
  EXPECT_FALSE(load("ffffffff").ok());
  EXPECT_FALSE(ReplayRunner::load({.path = folder_.path("missing.db")}).ok());
  EXPECT_FALSE(ReplayRunner::load({.path = folder_.write("bad.json", "{")}).ok());
}

TEST_F(Replay, ReadsT4AndTheOtherTexts) {
  auto database = Database::open(path_, OpenMode::readOnly);
  const auto records = database->records();
  ASSERT_TRUE(records.ok());
  const auto t4 = renderT4(*records, "t4");
  ASSERT_TRUE(t4.ok()) << t4.error().text();
  const std::string files[] = {folder_.write("a.json", t4->text),
                               folder_.write("a.jsonl", renderJsonLines(*records)),
                               folder_.write("a.csv", renderCsv(*records))};
  for (const std::string& file : files) {
    const auto runner = ReplayRunner::load({.path = file, .soc = "Ascend910B2"});
    ASSERT_TRUE(runner.ok()) << runner.error().text();
    const Trial trial = measure(**runner, {problem(), point(256)});
    EXPECT_EQ(trial.status, TrialStatus::correct) << file;
    EXPECT_EQ(trial.seconds.size(), 3u) << file;
    EXPECT_DOUBLE_EQ(*trial.time(), 2e-5) << file;
    EXPECT_EQ(trial.prepareSeconds, 20) << file;
  }
}

} // namespace
