// The simulating runner on the shipped profile and the real compiler.
#include "runners/SimRunner.h"

#include "codegen/Lowering.h"
#include "tests/support/Paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

namespace ptotune {
namespace {

using testing::HasSubstr;

class SimRunnerTest : public testing::Test {
protected:
  void SetUp() override {
    auto soc = loadSoc(test::config("soc/ascend910b2.toml"));
    ASSERT_TRUE(soc.ok()) << soc.error().text();
    soc_ = *soc;
    runner_ = std::make_unique<SimRunner>(soc_);
  }

  static Candidate candidate(const std::string& point, std::int64_t s0, std::int64_t s1) {
    Candidate made;
    made.problem.s0 = s0;
    made.problem.s1 = s1;
    const auto parsed = Point::parse(point, Point());
    EXPECT_TRUE(parsed.ok()) << point;
    made.point = *parsed;
    return made;
  }
  std::shared_ptr<const Artifact> prepared(const Candidate& candidate) {
    auto artifact = runner_->prepare(candidate);
    EXPECT_TRUE(artifact.ok()) << artifact.error().text();
    return artifact.ok() ? *artifact : nullptr;
  }
  Trial trial(const std::string& point, std::int64_t s0, std::int64_t s1) {
    const Candidate c = candidate(point, s0, s1);
    const auto artifact = prepared(c);
    return artifact ? runner_->measure(c, *artifact, {}) : Trial{};
  }

  SocProfile soc_;
  std::unique_ptr<SimRunner> runner_;
};

TEST_F(SimRunnerTest, Environment) {
  const Environment environment = runner_->environment();
  EXPECT_EQ(environment.soc, "Ascend910B2");
  EXPECT_EQ(environment.socHash, soc_.hash);
  EXPECT_EQ(environment.runner, "sim");
  EXPECT_EQ(environment.runnerVersion, sim::kVersion);
  EXPECT_EQ(environment.toolVersion, PTO_TUNE_VERSION);
  EXPECT_EQ(environment.cores, 24);                // configs/soc/ascend910b2.toml
  EXPECT_EQ(environment.frequency, 1'800'000'000); // the same
  EXPECT_EQ(environment.isaHash, "");
  EXPECT_EQ(environment.toolchain, kCodegenVersion);
}

// What a worker adopts is what its parent lowered, for every form of the kernel.
TEST_F(SimRunnerTest, AWorkerAdoptsWhatWasLowered) {
  SimRunner lowering(soc_, SimRunner::kCapacity, true);
  sim::ProgramRunner worker(soc_);
  EXPECT_EQ(worker.environment(), lowering.environment());
  for (const char* point :
       {"", "KV_SPLIT=2", "TILE_S1=128,PIPE_MODEL=tile", "PIPE_MODEL=tile_offset",
        "VEC_ORDER=gu_first", "CUBE_S0=64,TILE_S1=512", "EN_UNIT_FLAG=0"}) {
    for (const bool causal : {false, true}) {
      Candidate c = candidate(point, 512, 2048);
      c.problem.causal = causal;
      const auto lowered = lowering.prepare(c);
      ASSERT_TRUE(lowered.ok()) << point << ": " << lowered.error().text();
      const auto adopted = worker.adopt(c, (*lowered)->wire());
      ASSERT_TRUE(adopted.ok()) << point << ": " << adopted.error().text();
      EXPECT_EQ((*adopted)->programHash(), (*lowered)->programHash());
      EXPECT_EQ((*adopted)->sourceHash(), (*lowered)->sourceHash());
      const Trial here = lowering.measure(c, **lowered, {});
      const Trial there = worker.measure(c, **adopted, {});
      EXPECT_EQ(there.status, here.status) << point;
      EXPECT_EQ(there.seconds, here.seconds) << point;
      EXPECT_EQ(there.detail, here.detail) << point;
      EXPECT_EQ(there.boundSeconds, here.boundSeconds) << point;
    }
  }
}

TEST_F(SimRunnerTest, AWorkerAdoptsNothingElse) {
  sim::ProgramRunner worker(soc_);
  const Candidate c = candidate("", 1024, 1024);
  EXPECT_THAT(worker.prepare(c).error().text(), HasSubstr("lowers nothing"));
  EXPECT_EQ(prepared(c)->wire(), "{}"); // of a runner that measures by itself
  for (const char* wire : {"{}", "[]", "{\"program\":7}", "no JSON"})
    EXPECT_THAT(worker.adopt(c, wire).error().text(),
                HasSubstr("the lowered kernel is not understood"));
  EXPECT_THAT(worker.adopt(c, "{\"program\":\"5:small\"}").error().text(),
              HasSubstr("a program's text is not understood"));
}

TEST_F(SimRunnerTest, DefaultPoint) {
  const Candidate c = candidate("", 1024, 8192);
  const auto artifact = prepared(c);
  ASSERT_NE(artifact, nullptr);
  EXPECT_FALSE(artifact->sourceHash().empty());
  EXPECT_FALSE(artifact->programHash().empty());
  const Trial t = runner_->measure(c, *artifact, {.minRepetitions = 5});
  ASSERT_EQ(t.status, TrialStatus::correct) << t.detail;
  EXPECT_EQ(t.detail, "");
  EXPECT_EQ(t.problem, c.problem);
  EXPECT_EQ(t.point, c.point);
  EXPECT_EQ(t.sourceHash, artifact->sourceHash());
  EXPECT_EQ(t.programHash, artifact->programHash());
  ASSERT_EQ(t.seconds.size(), 1u); // exact: repetitions tell nothing new
  EXPECT_GT(t.seconds[0], soc_.launchSeconds);
  EXPECT_GT(t.prepareSeconds, 0);
  EXPECT_GT(t.measureSeconds, 0);
  EXPECT_EQ(runner_->measure(c, *artifact, {}).seconds, t.seconds);
  EXPECT_GT(t.boundSeconds, 0);
  EXPECT_LE(t.boundSeconds, t.seconds[0]);
}

// Blocks of 128 rows on 24 cores: a second wave takes about as long as the first.
TEST_F(SimRunnerTest, WavesOfBlocks) {
  const double launch = soc_.launchSeconds;
  const auto core = [&](std::int64_t s0) {
    const Trial t = trial("", s0, 2048);
    EXPECT_EQ(t.status, TrialStatus::correct) << t.detail;
    return t.seconds.at(0) - launch;
  };
  const std::int64_t full = 128 * soc_.cubeCores;
  const double one = core(full);
  const double two = core(full + 128);
  const double three = core(3 * full);
  EXPECT_NEAR(two, 2 * one, 0.2 * one);
  EXPECT_NEAR(three, 3 * one, 0.3 * one);
  EXPECT_EQ(core(2 * full), two); // the busiest core counts
}

TEST_F(SimRunnerTest, CalibratedRange) {
  soc_.calibration.coresMax = 16; // fewer than the SoC has
  runner_ = std::make_unique<SimRunner>(soc_);
  const Candidate base = candidate("", 128, 1024);
  const auto artifact = prepared(base);
  ASSERT_NE(artifact, nullptr);
  const CalibrationRange& range = soc_.calibration;
  struct Case {
    std::int64_t head, s0, s1;
    bool causal;
    bool calibrated;
  };
  const Case cases[] = {
      {range.head, 128, range.s1Min, false, true},
      {range.head, 128, range.s1Max, false, true},
      {range.head, 128, range.s1Min - 256, false, false},
      {range.head, 128, range.s1Max + 256, false, false},
      {range.head, 128 * range.coresMax, 2048, false, true},
      {range.head, 128 * (range.coresMax + 1), 2048, false, false},
      {range.head / 2, 128, 2048, false, false},
      {range.head, 128, 2048, true, false},
  };
  for (const Case& c : cases) {
    Candidate candidate = base;
    candidate.problem.head = c.head;
    candidate.problem.s0 = c.s0;
    candidate.problem.s1 = c.s1;
    candidate.problem.causal = c.causal;
    SCOPED_TRACE(candidate.problem.text());
    EXPECT_EQ(runner_->measure(candidate, *artifact, {}).calibrated, c.calibrated);
  }
  // Nothing was fitted for a SoC whose figures are derived from another's.
  auto derived = loadSoc(test::config("soc/ascend910b3.toml"));
  ASSERT_TRUE(derived.ok()) << derived.error().text();
  EXPECT_TRUE(derived->derived);
  EXPECT_FALSE(SimRunner(*derived).measure(base, *artifact, {}).calibrated);
}

// The rules would reject it; the simulator finds out by itself, and says who waits for whom.
TEST_F(SimRunnerTest, Hang) {
  const Trial t = trial("QK_PRELOAD=8,SlotNum=2", 128, 8192);
  EXPECT_EQ(t.status, TrialStatus::hang);
  EXPECT_TRUE(t.seconds.empty());
  EXPECT_THAT(t.detail, HasSubstr("TALLOC(qk) waits for FFTS flag"));
  EXPECT_THAT(t.detail, HasSubstr("TALLOC(p) waits for FFTS flag"));
  EXPECT_THAT(t.detail, testing::EndsWith("the cycle closes"));
}

TEST_F(SimRunnerTest, TimeoutByInstructions) {
  const Candidate c = candidate("", 128, 8192);
  const auto artifact = prepared(c);
  ASSERT_NE(artifact, nullptr);
  const Trial t = runner_->measure(c, *artifact, {.limit = std::chrono::milliseconds(0)});
  EXPECT_EQ(t.status, TrialStatus::timeout);
  EXPECT_THAT(t.detail, HasSubstr("has not ended after 0 instructions"));
  const Trial longest = runner_->measure(c, *artifact, {.limit = std::chrono::milliseconds::max()});
  EXPECT_EQ(longest.status, TrialStatus::correct);
}

TEST_F(SimRunnerTest, ShapeThatDoesNotDivide) {
  const Trial t = trial("", 100, 1024);
  EXPECT_EQ(t.status, TrialStatus::runtime);
  EXPECT_THAT(t.detail, HasSubstr("s0 = 100 is not a positive multiple of the 128 rows"));
}

// One lowering of a point serves all shapes; another head or point is another kernel.
TEST_F(SimRunnerTest, OneLoweringForAllShapes) {
  const auto first = prepared(candidate("", 128, 1024));
  EXPECT_EQ(prepared(candidate("", 4096, 8192)), first);
  const auto other = prepared(candidate("QK_PRELOAD=3", 128, 1024));
  EXPECT_NE(other, first);
  EXPECT_NE(other->programHash(), first->programHash());
}

// LocalSlotNum is not read in the slot form: another C++ text, the same program, the same time.
TEST_F(SimRunnerTest, InertParameter) {
  const auto two = prepared(candidate("LocalSlotNum=2", 128, 1024));
  const auto eight = prepared(candidate("LocalSlotNum=8", 128, 1024));
  EXPECT_NE(two->sourceHash(), eight->sourceHash());
  EXPECT_EQ(two->programHash(), eight->programHash());
  EXPECT_EQ(trial("LocalSlotNum=2", 128, 2048).seconds, trial("LocalSlotNum=8", 128, 2048).seconds);
}

TEST_F(SimRunnerTest, CacheIsBounded) {
  SimRunner small(soc_, 2);
  const Candidate a = candidate("", 128, 1024);
  const Candidate b = candidate("QK_PRELOAD=3", 128, 1024);
  const Candidate c = candidate("QK_PRELOAD=2", 128, 1024);
  const auto first = *small.prepare(a);
  const auto second = *small.prepare(b);
  EXPECT_EQ(*small.prepare(a), first); // a is now the one used last
  const auto third = *small.prepare(c);
  EXPECT_EQ(*small.prepare(a), first);
  EXPECT_EQ(*small.prepare(c), third);
  const auto again = *small.prepare(b); // had to go
  EXPECT_NE(again, second);
  EXPECT_EQ(again->programHash(), second->programHash());
}

TEST_F(SimRunnerTest, UnlowerablePointIsAnErrorEachTime) {
  const Candidate c = candidate("CUBE_S1=256,TILE_S1=256", 128, 1024); // UB and L0C overflow
  for (int i = 0; i < 2; ++i) {
    const auto artifact = runner_->prepare(c);
    ASSERT_FALSE(artifact.ok());
    EXPECT_FALSE(artifact.error().text().empty());
  }
}

struct ForeignArtifact : Artifact {
  Hash sourceHash() const override { return {}; }
  Hash programHash() const override { return {}; }
};

TEST_F(SimRunnerTest, ForeignArtifact) {
  const Trial t = runner_->measure(candidate("", 128, 1024), ForeignArtifact(), {});
  EXPECT_EQ(t.status, TrialStatus::runtime);
  EXPECT_THAT(t.detail, HasSubstr("another runner"));
}

// Many threads: the same answers as one, each point lowered once.
TEST_F(SimRunnerTest, Threads) {
  const std::vector<std::string> points = {"", "QK_PRELOAD=2", "TILE_S1=512", "SlotNum=4",
                                           "EN_UNIT_FLAG=0"};
  std::map<std::string, std::vector<double>> expected;
  for (const std::string& point : points)
    expected[point] = trial(point, 512, 4096).seconds;

  SimRunner shared(soc_);
  std::vector<std::vector<std::shared_ptr<const Artifact>>> artifacts(4);
  std::vector<int> wrong(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < artifacts.size(); ++t)
    threads.emplace_back([&, t] {
      for (const std::string& point : points) {
        const Candidate c = candidate(point, 512, 4096);
        const auto artifact = shared.prepare(c);
        artifacts[t].push_back(artifact.ok() ? *artifact : nullptr);
        if (!artifact.ok() || shared.measure(c, **artifact, {}).seconds != expected.at(point))
          ++wrong[t];
      }
    });
  for (std::thread& thread : threads)
    thread.join();
  for (std::size_t t = 0; t < artifacts.size(); ++t) {
    EXPECT_EQ(wrong[t], 0);
    EXPECT_EQ(artifacts[t], artifacts[0]);
  }
}

} // namespace
} // namespace ptotune
