// The parent's side of one worker process.
#pragma once

#include "runners/worker/ChildProcess.h"
#include "runners/worker/Protocol.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace ptotune::worker {

// What came of asking a worker for a trial.
struct Answer {
  Trial trial;         // `runtime` or `timeout` where the worker did not give one
  bool healthy = true; // false: the worker must be replaced
  // It was gone, or spoke out of turn, before it had read the request: nothing is known of the
  // candidate.
  bool unasked = false;
};

class Worker {
public:
  using Time = ChildProcess::Time;

  // Starts the process; `command` is the launcher's words and the worker's file.
  static Result<std::unique_ptr<Worker>> start(const std::vector<std::string>& command);

  // Waits until the process says that it is a worker of this version. What a launcher prints before
  // is passed over. Ends early where `stop` is set: a launcher may wait for hours.
  Status greet(Time end, const std::atomic<bool>* stop = nullptr);
  // Makes it a runner, after greet(). An error is the runner's own, or says what became of the
  // process.
  Result<Environment> open(const OpenRequest& request, Time end);
  // `runtime` where the process ends, breaks the protocol or answers for something else, `timeout`
  // where there is no answer within the budget's limit.
  Answer measure(const MeasureRequest& request);
  // Lets the process end by itself for a moment, then ends all that is left of it.
  void close();

private:
  explicit Worker(std::unique_ptr<ChildProcess> process) : process_(std::move(process)) {}
  // Why there is no line, with what the process said last. Ends the process.
  std::string fault(ChildProcess::Got got, Time end);
  std::string lastWords() const;

  std::unique_ptr<ChildProcess> process_;
  Environment environment_;
};

} // namespace ptotune::worker
