// A runner whose measurements happen in worker processes: what a kernel does to its process, or to
// its device, is the status of that one trial.
#pragma once

#include "runners/Runner.h"
#include "runners/worker/Lane.h"

#include <memory>
#include <vector>

namespace ptotune {

// Candidates are prepared here, by the runner that is wrapped, on as many threads as the caller
// has. Measurements wait in a queue for a device: one at a time on each, devices side by side.
// The thread that makes this must not be the last to wait: measure() may be called from any.
class WorkerRunner : public Runner {
public:
  // Starts a worker on each device; an error where one of them cannot measure, or where two differ
  // in who measures. `builder` prepares.
  static Result<std::unique_ptr<WorkerRunner>> start(std::shared_ptr<Runner> builder,
                                                     worker::Options options);
  ~WorkerRunner() override;

  // As the workers say.
  Environment environment() const override { return environment_; }
  bool exact() const override { return builder_->exact(); }
  Result<std::shared_ptr<const Artifact>> prepare(const Candidate& candidate) override {
    return builder_->prepare(candidate);
  }
  // Beside what the wrapped runner says: `timeout` where the budget's limit ended the worker,
  // `runtime` where it crashed or broke the protocol, with what it wrote last.
  Trial measure(const Candidate& candidate, const Artifact& artifact,
                const Budget& budget) override;
  Result<Trial> attempt(const Candidate& candidate, const Artifact& artifact,
                        const Budget& budget) override;

private:
  WorkerRunner(std::shared_ptr<Runner> builder, worker::Options options);

  std::shared_ptr<Runner> builder_;
  const worker::Options options_;
  worker::Queue queue_;
  Environment environment_;
  std::vector<std::unique_ptr<worker::Lane>> lanes_;
};

// The worker's file: $PTO_TUNE_WORKER, or pto-tune-worker beside this program's own file.
std::string workerProgram();

} // namespace ptotune
