// On a device a point is measured as soon as it is built: the compiler works ahead of the device.
#include "codegen/Lowering.h"
#include "tests/unit/tuner/Fakes.h"
#include "tuner/measured/Round.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

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

private:
  SocProfile soc_;
  std::mutex mutex_;
  std::condition_variable wake_;
  int builds_ = 0;
  bool measuring_ = false;
  bool late_ = false;
};

TEST(BuildAhead, MeasurementsBeginBeforeTheLastBuildEnds) {
  const Job job = smallJob({2048});
  SlowCompiler runner(job.soc);
  FakeStore store;
  TuneProgress progress;
  Arena arena(2);
  const TuneOptions options{.jobs = 2};
  Rounds rounds(job.problems.front(), job.soc, runner, store, options, progress, arena, Prelude());
  std::vector<Point> points;
  for (const std::int64_t tile : {128, 256, 512}) {
    Point point;
    point.set(Param::tileS1, tile);
    points.push_back(point);
  }
  const auto answers = rounds.answer(points);
  ASSERT_TRUE(answers.ok()) << answers.error().text();
  EXPECT_FALSE(runner.late());
  for (const Answer& answer : *answers) {
    EXPECT_TRUE(answer.finished && answer.measured);
    EXPECT_EQ(answer.trial.status, TrialStatus::correct);
  }
  EXPECT_EQ(runner.measured().size(), 3u);
  EXPECT_EQ(store.trials().size(), 3u);
}

} // namespace
