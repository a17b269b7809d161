// Measurements that wait for a device.
#pragma once

#include "runners/worker/Protocol.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <optional>

namespace ptotune::worker {

struct Task {
  MeasureRequest request;
  std::promise<Result<Trial>> result;
};

// Lanes, one for each device, take tasks in the order in which they came. A lane that has lost its
// device leaves; when the last has left, no task can be measured any more.
class Queue {
public:
  explicit Queue(std::size_t lanes) : lanes_(lanes) {}

  std::future<Result<Trial>> add(MeasureRequest request);
  // Waits for a task; null when the queue is closed.
  std::unique_ptr<Task> next();
  // One lane leaves for this reason; what it was about to measure goes to another one.
  void leave(const Error& reason, std::unique_ptr<Task> unmeasured);
  void close();

private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<Task>> tasks_;
  std::size_t lanes_;
  std::optional<Error> lost_; // why the last lane left
  bool closed_ = false;
  std::int64_t ids_ = 0;
};

} // namespace ptotune::worker
