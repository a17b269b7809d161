// What the tests of worker processes share.
#pragma once

#include "runners/worker/WorkerRunner.h"
#include "tests/support/Paths.h"
#include "tests/support/TempFile.h"
#include "tests/support/worker/Faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace ptotune::test {

// Prepares candidates for the faulty worker: `fault` says what goes wrong with a point.
class FaultyBuilder : public Runner {
public:
  std::function<std::string(const Point&)> fault = [](const Point&) { return ""; };

  Environment environment() const override { return {}; }
  Result<std::shared_ptr<const Artifact>> prepare(const Candidate& candidate) override {
    return std::shared_ptr<const Artifact>(
        std::make_shared<Built>("{\"fault\":\"" + fault(candidate.point) + "\"}", candidate.point));
  }
  Trial measure(const Candidate&, const Artifact&, const Budget&) override { return {}; }

private:
  struct Built : Artifact {
    Built(std::string wire, const Point& point) : text(std::move(wire)), hash(point.hash()) {}
    std::string text;
    Hash hash;
    Hash sourceHash() const override { return hash; }
    Hash programHash() const override { return hash; }
    std::string wire() const override { return text; }
  };
};

inline std::string faultyWorker() {
  return binaryDir() + "/bin/pto-tune-faulty-worker";
}

// Ids of this process's children, which are all descendants that outlived their parents too.
inline std::vector<std::string> children() {
  std::vector<std::string> found;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream list(thread.path() / "children");
    for (std::string id; list >> id;)
      found.push_back(id);
  }
  return found;
}

// Locks and temporary files of the test go to a folder of its own, which is empty at the end; so is
// the list of child processes.
class WorkerTest : public testing::Test {
protected:
  void SetUp() override {
    ::setenv("XDG_RUNTIME_DIR", folder_.path("").c_str(), 1);
    ::setenv("TMPDIR", folder_.path("").c_str(), 1);
  }
  void TearDown() override {
    runner_.reset();
    EXPECT_THAT(children(), testing::IsEmpty());
    std::vector<std::string> left;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path("")))
      if (entry.is_regular_file() && entry.path().filename() != kCount)
        left.push_back(entry.path().string());
    EXPECT_THAT(left, testing::IsEmpty());
    ::unsetenv("TMPDIR");
    ::unsetenv("XDG_RUNTIME_DIR");
  }

  static constexpr const char* kCount = "count"; // the faulty worker's
  worker::Options options() const {
    return {.launcher = {},
            .program = faultyWorker(),
            .open = {.runner = "faulty", .memoryBytes = std::int64_t{512} << 20},
            .startLimit = std::chrono::seconds(20),
            .pause = std::chrono::milliseconds(1)};
  }
  // A worker that goes wrong before its first candidate.
  worker::Options startingWith(const std::string& fault) const {
    worker::Options chosen = options();
    chosen.launcher = {"env", "PTO_TUNE_FAULTY_START=" + fault,
                       "PTO_TUNE_FAULTY_COUNT=" + folder_.path(kCount)};
    return chosen;
  }
  void start(worker::Options options) {
    auto started = WorkerRunner::start(builder_, std::move(options));
    ASSERT_TRUE(started.ok()) << started.error().text();
    runner_ = *std::move(started);
  }
  static Candidate candidate(std::int64_t tileS1 = 256) {
    Candidate one{.problem = {.s0 = 1024, .s1 = 2048}, .point = {}};
    one.point.set(Param::tileS1, tileS1);
    return one;
  }
  Trial measure(const Candidate& one, std::chrono::milliseconds limit = std::chrono::seconds(20)) {
    const auto artifact = runner_->prepare(one);
    return runner_->measure(one, **artifact, {.limit = limit});
  }

  TempDir folder_;
  std::shared_ptr<FaultyBuilder> builder_ = std::make_shared<FaultyBuilder>();
  std::unique_ptr<WorkerRunner> runner_;
};

} // namespace ptotune::test
