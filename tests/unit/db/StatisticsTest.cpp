// Medians, their intervals, trends, and the standing of points.
#include "RecordsTest.h"
#include "db/Champions.h"

#include <gmock/gmock.h>

namespace ptotune::test {
namespace {

TEST(Median, IsTheMiddleOrTheMeanOfTheTwo) {
  EXPECT_EQ(median(std::vector{3.0}), 3);
  EXPECT_EQ(median(std::vector{9.0, 1.0}), 5);
  EXPECT_EQ(median(std::vector{9.0, 1.0, 2.0}), 2);
  EXPECT_EQ(median(std::vector{9.0, 1.0, 2.0, 4.0}), 3);
}

TEST(MedianInterval, DependsOnTheValuesAlone) {
  std::vector<double> samples = {1.1, 0.9, 1.0, 1.3, 0.95, 1.05, 1.2};
  const Interval interval = medianInterval(samples);
  EXPECT_LT(interval.low, 1.05);
  EXPECT_GT(interval.high, 1.05);
  std::ranges::reverse(samples);
  EXPECT_EQ(medianInterval(samples), interval);
  EXPECT_EQ(medianInterval(std::vector{2.0}), (Interval{2, 2}));
  EXPECT_EQ(medianInterval(std::vector{2.0, 2.0, 2.0}), (Interval{2, 2}));
  EXPECT_EQ(medianInterval(std::vector{2.0, 3.0, 5.0}), (Interval{2, 5})); // 7/27 > 2.5 % each
  const Interval wider = medianInterval(samples, 0.999);
  EXPECT_LE(wider.low, interval.low);
  EXPECT_GE(wider.high, interval.high);
}

// The bootstrap's median of an odd number n of samples is the k-th least one or less with the
// probability that at least (n + 1) / 2 of n draws fall there, each with k / n: for n = 11 by the
// binomial sum 0.7 % for the 2nd least and 5.1 % for the 3rd. So the 2.5 % quantile is the 3rd, and
// the 97.5 % one the 9th.
TEST(MedianInterval, IsTheExactBootstrapsForElevenSamples) {
  std::vector<double> samples;
  for (int i = 1; i <= 11; ++i)
    samples.push_back(i);
  EXPECT_EQ(medianInterval(samples), (Interval{3, 9}));
}

TEST(MedianInterval, HoldsTheMedianAboutAsOftenAsItSays) {
  std::mt19937 random(5);
  std::lognormal_distribution<double> noise(0, 0.1); // median 1
  int held = 0;
  constexpr int kTrials = 400;
  for (int i = 0; i < kTrials; ++i) {
    std::vector<double> samples(15);
    for (double& sample : samples)
      sample = noise(random);
    const Interval interval = medianInterval(samples);
    held += interval.low <= 1 && 1 <= interval.high;
  }
  EXPECT_GE(held, kTrials * 91 / 100);
  EXPECT_LE(held, kTrials * 99 / 100);
}

// Mann and Kendall's score of 1 ... 10 is 45, its variance 125, so z = 44 / sqrt(125) = 3.9354 and
// p = 8.3e-5 (both sides).
TEST(Trend, OfARisingSeriesIsThatOfTheTables) {
  std::vector<double> rising;
  for (int i = 1; i <= 10; ++i)
    rising.push_back(100 + i);
  const Trend trend = trendOf(rising);
  EXPECT_NEAR(trend.p, 8.303e-5, 1e-7);
  EXPECT_NEAR(trend.relative, 9 / 105.5, 1e-12);
  std::ranges::reverse(rising);
  EXPECT_NEAR(trendOf(rising).p, 8.303e-5, 1e-7);
  EXPECT_LT(trendOf(rising).relative, 0);
}

TEST(Trend, OfAFlatSeriesIsNone) {
  EXPECT_EQ(trendOf(std::vector<double>(20, 3.0)).p, 1);
  EXPECT_EQ(trendOf(std::vector<double>(20, 3.0)).relative, 0);
  EXPECT_EQ(trendOf(std::vector{1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0}).p, 1); // too few
}

TEST(Trend, FalseAlarmsAreAsRareAsThePValueSays) {
  std::mt19937 random(9);
  std::normal_distribution<double> noise(1, 0.05);
  int alarms = 0;
  for (int i = 0; i < 2000; ++i) {
    std::vector<double> values(20);
    for (double& value : values)
      value = noise(random);
    alarms += trendOf(values).p < 0.05;
  }
  EXPECT_GT(alarms, 50);
  EXPECT_LT(alarms, 150);
}

TEST(Standing, TiesAreThePointsWhoseIntervalsOverlap) {
  const Problem shape = problem(128, 1024);
  const std::vector<Trial> trials = {
      correctTrial(shape, numberedPoint(1), {1.00, 1.02, 1.04}),
      correctTrial(shape, numberedPoint(2), {1.03, 1.05, 1.07}),
      correctTrial(shape, numberedPoint(3), {1.05, 1.06, 1.07}),
      correctTrial(shape, numberedPoint(4), {1.01}),
      correctTrial(shape, numberedPoint(4), {1.2, 1.3}), // pooled: its median is 1.2
      failedTrial(shape, numberedPoint(5), TrialStatus::hang, "")};
  const auto standing = standingOf(trials);
  ASSERT_TRUE(standing);
  EXPECT_EQ(standing->best.point, numberedPoint(1));
  EXPECT_EQ(standing->best.seconds, 1.02);
  EXPECT_EQ(standing->best.interval, (Interval{1.00, 1.04}));
  ASSERT_EQ(standing->ties.size(), 2u);
  EXPECT_EQ(standing->ties[0].point, numberedPoint(2));
  EXPECT_EQ(standing->ties[1].point, numberedPoint(4));
  EXPECT_EQ(standing->ties[1].interval, (Interval{1.01, 1.3}));
  EXPECT_FALSE(standingOf(std::span(trials).subspan(5)));
}

TEST(Standing, OfAnExactRunnerIsItsTime) {
  const TempDir directory;
  Database database = mustOpen(directory.path("db"));
  mustRecord(database, mustBegin(database),
             {correctTrial(problem(128, 1024), numberedPoint(1), {1.0}),
              correctTrial(problem(128, 1024), numberedPoint(2), {1.0})});
  const auto champions = database.champions();
  ASSERT_TRUE(champions);
  const auto standing = standingOf(database, champions->front());
  ASSERT_TRUE(standing);
  EXPECT_EQ(standing->best.interval, (Interval{1.0, 1.0}));
  EXPECT_TRUE(standing->ties.empty());
  EXPECT_EQ(champions->front().ties, 1);
}

TEST(Confirm, SaysWhatDiffers) {
  const Environment now = deviceEnvironment();
  EXPECT_EQ(whyConfirm(now, now), std::nullopt);
  Environment then = now;
  then.cores = 20; // no identity of the toolchain
  EXPECT_EQ(whyConfirm(then, now), std::nullopt);
  then.toolVersion = "0.0.9";
  EXPECT_EQ(whyConfirm(then, now), "pto-tune 0.0.9, now 0.1.0");
  then.toolchain = "";
  then.isaHash = "abc";
  then.runnerVersion = "1";
  EXPECT_EQ(whyConfirm(then, now),
            "toolchain none, now pto-isa f35e7f60, bisheng 8.5; pto-isa headers abc, now none; "
            "runner ascend 1, now ascend 2; pto-tune 0.0.9, now 0.1.0");
  then = now;
  then.socHash = Hash::of("p");
  EXPECT_EQ(whyConfirm(then, now), "another SoC profile");
}

// Which point each start names, with where it comes from.
std::vector<std::string> textsOf(const std::vector<WarmStart>& starts) {
  std::vector<std::string> texts;
  for (const WarmStart& one : starts)
    texts.push_back(std::to_string(static_cast<int>(one.kind)) + " point " +
                    std::to_string(one.point[Param::slotNumQK]) + " s1 " +
                    std::to_string(one.problem.s1) + " " + one.environment.soc + " " +
                    one.environment.toolchain);
  return texts;
}

TEST(WarmStarts, StandInTheOrderInWhichTheyAreWorthTrying) {
  const TempDir directory;
  Database database = mustOpen(directory.path("db"));
  const auto add = [&database](const char* soc, const char* toolchain, std::int64_t s1, int point,
                               double seconds) {
    Environment environment = deviceEnvironment();
    environment.soc = soc;
    environment.toolchain = toolchain;
    mustRecord(database, mustBegin(database, environment),
               {correctTrial(problem(128, s1), numberedPoint(point - 1), {seconds})});
  };
  add("Ascend910B2", "a", 4096, 1, 3);
  add("Ascend910B2", "a", 4096, 2, 1);
  add("Ascend910B2", "a", 4096, 3, 2);
  add("Ascend910B2", "b", 4096, 4, 5); // newer than a
  add("Ascend910B2", "b", 4096, 2, 6); // known from a: each point once
  add("Ascend910B2", "now", 4096, 5, 1);
  add("Ascend910B2", "now", 16384, 6, 1);
  add("Ascend910B2", "a", 2048, 7, 1);
  add("Ascend910B2", "now", 131072, 8, 1);
  add("Ascend910B4", "now", 4096, 9, 1);
  Environment now = deviceEnvironment();
  now.toolchain = "now";
  const auto starts = warmStarts(database, now, problem(128, 4096), 3);
  ASSERT_TRUE(starts) << starts.error().text();
  EXPECT_EQ(textsOf(*starts),
            (std::vector<std::string>{
                "0 point 4 s1 4096 Ascend910B2 b", "0 point 2 s1 4096 Ascend910B2 a",
                "0 point 3 s1 4096 Ascend910B2 a", "1 point 7 s1 2048 Ascend910B2 a",
                "1 point 6 s1 16384 Ascend910B2 now", "1 point 8 s1 131072 Ascend910B2 now",
                "2 point 9 s1 4096 Ascend910B4 now"}));
  const auto one = warmStarts(database, now, problem(128, 4096), 1);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->size(), 3u);
  const auto other = warmStarts(database, simEnvironment(), problem(128, 1), 4);
  ASSERT_TRUE(other);
  EXPECT_TRUE(other->empty());
}

} // namespace
} // namespace ptotune::test
