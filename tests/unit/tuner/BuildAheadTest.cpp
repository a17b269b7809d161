// On a device a point is measured as soon as it is built: the compiler works ahead of the device.
#include "codegen/Lowering.h"
#include "tests/unit/tuner/Fakes.h"
#include "tuner/measured/Round.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

using namespace ptotune;
using namespace ptotune::test;

namespace {

// Programs are told apart as the compiler does. Every build but the first waits until something was
// measured: a run that builds everything before it measures would not end in time.
class SlowCompiler : public FakeRunner {
public:
  explicit SlowCompiler(SocProfile soc) : soc_(std::move(soc)) {
    isExact = false;
    onMeasure = [this](const Candidate&) {
      const std::lock_guard lock(mutex_);
      measuring_ = true;
      wake_.notify_all();
    };
  }
  Result<std::shared_ptr<const Artifact>> prepare(const Candidate& candidate) override {
    std::unique_lock lock(mutex_);
    if (builds_++ > 0 &&
        !wake_.wait_for(lock, std::chrono::seconds(20), [&] { return measuring_; }))
      late_ = true;
    lock.unlock();
    const auto kernel =
        lower(KernelSpec::of(candidate.problem), candidate.point, soc_, Emit::program);
    if (!kernel)
      return kernel.error();
    return std::shared_ptr<const Artifact>(
        std::make_shared<FakeArtifact>(kernel->programHash, kernel->programHash));
  }
  bool late() const { return late_; }
  int builds() { // that have begun
    const std::lock_guard lock(mutex_);
    return builds_;
  }

private:
  SocProfile soc_;
  std::mutex mutex_;
  std::condition_variable wake_;
  int builds_ = 0;
  bool measuring_ = false;
  bool late_ = false;
};

std::vector<Point> threePoints() {
  std::vector<Point> points;
  for (const std::int64_t tile : {128, 256, 512}) {
    Point point;
    point.set(Param::tileS1, tile);
    points.push_back(point);
  }
  return points;
}

std::vector<Answer> mustAnswer(const Job& job, Runner& runner, const TuneOptions& options) {
  FakeStore store;
  TuneProgress progress;
  Arena arena(options.jobs);
  Rounds rounds(job.problems.front(), job.soc, runner, store, options, progress, arena, Prelude());
  auto answers = rounds.answer(threePoints());
  EXPECT_TRUE(answers.ok()) << (answers.ok() ? "" : answers.error().text());
  EXPECT_EQ(store.trials().size(), 3u);
  return answers.ok() ? *answers : std::vector<Answer>();
}

TEST(BuildAhead, MeasurementsBeginBeforeTheLastBuildEnds) {
  const Job job = smallJob({2048});
  SlowCompiler runner(job.soc);
  for (const Answer& answer : mustAnswer(job, runner, {.jobs = 2})) {
    EXPECT_TRUE(answer.finished && answer.measured);
    EXPECT_EQ(answer.trial.status, TrialStatus::correct);
  }
  EXPECT_FALSE(runner.late());
  EXPECT_EQ(runner.measured().size(), 3u);
}

// The first measurement waits until another build has begun, on the one thread that builds.
TEST(BuildAhead, OneThreadBuildsWhileTheDeviceMeasures) {
  const Job job = smallJob({2048});
  SlowCompiler runner(job.soc);
  std::atomic<bool> late = false;
  const auto goOn = std::exchange(runner.onMeasure, {});
  runner.onMeasure = [&](const Candidate& candidate) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (runner.builds() < 2 && !late)
      if (std::chrono::steady_clock::now() > end)
        late = true;
      else
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    goOn(candidate);
  };
  EXPECT_EQ(mustAnswer(job, runner, {.jobs = 1}).size(), 3u);
  EXPECT_FALSE(late);
  EXPECT_FALSE(runner.late());
  std::vector<Point> measured;
  for (const Candidate& candidate : runner.measured())
    measured.push_back(candidate.point);
  EXPECT_EQ(measured, threePoints()) << "in their order";
}

} // namespace
