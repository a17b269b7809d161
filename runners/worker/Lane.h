// One device and the worker processes that measure on it, one after another.
#pragma once

#include "runners/worker/DeviceLock.h"
#include "runners/worker/Queue.h"
#include "runners/worker/Worker.h"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace ptotune::worker {

struct Options {
  std::vector<std::string> launcher; // words in front of the worker's file
  std::string program;               // the worker's file
  OpenRequest open;                  // of every worker, but for its device
  std::vector<std::string> devices = {"0"};
  bool fresh = true;  // a process for each candidate; else one serves until it fails
  bool locked = true; // one measurement at a time on a device, among all processes of the user
  // Until a process is ready to measure; a launcher may have to wait for a device.
  std::chrono::milliseconds startLimit{60'000};
  // A device is lost when no worker can be opened on it: so often it is tried, with so much time
  // between, which doubles.
  int attempts = 3;
  std::chrono::milliseconds pause{500};
  // Set from outside to measure nothing more: what waits for its turn ends with an error.
  const std::atomic<bool>* stop = nullptr;
};

// Owns a thread, on which its workers are started: they end with it, whatever ends it.
class Lane {
public:
  // Opens a first worker to learn who measures. The queue and the options outlive the lane.
  Lane(const Options& options, std::string device, Queue& queue);
  ~Lane(); // after Queue::close()
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Waits for the first worker.
  Result<Environment> environment() { return environment_.get(); }

private:
  void run();
  Result<Environment> introduce();
  // Measures the task; gives it back where the device is lost, with the reason.
  std::unique_ptr<Task> serve(std::unique_ptr<Task> task, Error& reason);
  Answer ask(const MeasureRequest& request);
  Status readyAtLast(); // an open worker, after several attempts where it takes them
  Status openWorker();
  void dropWorker(bool fault);
  bool stopped() const { return options_.stop != nullptr && *options_.stop; }
  Result<std::optional<DeviceLock>> lock() const;

  const Options& options_;
  const std::string device_;
  Queue& queue_;
  std::vector<std::string> command_;
  std::unique_ptr<Worker> worker_; // open
  std::unique_ptr<Worker> spare_;  // started while another one measures
  std::optional<Environment> identity_;
  bool afterFault_ = false;
  std::promise<Result<Environment>> introduction_;
  std::future<Result<Environment>> environment_;
  std::thread thread_; // last member: everything it uses is constructed before it
};

} // namespace ptotune::worker
