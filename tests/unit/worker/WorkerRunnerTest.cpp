// Many candidates on workers: all good ones are measured, whatever the others do.
#include "tests/support/LongMode.h"
#include "tests/unit/worker/WorkerTest.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

using namespace ptotune;
using ptotune::test::goodSeconds;
using testing::HasSubstr;

namespace {

class Runs : public test::WorkerTest {
protected:
  // Different points, `count` of them.
  static std::vector<Candidate> candidates(std::size_t count) {
    std::vector<Candidate> all;
    for (std::size_t i = 0; i < count; ++i) {
      Candidate one = candidate(std::int64_t{32} << (i % 5));
      one.point.set(Param::qkPreload, 1 + static_cast<std::int64_t>(i / 5 % 8));
      one.point.set(Param::slotNumQK, 1 + static_cast<std::int64_t>(i / 40));
      all.push_back(one);
    }
    return all;
  }
  // On several threads, as a search does.
  std::vector<Result<Trial>> measureAll(const std::vector<Candidate>& all, const Budget& budget) {
    std::vector<Result<Trial>> trials(all.size(), Trial{});
    std::atomic<std::size_t> next = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (std::size_t at = next++; at < all.size(); at = next++) {
          const auto artifact = runner_->prepare(all[at]);
          trials[at] = runner_->attempt(all[at], **artifact, budget);
        }
      });
    for (std::thread& thread : threads)
      thread.join();
    return trials;
  }
};

TEST_F(Runs, SaysWhoMeasures) {
  start(options());
  EXPECT_EQ(runner_->environment().runner, "faulty");
  EXPECT_EQ(runner_->environment().soc, "Faulty");
  EXPECT_FALSE(runner_->exact());
}

// A third of the candidates hangs, crashes or lies; each hang costs its limit and no more.
TEST_F(Runs, AThirdOfTheCandidatesIsFaulty) {
  worker::Options chosen = options();
  chosen.devices = {"0", "1"};
  start(chosen);
  builder_->fault = test::thirdFault;
  const std::vector<Candidate> all = candidates(100);
  const Budget budget{.limit = std::chrono::milliseconds(400)};
  const auto begin = std::chrono::steady_clock::now();
  const auto trials = measureAll(all, budget);
  const auto taken = std::chrono::steady_clock::now() - begin;

  std::size_t faulty = 0;
  std::size_t hung = 0;
  const Trial* champion = nullptr;
  const Candidate* best = nullptr;
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_TRUE(trials[i].ok());
    const Trial& trial = *trials[i];
    const std::string fault = test::thirdFault(all[i].point);
    if (fault.empty()) {
      EXPECT_EQ(trial.status, TrialStatus::correct) << trial.detail;
      EXPECT_THAT(trial.seconds, testing::ElementsAre(goodSeconds(all[i].point)));
      if (best == nullptr || goodSeconds(all[i].point) < goodSeconds(best->point))
        best = &all[i];
    } else {
      ++faulty;
      EXPECT_NE(trial.status, TrialStatus::correct) << fault;
      EXPECT_FALSE(trial.detail.empty());
    }
    hung += trial.status == TrialStatus::timeout ? 1 : 0;
    if (trial.time() && (champion == nullptr || *trial.time() < *champion->time()))
      champion = &trial;
  }
  EXPECT_GE(faulty, 25u);
  EXPECT_GE(hung, 3u);
  ASSERT_NE(champion, nullptr);
  EXPECT_EQ(champion->point, best->point);
  // Everything else is far quicker than that, on the slowest machine.
  EXPECT_LT(taken, hung * budget.limit + std::chrono::minutes(2));
}

// As many lanes work at once as there are devices, and one at a time on each.
TEST_F(Runs, DevicesSideBySide) {
  worker::Options chosen = options();
  chosen.devices = {"0", "1", "2"};
  start(chosen);
  builder_->fault = [](const Point&) { return "sleeps"; };
  const auto begin = std::chrono::steady_clock::now();
  const auto trials = measureAll(candidates(3), {.limit = std::chrono::milliseconds(1500)});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(4000));
  for (const auto& trial : trials)
    EXPECT_EQ(trial->status, TrialStatus::timeout);
}

TEST_F(Runs, TwoRunnersShareADevice) {
  start(options());
  auto second = WorkerRunner::start(builder_, options());
  ASSERT_TRUE(second.ok());
  std::thread other([&] {
    for (const Candidate& one : candidates(5)) {
      const auto artifact = (*second)->prepare(one);
      EXPECT_EQ((*second)->measure(one, **artifact, {}).status, TrialStatus::correct);
    }
  });
  for (const Candidate& one : candidates(5))
    EXPECT_EQ(measure(one).status, TrialStatus::correct);
  other.join();
  second->reset();
}

// The next worker on a device hears that the one before was ended in the middle.
TEST_F(Runs, AFaultIsToldToTheNextWorker) {
  start(options());
  builder_->fault = [](const Point& point) { return point.tileS1() == 128 ? "abort" : ""; };
  EXPECT_EQ(measure(candidate()).detail, "");
  EXPECT_EQ(measure(candidate(128)).status, TrialStatus::runtime);
  EXPECT_EQ(measure(candidate()).detail, "after a fault");
  EXPECT_EQ(measure(candidate()).detail, "");
}

// Device 0 is lost after a while: the other one measures what is left.
TEST_F(Runs, ALostDeviceLeavesTheWorkToOthers) {
  worker::Options chosen = startingWith("lost-device");
  chosen.devices = {"0", "1"};
  start(chosen);
  for (const auto& trial : measureAll(candidates(20), {})) {
    ASSERT_TRUE(trial.ok()) << trial.error().text();
    EXPECT_EQ(trial->status, TrialStatus::correct);
  }
}

// With the last device nothing can be said of a candidate any more: that is no trial.
TEST_F(Runs, WithoutADeviceNothingIsMeasured) {
  start(startingWith("lost-device"));
  const auto trials = measureAll(candidates(10), {});
  std::size_t measured = 0;
  for (const auto& trial : trials) {
    measured += trial.ok() ? 1 : 0;
    if (trial.ok())
      EXPECT_EQ(trial->status, TrialStatus::correct);
    else
      EXPECT_EQ(trial.error().text(), "device 0 is lost: the probe of the device failed");
  }
  EXPECT_EQ(measured, 2u); // one of the three workers only said who it is
  const Trial trial = measure(candidate());
  EXPECT_EQ(trial.status, TrialStatus::runtime);
  EXPECT_THAT(trial.detail, HasSubstr("device 0 is lost"));
}

TEST_F(Runs, AStopEndsWhatWaits) {
  std::atomic<bool> stop = false;
  worker::Options chosen = options();
  chosen.stop = &stop;
  start(chosen);
  EXPECT_EQ(measure(candidate()).status, TrialStatus::correct);
  stop = true;
  const auto artifact = runner_->prepare(candidate());
  EXPECT_FALSE(runner_->attempt(candidate(), **artifact, {}).ok());
}

// A launcher that waits for a device does not hold up a run that is to end.
TEST_F(Runs, AStopEndsAWaitForALauncher) {
  std::atomic<bool> stop = false;
  worker::Options chosen = startingWith("sleeps");
  chosen.startLimit = std::chrono::hours(1);
  chosen.stop = &stop;
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop = true;
  });
  const auto started = WorkerRunner::start(builder_, chosen);
  later.join();
  ASSERT_FALSE(started.ok());
  EXPECT_THAT(started.error().text(), HasSubstr("stopped"));
}

TEST_F(Runs, ALauncherIsPutInFront) {
  worker::Options chosen = options();
  chosen.launcher = {"env", "nice", "-n", "1"};
  start(chosen);
  EXPECT_EQ(measure(candidate()).status, TrialStatus::correct);
  // A launcher that stays is ended with its worker.
  chosen.launcher = {"sh", "-c", "\"$0\"; true"};
  start(chosen);
  builder_->fault = [](const Point&) { return "sleeps"; };
  EXPECT_EQ(measure(candidate(), std::chrono::milliseconds(300)).status, TrialStatus::timeout);
  builder_->fault = [](const Point&) { return ""; };
  EXPECT_EQ(measure(candidate()).status, TrialStatus::correct);
}

} // namespace
