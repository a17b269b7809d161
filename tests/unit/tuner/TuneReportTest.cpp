#include "tuner/cli/TuneReport.h"

#include "Fakes.h"
#include "tuner/cli/ProofReport.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

namespace ptotune::cli {
namespace {

Trial timed(const Problem& problem, const char* point, double microseconds, bool calibrated) {
  Trial trial{.problem = problem, .point = *Point::parse(point, Point())};
  trial.status = TrialStatus::correct;
  trial.seconds = {microseconds * 1e-6};
  trial.calibrated = calibrated;
  return trial;
}

// Two problems: one with answers, one that was interrupted before it had any.
TuneResult sample() {
  TuneResult result;
  result.environment = {.soc = "Ascend910B2", .runner = "sim"};
  ProblemResult one;
  one.problem = {.s0 = 1024, .s1 = 1024};
  one.enumeration.raw = 86016;
  one.enumeration.legal = 5376;
  one.distinct = 1344;
  one.complete = true;
  one.evaluated = 1344;
  one.best = timed(one.problem, "TILE_S1=512,SlotNum=4,EN_UNIT_FLAG=0", 50, true);
  one.seed = timed(one.problem, "TILE_S1=256", 75, true);
  ProblemResult two;
  two.problem = {.s0 = 16384, .s1 = 16384};
  two.enumeration.raw = 86016;
  two.enumeration.legal = 7000;
  two.distinct = 12;
  result.problems = {one, two};
  return result;
}

Job sampleJob() {
  Job job;
  job.name = "fa_910b2";
  job.soc.name = "Ascend910B2";
  job.space.name = "fa";
  return job;
}

TEST(TuneReport, TablesPerProblem) {
  EXPECT_EQ(tuneReport(sampleJob(), sample(), 80),
            R"(fa_910b2 on Ascend910B2, runner sim, space fa; head 128, non-causal, f16

     s0     s1     raw  legal  distinct  evaluated
   1024   1024  86,016  5,376     1,344      1,344
  16384  16384  86,016  7,000       12+          0

     s0     s1  best us  TFLOP/s  default us  TFLOP/s  speed-up  costs
   1024   1024    50.00    10.74       75.00     7.16     1.50x  calibrated
  16384  16384        -        -           -        -         -  -

     s0     s1  best point
   1024   1024  TILE_S1=512,SlotNum=4,EN_UNIT_FLAG=0
  16384  16384  -
  parameters that are not named: as in the default point
  gap: 0 % where every legal point is answered; nothing is proven of the other
    problems
)");
}

TEST(TuneReport, FitsIntoEightyColumns) {
  TuneResult result = sample();
  result.problems[1].best = timed(
      result.problems[1].problem,
      "TILE_S1=1024,CUBE_S1=256,CUBE_S0=256,QK_PRELOAD=8,SlotNum=16,LocalSlotNum=8,EN_UNIT_FLAG=0",
      123456.78, false);
  result.problems[1].seed = timed(result.problems[1].problem, "TILE_S1=256", 234567.89, false);
  Trial hang{.problem = result.problems[0].problem};
  hang.status = TrialStatus::hang;
  hang.detail = std::string(60, 'x') + " waits for " + std::string(60, 'y');
  result.problems[0].failures[TrialStatus::hang] = 3;
  result.problems[0].firstFailure = hang;
  std::istringstream lines(tuneReport(sampleJob(), result, 80));
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    EXPECT_LE(line.size(), 80u) << line;
  EXPECT_GT(count, 12u);
}

TEST(TuneReport, CountsWhatEachRuleRejects) {
  TuneResult result = sample();
  result.problems[0].enumeration.rejected = {
      {"constraints[0]", 7}, {"protocol.hang", 1864}, {"shape.tile", 18432}};
  result.problems[1].enumeration.rejected = {{"capacity.l0c", 23552}, {"shape.tile", 18432}};
  // In the order in which the rules are asked, the space file's constraints last.
  EXPECT_THAT(tuneReport(sampleJob(), result, 80),
              testing::EndsWith("    problems\n\n"
                                "  s0                            1024   16384\n"
                                "  s1                            1024   16384\n"
                                "  rejected by shape.tile      18,432  18,432\n"
                                "  rejected by capacity.l0c         0  23,552\n"
                                "  rejected by protocol.hang    1,864       0\n"
                                "  rejected by constraints[0]       7       0\n"));
  std::istringstream lines(tuneReport(sampleJob(), result, 40));
  int tables = 0;
  for (std::string line; std::getline(lines, line);)
    tables += line.starts_with("  rejected by shape.tile ") ? 1 : 0;
  EXPECT_EQ(tables, 2);
}

TEST(TuneReport, NamesASeedThatIsNotTheDefaultPoint) {
  Job job = sampleJob();
  job.seed = *Point::parse("QK_PRELOAD=2", Point());
  const std::string text = tuneReport(job, sample(), 80);
  EXPECT_NE(text.find("seed us"), std::string::npos);
  EXPECT_EQ(text.find("default us"), std::string::npos);
  EXPECT_NE(text.find("seed: QK_PRELOAD=2"), std::string::npos);
}

TEST(TuneReport, TellsFailures) {
  TuneResult result = sample();
  Trial hang{.problem = result.problems[0].problem};
  hang.status = TrialStatus::hang;
  hang.detail = "cube waits for vec\nvec waits for cube";
  result.problems[0].failures[TrialStatus::compile] = 1200;
  result.problems[0].failures[TrialStatus::hang] = 3;
  result.problems[0].firstFailure = hang;
  const std::string text = tuneReport(sampleJob(), result, 80);
  EXPECT_NE(
      text.find("\nno time: head=128,s0=1024,s1=1024,causal=0,dtype=f16 (1,200 compile, 3 hang)\n"
                "  the default point: hang: cube waits for vec; vec waits for cube\n"),
      std::string::npos)
      << text;
}

// What a search by measurements found of the first problem, and nothing of the second.
ProvenResult provenSample() {
  ProvenResult proven{.tune = sample(), .proofs = {}};
  search::Proof proof{.best = proven.tune.problems[0].best->point, .reason = "every point"};
  proof.seconds = 50e-6;
  proof.bound = 50e-6;
  proof.gap = 0;
  proof.critical = {.pipe = "FIX on AIC", .stage = "QK", .share = 0.58};
  proof.decided = {.raw = 86016, .candidates = 5376, .evaluated = 1344};
  proven.proofs = {proof, {.reason = "interrupted"}};
  return proven;
}

TEST(ProofReport, SaysWhoseModelHoldsADevicesPointBack) {
  ProvenResult proven = provenSample();
  EXPECT_THAT(proofReport(sampleJob(), proven, 80),
              testing::HasSubstr("     s0     s1  held back by\n"
                                 "   1024   1024  FIX on AIC: QK, 58 %\n"));
  proven.tune.environment.runner = "ascend";
  EXPECT_THAT(proofReport(sampleJob(), proven, 80),
              testing::HasSubstr("     s0     s1  held back by, in the simulator's model\n"
                                 "   1024   1024  FIX on AIC: QK, 58 %\n"));
}

TEST(ProofReport, TellsFailures) {
  ProvenResult proven = provenSample();
  EXPECT_THAT(proofReport(sampleJob(), proven, 80), testing::Not(testing::HasSubstr("no time")));
  Trial wrong{.problem = proven.tune.problems[0].problem};
  wrong.status = TrialStatus::correctness;
  wrong.detail = "worst at row 3: nan";
  proven.tune.problems[0].failures = {{TrialStatus::correctness, 1}, {TrialStatus::hang, 2}};
  proven.tune.problems[0].firstFailure = wrong;
  const std::string text = proofReport(sampleJob(), proven, 80);
  EXPECT_THAT(text,
              testing::HasSubstr("\n\nno time: head=128,s0=1024,s1=1024,causal=0,dtype=f16 ("));
  EXPECT_THAT(text, testing::HasSubstr("2 hang"));
  EXPECT_TRUE(text.ends_with("  the default point: correctness: worst at row 3: nan\n")) << text;
}

TEST(ProofReport, TablesPerProblem) {
  const std::string text = proofReport(sampleJob(), provenSample(), 80);
  const std::string tables =
      R"(fa_910b2 on Ascend910B2, runner sim, space fa; head 128, non-causal, f16

     s0     s1  best us  TFLOP/s  default us  TFLOP/s  speed-up  costs
   1024   1024    50.00    10.74       75.00     7.16     1.50x  calibrated
  16384  16384        -        -           -        -         -  -

     s0     s1  bound us     gap  ended
   1024   1024     50.00  0.00 %  every point
  16384  16384         -       -  interrupted

     s0     s1  best point
)";
  EXPECT_EQ(text.substr(0, tables.size()), tables);
}

TEST(ProofReport, WithoutBoundsOnlySaysWhyItEnded) {
  ProvenResult proven = provenSample();
  proven.tune.environment.runner = "ascend";
  proven.proofs.front().bound = 0;
  Job job = sampleJob();
  job.seed = *Point::parse("QK_PRELOAD=2", Point());
  const std::string text = proofReport(job, proven, 80);
  EXPECT_THAT(text, testing::HasSubstr("\n\n     s0     s1  ended\n   1024   1024  every point\n"));
  EXPECT_THAT(text, testing::HasSubstr("  seed us  "));
  EXPECT_THAT(text, testing::HasSubstr("\n  seed: QK_PRELOAD=2\n"));
}

TEST(ProofReport, SharesMeasured) {
  struct Case {
    std::uint64_t evaluated, candidates;
    const char* share;
  };
  for (const Case& one :
       {Case{0, 0, "0 %"}, Case{0, 5, "0 %"}, Case{5, 5, "100 %"}, Case{999, 1000, "99.9 %"},
        Case{1, 8, "12.5 %"}, Case{1, 30, "3.3 %"}, Case{36, 6'341'787'648, "below 0.001 %"}}) {
    ProvenResult proven = provenSample();
    proven.tune.problems.resize(1);
    proven.proofs.resize(1);
    proven.proofs.front().decided = {.candidates = one.candidates, .evaluated = one.evaluated};
    const std::string text = proofReport(sampleJob(), proven, 80);
    const std::string line = text.substr(text.find("share measured"));
    EXPECT_TRUE(line.ends_with(std::string("  ") + one.share + "\n")) << line;
  }
}

TEST(TuneReport, SaysWhatThisRunDid) {
  TuneResult result = sample();
  EXPECT_EQ(evaluatedText(result, 74.2), "evaluated 1,344 new points in 74 s");
  result.interrupted = true;
  EXPECT_EQ(evaluatedText(result, 3.21),
            "interrupted: evaluated 1,344 new points in 3.2 s; the same command continues");
  result.interrupted = false;
  result.problems[0].evaluated = 0;
  EXPECT_EQ(evaluatedText(result, 0.1),
            "evaluated 0 new points: the database already holds every answer");
}

} // namespace
} // namespace ptotune::cli
