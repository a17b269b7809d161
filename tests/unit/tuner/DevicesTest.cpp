// Exhaustive search on devices: builds run ahead, each device measures one point at a time.
#include "tests/unit/tuner/Fakes.h"
#include "tuner/Prove.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <vector>

using namespace ptotune;
using namespace ptotune::test;
using testing::ElementsAre;
using testing::Pair;

namespace {

constexpr std::chrono::seconds kPatience{20};

// Devices that note what runs beside what.
class Devices : public FakeRunner {
public:
  Devices() { isExact = false; }

  std::function<void(const Candidate&)> whileBuilding = [](const Candidate&) {};
  std::function<void(const Candidate&)> whileMeasuring = [](const Candidate&) {};

  Result<std::shared_ptr<const Artifact>> prepare(const Candidate& candidate) override {
    {
      const std::lock_guard lock(mutex_);
      started_.push_back(candidate.point);
    }
    whileBuilding(candidate);
    return FakeRunner::prepare(candidate);
  }
  Trial measure(const Candidate& candidate, const Artifact& artifact,
                const Budget& budget) override {
    {
      const std::lock_guard lock(mutex_);
      most_ = std::max(most_, ++running_);
      wake_.notify_all();
    }
    whileMeasuring(candidate);
    Trial trial = FakeRunner::measure(candidate, artifact, budget);
    const std::lock_guard lock(mutex_);
    --running_;
    return trial;
  }

  // Whether so many measurements ran at once before the patience was over.
  bool waitForRunning(int count) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, kPatience, [&] { return most_ >= count; });
  }
  int most() const { return most_; }
  std::vector<Point> started() {
    const std::lock_guard lock(mutex_);
    return started_;
  }

private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Point> started_; // builds, in their order
  int running_ = 0;
  int most_ = 0;
};

std::string textOf(const std::vector<Trial>& trials) {
  std::string text;
  for (const Trial& trial : trials)
    text += trial.problem.text() + " " + trial.point.text() + " " + name(trial.status) + " " +
            trial.detail + "\n";
  return text;
}

TEST(Devices, ABuildGoesOnWhileAPointIsMeasured) {
  Devices runner;
  FakeStore store;
  // Behind the seed, all builds but one wait until a point was measured.
  std::atomic<int> builds = 0;
  std::atomic<int> measured = 0;
  std::atomic<bool> late = false;
  runner.whileMeasuring = [&](const Candidate&) { ++measured; };
  runner.whileBuilding = [&](const Candidate&) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    if (++builds <= 2)
      return;
    while (measured < 2 && !late)
      if (std::chrono::steady_clock::now() > end)
        late = true;
      else
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  mustTune(smallJob({1024}), runner, store, {.jobs = 2});
  EXPECT_FALSE(late);
  EXPECT_EQ(runner.most(), 1);
  EXPECT_EQ(store.statuses()[TrialStatus::correct], kDistinct);
}

TEST(Devices, BuildsStayAFewAhead) {
  Devices runner;
  FakeStore store;
  std::size_t most = 0;
  runner.whileMeasuring = [&](const Candidate& candidate) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2)); // builds take no time
    const std::vector<Point> started = runner.started();
    const auto mine = std::ranges::find(started, candidate.point) - started.begin();
    most = std::max(most, started.size() - static_cast<std::size_t>(mine));
  };
  mustTune(smallJob({1024}), runner, store, {.jobs = 2});
  EXPECT_GT(most, 1u);
  EXPECT_LE(most, 7u); // twice as many as there are threads, of which two may begin together
}

TEST(Devices, SeveralMeasureSideBySide) {
  for (const int devices : {1, 3}) {
    Devices runner;
    FakeStore store;
    std::atomic<int> count = 0;
    runner.whileMeasuring = [&](const Candidate&) {
      if (count++ > 0) // the seed is by itself
        EXPECT_TRUE(runner.waitForRunning(devices));
    };
    mustTune(smallJob({1024}), runner, store, {.jobs = 2, .devices = devices});
    EXPECT_EQ(runner.most(), devices);
    EXPECT_EQ(runner.measured().size(), static_cast<std::size_t>(kDistinct));
  }
}

TEST(Devices, AnswersDoNotDependOnThreadsOrDevices) {
  const Job job = smallJob();
  FakeRunner whole;
  FakeStore wholeStore;
  const std::string expected = answerText(mustTune(job, whole, wholeStore));
  std::set<std::string> onOne;
  std::set<std::string> measured;
  for (const TuneOptions& options :
       {TuneOptions{.jobs = 1}, TuneOptions{.jobs = 4}, TuneOptions{.jobs = 3, .batch = 1},
        TuneOptions{.jobs = 2, .devices = 2}, TuneOptions{.jobs = 5, .devices = 4}}) {
    Devices runner;
    runner.builds = [](const Point& point) { return point.slotNumQK() != 6 || point.unitFlag(); };
    FakeStore store;
    const TuneResult result = mustTune(job, runner, store, options);
    std::vector<Trial> trials = store.trials();
    if (options.devices == 1)
      onOne.insert(textOf(trials)); // in the order of the store
    std::ranges::sort(trials, {}, [](const Trial& trial) { return textOf({trial}); });
    measured.insert(textOf(trials) + answerText(result));
    EXPECT_EQ(runner.started().front(), job.seed);
    EXPECT_EQ(trials.size(), static_cast<std::size_t>(2 * kLegal));
  }
  EXPECT_EQ(onOne.size(), 1u);
  EXPECT_EQ(measured.size(), 1u);
  Devices runner;
  FakeStore store;
  EXPECT_EQ(answerText(mustTune(job, runner, store, {.jobs = 3, .devices = 2})), expected);
}

TEST(Devices, AStopLosesNothingThatWasMeasured) {
  const Job job = smallJob();
  for (const int devices : {1, 2}) {
    for (const int stopAfter : {1, 2, 9, 30}) {
      Devices runner;
      FakeStore store;
      TuneProgress progress;
      std::atomic<int> count = 0;
      runner.whileMeasuring = [&](const Candidate&) {
        if (++count == stopAfter)
          progress.stop = true;
      };
      const TuneOptions options{.jobs = 3, .devices = devices};
      const auto stopped = tune(job, runner, store, options, progress);
      ASSERT_TRUE(stopped.ok());
      EXPECT_TRUE(stopped->interrupted);
      const int measured = static_cast<int>(runner.measured().size());
      EXPECT_GE(measured, stopAfter);
      EXPECT_LT(measured, stopAfter + devices) << "what was running";
      EXPECT_EQ(store.statuses()[TrialStatus::correct], measured);
      mustTune(job, runner, store, options);
      EXPECT_EQ(runner.measured().size(), 2u * kDistinct) << "nothing is measured twice";
      EXPECT_THAT(store.statuses(),
                  ElementsAre(Pair(TrialStatus::correct, 2 * kDistinct),
                              Pair(TrialStatus::pruned, 2 * (kLegal - kDistinct))));
    }
  }
}

// Each answer is stored by itself.
TEST(Devices, AStoreThatFailsIsAnError) {
  Devices runner;
  FakeStore store;
  store.failAfter = 7;
  TuneProgress progress;
  const auto result = tune(smallJob(), runner, store, {.jobs = 2, .devices = 2}, progress);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "disk full");
  EXPECT_EQ(store.trials().size(), 7u);
  EXPECT_LE(runner.measured().size(), 7u + 2);
}

class LostDevice : public Devices {
public:
  Result<Trial> attempt(const Candidate& candidate, const Artifact& artifact,
                        const Budget& budget) override {
    if (measured().size() >= 5)
      return Error{.message = "device 0 is lost"};
    return measure(candidate, artifact, budget);
  }
};

TEST(Devices, ADeviceThatIsLostEndsTheSearch) {
  LostDevice runner;
  FakeStore store;
  TuneProgress progress;
  const auto result = tune(smallJob(), runner, store, {.jobs = 3}, progress);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "device 0 is lost");
  EXPECT_EQ(store.statuses()[TrialStatus::correct], 5);
}

TEST(Devices, BranchAndBoundStoresEachMeasurementAtOnce) {
  Devices runner;
  FakeStore store;
  runner.seconds = [](const Candidate& candidate) { // far above every bound
    return 1e-2 * static_cast<double>(candidate.point.qkPreload());
  };
  std::size_t measured = 0;
  runner.whileMeasuring = [&](const Candidate&) {
    EXPECT_EQ(store.trials().size(), measured);
    ++measured;
  };
  TuneProgress progress;
  const auto proven = prove(smallJob({1024}), runner, store, {.jobs = 1}, {}, progress);
  ASSERT_TRUE(proven.ok()) << proven.error().text();
  EXPECT_GT(measured, 5u);
  EXPECT_EQ(store.batches.size(), measured);
  ASSERT_TRUE(proven->tune.problems.front().best);
  EXPECT_EQ(proven->tune.problems.front().best->point.qkPreload(), 2);
}

} // namespace
