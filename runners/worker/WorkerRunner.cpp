#include "runners/worker/WorkerRunner.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <sys/prctl.h>
#include <utility>

namespace ptotune {

WorkerRunner::WorkerRunner(std::shared_ptr<Runner> builder, worker::Options options)
    : builder_(std::move(builder)), options_(std::move(options)), queue_(options_.devices.size()) {}

WorkerRunner::~WorkerRunner() {
  queue_.close();
}

Result<std::unique_ptr<WorkerRunner>> WorkerRunner::start(std::shared_ptr<Runner> builder,
                                                          worker::Options options) {
  // What a worker leaves behind comes to this process, which ends and reaps it.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  std::unique_ptr<WorkerRunner> runner(new WorkerRunner(std::move(builder), std::move(options)));
  const worker::Options& chosen = runner->options_;
  for (const std::string& device : chosen.devices)
    runner->lanes_.push_back(std::make_unique<worker::Lane>(chosen, device, runner->queue_));
  std::optional<Environment> first;
  std::optional<Error> error;
  for (std::size_t i = 0; i < runner->lanes_.size(); ++i) {
    const auto environment = runner->lanes_[i]->environment();
    if (error)
      continue;
    if (!environment)
      error = environment.error();
    else if (!first)
      first = *environment;
    else if (*environment != *first)
      error = Error{.message = fmt::format("devices {} and {} differ in who measures",
                                           chosen.devices[0], chosen.devices[i]),
                    .value = fmt::format("{}, {}", environment->soc, environment->toolchain),
                    .expected = fmt::format("{}, {}", first->soc, first->toolchain),
                    .advice = "measure on devices of one kind"};
  }
  if (error)
    return *error;
  runner->environment_ = *first;
  return runner;
}

Result<Trial> WorkerRunner::attempt(const Candidate& candidate, const Artifact& artifact,
                                    const Budget& budget) {
  auto result =
      queue_.add({.id = 0, .candidate = candidate, .wire = artifact.wire(), .budget = budget})
          .get();
  if (!result)
    return result;
  if (result->sourceHash.empty())
    result->sourceHash = artifact.sourceHash();
  if (result->programHash.empty())
    result->programHash = artifact.programHash();
  return result;
}

Trial WorkerRunner::measure(const Candidate& candidate, const Artifact& artifact,
                            const Budget& budget) {
  auto result = attempt(candidate, artifact, budget);
  if (result)
    return *std::move(result);
  return {.problem = candidate.problem,
          .point = candidate.point,
          .status = TrialStatus::runtime,
          .detail = result.error().text(),
          .sourceHash = artifact.sourceHash(),
          .programHash = artifact.programHash()};
}

std::string workerProgram() {
  const char* chosen = std::getenv("PTO_TUNE_WORKER");
  if (chosen != nullptr && *chosen != 0)
    return chosen;
  std::error_code ignored;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return (self.parent_path() / "pto-tune-worker").string();
}

} // namespace ptotune
