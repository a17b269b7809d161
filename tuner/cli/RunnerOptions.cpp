#include "tuner/cli/RunnerOptions.h"

#include "runners/AscendRunner.h"
#include "runners/MakeRunner.h"
#include "runners/replay/ReplayRunner.h"
#include "runners/worker/Device.h"
#include "runners/worker/ShellWords.h"
#include "runners/worker/WorkerRunner.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

namespace ptotune::cli {
namespace {

using std::chrono::milliseconds;

constexpr const char* kGroup = "Runner";
constexpr double kLeastLimit = 0.1;
constexpr double kMostLimit = 86'400;
constexpr std::int64_t kSimMemory = 4096; // MiB; the largest program takes a hundredth of it
// A launcher may wait for a device in a queue.
constexpr std::chrono::hours kQueuePatience{12};
// Parts of a measurement's limit. The default ones are 60 s, 50 s and 45 s (simpler
// docs/troubleshooting/local-timeout-defaults.md: 50 s and 45 s).
constexpr double kStreamPart = 5.0 / 6;
constexpr double kOpPart = 3.0 / 4;

Error notWith(const char* option, const std::string& what, std::string advice) {
  return {.message = fmt::format("{} says nothing {}", option, what),
          .key = option,
          .advice = std::move(advice)};
}

// Options of workers that are given.
const char* firstOfWorkers(const RunnerOptions& options) {
  return options.isolate             ? "--isolate"
         : !options.launcher.empty() ? "--launcher"
         : !options.worker.empty()   ? "--worker"
         : options.memory            ? "--memory"
                                     : nullptr;
}
const char* firstOfDevices(const RunnerOptions& options) {
  return !options.device.empty() ? "--device"
         : options.warmup        ? "--warmup"
         : options.repetitions   ? "--repetitions"
         : options.shared        ? "--shared-device"
                                 : nullptr;
}

Status check(const RunnerOptions& options) {
  const bool replays = options.runner == ReplayRunner::kName;
  const char* ofDevices = firstOfDevices(options);
  const char* ofWorkers = firstOfWorkers(options);
  if (replays && options.recording.empty())
    return Error{.message = "what is to be replayed is missing",
                 .key = "--recording",
                 .expected = "a database, or a .json (T4), .jsonl or .csv file"};
  if (!replays && (!options.recording.empty() || !options.recordedBy.empty()))
    return notWith(options.recording.empty() ? "--recorded-by" : "--recording",
                   "without --runner replay", "add it, or leave the option out");
  if (ofDevices != nullptr && options.runner != kAscendRunner)
    return notWith(ofDevices, "about runner " + options.runner, "leave the option out");
  if (ofWorkers != nullptr && replays)
    return notWith(ofWorkers, "about a recording", "leave the option out");
  return {};
}

Budget budgetOf(const RunnerOptions& options) {
  const auto part = [&](double share) {
    return milliseconds(static_cast<std::int64_t>(options.limit * share * 1000));
  };
  Budget budget{.limit = part(1), .streamWait = part(kStreamPart), .opLimit = part(kOpPart)};
  budget.warmup = options.warmup.value_or(budget.warmup);
  budget.maxRepetitions = options.repetitions.value_or(budget.maxRepetitions);
  budget.minRepetitions = std::min(budget.minRepetitions, budget.maxRepetitions);
  budget.reset = options.shared ? ResetPolicy::none : ResetPolicy::force;
  return budget;
}

Result<std::unique_ptr<Runner>> replay(const RunnerOptions& options, const Job& job) {
  ReplayOptions chosen{.path = options.recording,
                       .environment = options.recordedBy,
                       .soc = job.soc.name,
                       .defaults = {.environment = Environment{.soc = job.soc.name}}};
  if (job.problems.size() == 1)
    chosen.defaults.problem = job.problems.front();
  auto runner = ReplayRunner::load(chosen);
  if (!runner)
    return runner.error();
  return std::unique_ptr<Runner>(*std::move(runner));
}

// Workers of a device are fresh for each candidate, and each device is measured on alone. A
// simulation disturbs nobody: as many as there are threads run side by side.
Result<std::unique_ptr<Runner>> inWorkers(const RunnerOptions& options, const Job& job,
                                          std::unique_ptr<Runner> builder,
                                          const std::atomic<bool>* stop) {
  auto launcher = shellWords(options.launcher);
  if (!launcher) {
    Error error = launcher.error();
    error.key = "--launcher";
    return error;
  }
  const bool simulates = options.simulates();
  worker::Options chosen{
      .launcher = *std::move(launcher),
      .program = options.worker.empty() ? workerProgram() : options.worker,
      .open = {.runner = options.runner, .soc = job.soc.toml, .derived = job.soc.derived},
      .fresh = !simulates,
      .locked = !simulates,
      .stop = stop};
  chosen.open.memoryBytes = options.memory.value_or(simulates ? kSimMemory : 0) << 20;
  if (!chosen.launcher.empty())
    chosen.startLimit = kQueuePatience;
  auto devices = parseDevices(options.device.empty() ? kAutoDevice : options.device);
  if (!devices) {
    Error error = devices.error();
    error.key = "--device";
    return error;
  }
  chosen.devices = *std::move(devices);
  if (simulates)
    chosen.devices.assign(std::max(1U, std::thread::hardware_concurrency()),
                          std::string(kAutoDevice));
  auto runner = WorkerRunner::start(std::move(builder), std::move(chosen));
  if (!runner)
    return runner.error();
  return std::unique_ptr<Runner>(*std::move(runner));
}

void addRecording(CLI::App& command, RunnerOptions& options) {
  command
      .add_option("--recording", options.recording,
                  "--runner replay: a database, or a .json (T4), .jsonl\nor .csv file, only read")
      ->option_text("FILE")
      ->group(kGroup);
  command
      .add_option("--recorded-by", options.recordedBy,
                  "--runner replay: the environment, by the first digits\nof its id, where the "
                  "recording has several")
      ->option_text("ID")
      ->group(kGroup);
}

void addDevice(CLI::App& command, RunnerOptions& options) {
  command
      .add_option("--device", options.device,
                  "devices, used side by side: \"0,1\"; default: what\nTASK_DEVICE or "
                  "ACL_DEVICE_ID says, else 0")
      ->option_text("LIST")
      ->group(kGroup);
  command.add_option("--warmup", options.warmup, "runs before the timed ones (default: 5)")
      ->check(CLI::Range(0, 10'000))
      ->option_text("N")
      ->group(kGroup);
  command
      .add_option("--repetitions", options.repetitions,
                  "at most so many timed runs (default: 100); fewer where\nthe median is known "
                  "to 1 %")
      ->check(CLI::Range(1, 1'000'000))
      ->option_text("N")
      ->group(kGroup);
  command
      .add_flag("--shared-device", options.shared, "do not reset a device by force after a fault")
      ->group(kGroup);
}

} // namespace

int ChosenRunner::threads(int jobs) const {
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  return devices > (jobs > 0 ? jobs : cores) ? devices : jobs;
}

bool RunnerOptions::simulates() const {
  return runner == kSimRunner;
}

void addRunner(CLI::App& command, RunnerOptions& options) {
  std::vector<std::string> names = runnerNames();
  names.emplace_back(ReplayRunner::kName);
  command
      .add_option("--runner", options.runner,
                  "who measures: sim (default), the virtual Ascend;\nascend, a device; replay, "
                  "recorded trials")
      ->check(CLI::IsMember(names))
      ->option_text("NAME")
      ->group(kGroup);
  addRecording(command, options);
  addDevice(command, options);
  command
      .add_option("--limit", options.limit,
                  "of one measurement (default: 60); on a device its\nkernels get 3/4 of it, and "
                  "the wait for them 5/6")
      ->check(CLI::Range(kLeastLimit, kMostLimit))
      ->option_text("SECONDS")
      ->group(kGroup);
  command
      .add_flag("--isolate", options.isolate, "simulate in worker processes, as devices always are")
      ->group(kGroup);
  command
      .add_option("--launcher", options.launcher,
                  "command in front of a worker: \"srun -n 1\", \"ssh host\"")
      ->option_text("CMD")
      ->group(kGroup);
  command
      .add_option("--worker", options.worker,
                  "the worker's file where it runs (default:\npto-tune-worker beside pto-tune)")
      ->option_text("FILE")
      ->group(kGroup);
  command
      .add_option("--memory", options.memory,
                  "what a worker may allocate (default: 4096 to simulate,\non a device no limit)")
      ->check(CLI::Range(std::int64_t{64}, std::int64_t{1} << 24))
      ->option_text("MIB")
      ->group(kGroup);
}

Result<ChosenRunner> chooseRunner(const RunnerOptions& options, const Job& job,
                                  const std::atomic<bool>* stop) {
  if (auto sound = check(options); !sound)
    return sound.error();
  const auto with = [&](Result<std::unique_ptr<Runner>> made) -> Result<ChosenRunner> {
    if (!made)
      return made.error();
    return ChosenRunner{.runner = *std::move(made),
                        .budget = budgetOf(options),
                        .devices = static_cast<int>(std::ranges::count(options.device, ',') + 1)};
  };
  if (options.runner == ReplayRunner::kName)
    return with(replay(options, job));
  const bool apart = !options.simulates() || firstOfWorkers(options) != nullptr;
  auto builder = makeRunner({.name = options.runner, .soc = job.soc, .forWorkers = apart});
  if (!builder || !apart)
    return with(std::move(builder));
  return with(inWorkers(options, job, *std::move(builder), stop));
}

} // namespace ptotune::cli
