// Who measures: the options that every command with a runner has, and the runner that they choose.
#pragma once

#include "runners/Runner.h"
#include "space/Job.h"
#include "space/Result.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace CLI {
class App;
} // namespace CLI

namespace ptotune::cli {

struct RunnerOptions {
  std::string runner = "sim";
  bool isolate = false;
  std::string launcher;
  std::string worker;                 // empty: beside this program
  std::string device;                 // empty: "auto"
  double limit = 60;                  // seconds
  std::optional<std::int64_t> memory; // MiB
  std::optional<int> warmup, repetitions;
  bool shared = false;
  std::string recording, recordedBy;

  bool simulates() const;
};

// The groups "Runner" and "Measuring in worker processes" of a command's options.
void addRunner(CLI::App& command, RunnerOptions& options);

struct ChosenRunner {
  std::unique_ptr<Runner> runner;
  Budget budget;
  int devices = 1; // that measure side by side

  // Threads for the options' --jobs (0: one for each core): no device waits for a thread.
  int threads(int jobs) const;
};

// An error where options do not go together, or where this machine lacks what the runner needs.
// `stop`, where given, outlives the runner: once it is set, what waits for a device is not
// measured.
Result<ChosenRunner> chooseRunner(const RunnerOptions& options, const Job& job,
                                  const std::atomic<bool>* stop = nullptr);

} // namespace ptotune::cli
