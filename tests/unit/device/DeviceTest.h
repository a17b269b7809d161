// What the tests on the virtual device share: a script, a builder and workers.
#pragma once

#include "runners/AscendRunner.h"
#include "runners/worker/WorkerRunner.h"
#include "tests/support/Paths.h"
#include "tests/support/TempFile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <sys/wait.h>
#include <vector>

namespace ptotune::test {

inline const SocProfile& virtualSoc() {
  static const SocProfile profile = *loadSoc(config("soc/ascend910b2.toml"));
  return profile;
}

// Everything that a test makes goes to a folder of its own.
class DeviceTest : public testing::Test {
protected:
  DeviceTest() {
    for (const char* name : kVariables) {
      const char* value = std::getenv(name);
      before_.push_back(value != nullptr ? std::optional<std::string>(value) : std::nullopt);
      ::unsetenv(name);
    }
    for (const char* name : {"XDG_RUNTIME_DIR", "TMPDIR"})
      set(name, folder_.path(""));
    set("ASCEND_HOME_PATH", PTO_TUNE_VIRTUAL_CANN);
    set("PTO_ISA_ROOT", sourceDir() + "/tests/support/device/isa");
    set("PTO_TUNE_VIRTUAL_DEVICE", folder_.path("script.json"));
    script();
  }
  // No process, lock or temporary file outlives a test.
  void TearDown() override {
    device_.reset();
    builder_.reset();
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child process is left";
    std::vector<std::string> left;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path("")))
      if (entry.is_regular_file() && !own(entry.path().filename().string()))
        left.push_back(entry.path().string());
    EXPECT_THAT(left, testing::IsEmpty());
  }
  ~DeviceTest() override {
    for (std::size_t i = 0; i < before_.size(); ++i)
      if (before_[i])
        set(kVariables[i], *before_[i]);
      else
        ::unsetenv(kVariables[i]);
  }

  // Files that the test itself makes.
  virtual bool own(const std::string& name) const {
    return name == "script.json" || name == "calls.log";
  }
  static void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }

  // A device in order, but for `changes`.
  void script(const nlohmann::json& changes = nlohmann::json::object()) const {
    nlohmann::json all{{"soc_file", config("soc/ascend910b2.toml")},
                       {"soc", "Ascend910B2"},
                       {"device_program", std::string(PTO_TUNE_VIRTUAL_CANN) + "/bin/virtual-npu"},
                       {"log", folder_.path("calls.log")},
                       {"noise", 0.001}};
    all.update(changes);
    folder_.write("script.json", all.dump());
  }
  // What processes called, a line each; begins anew.
  std::string takeCalls() const {
    std::ifstream file(folder_.path("calls.log"));
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    std::filesystem::remove(folder_.path("calls.log"));
    return text;
  }

  Runner& builder() {
    if (!builder_) {
      auto made = AscendRunner::builder(virtualSoc(), ascend::AscendOptions::fromEnvironment());
      if (!made)
        throw std::runtime_error(made.error().text());
      builder_ = *std::move(made);
    }
    return *builder_;
  }
  // A device that workers measure on.
  Runner& device() {
    builder();
    if (!device_) {
      auto made = WorkerRunner::start(builder_, workerOptions());
      if (!made)
        throw std::runtime_error(made.error().text());
      device_ = *std::move(made);
    }
    return *device_;
  }
  static worker::Options workerOptions() {
    worker::Options options;
    options.program = binaryDir() + "/bin/pto-tune-worker";
    options.open.runner = kAscendRunner;
    options.open.soc = virtualSoc().toml;
    options.attempts = 1;
    return options;
  }

  static Candidate candidate(std::int64_t s0 = 128, std::int64_t s1 = 512,
                             const Point& point = {}) {
    Candidate one;
    one.problem.head = 128;
    one.problem.s0 = s0;
    one.problem.s1 = s1;
    one.point = point;
    return one;
  }
  static Budget shortBudget() {
    using std::chrono::milliseconds;
    return {.limit = milliseconds(20'000),
            .streamWait = milliseconds(400),
            .opLimit = milliseconds(200),
            .warmup = 1,
            .minRepetitions = 3,
            .maxRepetitions = 4,
            .flushL2 = false};
  }
  Trial measure(const Candidate& one, const Budget& budget = shortBudget()) {
    const auto artifact = device().prepare(one);
    if (!artifact) {
      Trial trial;
      trial.status = TrialStatus::compile;
      trial.detail = artifact.error().text();
      return trial;
    }
    return device().measure(one, **artifact, budget);
  }

  // That the runner or the device reads.
  static constexpr std::array kVariables = {"XDG_RUNTIME_DIR",    "TMPDIR",
                                            "ASCEND_HOME_PATH",   "PTO_ISA_ROOT",
                                            "PTO_LIB_PATH",       "BISHENG",
                                            "PTO_TUNE_ACL",       "PTO_TUNE_BUILD_DIR",
                                            "ACL_DEVICE_ID",      "TASK_DEVICE",
                                            "PTO_TUNE_STATE_DIR", "PTO_TUNE_TOOLCHAIN",
                                            "PTO_TUNE_WORKER",    "PTO_TUNE_VIRTUAL_DEVICE"};
  std::vector<std::optional<std::string>> before_; // their values
  const TempDir folder_;
  std::shared_ptr<Runner> builder_;
  std::unique_ptr<Runner> device_;
};

} // namespace ptotune::test
