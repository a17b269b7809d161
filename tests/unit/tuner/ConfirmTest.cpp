// The fastest points of a search are measured again until they are told apart.
#include "tuner/measured/Confirm.h"

#include "MeasuredSearches.h"

#include <map>
#include <mutex>

namespace ptotune::test {
namespace {

// Noise of one in a hundred that follows from how often a point was measured.
struct NoisyRunner : FakeRunner {
  NoisyRunner() {
    isExact = false;
    const auto exactly = seconds;
    seconds = [this, exactly](const Candidate& candidate) {
      const std::lock_guard lock(counting);
      const int turn = ++turns[programPoint(candidate.point)];
      return exactly(candidate) * (1 + 0.01 * ((turn * 7) % 5 - 2));
    };
  }
  std::mutex counting;
  std::map<Point, int> turns;
};

TEST(Confirm, TheFastestMeetAgainAndAllSamplesCount) {
  const Job job = smallJob({1024});
  NoisyRunner runner;
  FakeStore store;
  MeasuredOptions options = optionsOf("auto");
  options.stop.evaluations = 15;
  ProvenResult found = mustSearch(job, runner, store, options);
  TuneProgress progress;
  const FinalsOptions finals{.mostRounds = 8};
  const auto confirmed = confirm(job, found, runner, store, finals, progress);
  ASSERT_TRUE(confirmed) << confirmed.error().text();
  EXPECT_GT(confirmed->measured, 0u);
  ASSERT_EQ(confirmed->texts.size(), 1u);
  EXPECT_FALSE(confirmed->texts.front().empty());
  const ProblemResult& one = found.tune.problems.front();
  ASSERT_TRUE(one.best && one.seed);
  EXPECT_GT(one.best->seconds.size(), 3u);
  EXPECT_GT(one.seed->seconds.size(), 3u);
  EXPECT_LE(*one.best->time(), *one.seed->time());

  // Once told apart, the same command measures nothing.
  runner.forget();
  ProvenResult again = mustSearch(job, runner, store, options);
  const auto second = confirm(job, again, runner, store, finals, progress);
  ASSERT_TRUE(second);
  EXPECT_TRUE(runner.measured().empty());
  EXPECT_EQ(again.tune.problems.front().best->point, one.best->point);
  EXPECT_EQ(again.tune.problems.front().best->seconds, one.best->seconds);
}

TEST(Confirm, AnExactRunnerHasNothingToConfirm) {
  const Job job = smallJob({1024});
  FakeRunner runner;
  FakeStore store;
  MeasuredOptions options = optionsOf("random");
  options.stop.evaluations = 4;
  ProvenResult found = mustSearch(job, runner, store, options);
  TuneProgress progress;
  const auto confirmed = confirm(job, found, runner, store, {}, progress);
  ASSERT_TRUE(confirmed);
  EXPECT_EQ(confirmed->measured, 0u);
  EXPECT_EQ(runner.measured().size(), 4u);
}

} // namespace
} // namespace ptotune::test
