#include "runners/worker/Queue.h"

namespace ptotune::worker {

std::future<Result<Trial>> Queue::add(MeasureRequest request) {
  auto task = std::make_unique<Task>();
  auto result = task->result.get_future();
  const std::lock_guard lock(mutex_);
  request.id = ++ids_;
  task->request = std::move(request);
  if (lost_) {
    task->result.set_value(*lost_);
    return result;
  }
  tasks_.push_back(std::move(task));
  wake_.notify_one();
  return result;
}

std::unique_ptr<Task> Queue::next() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [&] { return closed_ || !tasks_.empty(); });
  if (tasks_.empty())
    return nullptr;
  auto task = std::move(tasks_.front());
  tasks_.pop_front();
  return task;
}

void Queue::leave(const Error& reason, std::unique_ptr<Task> unmeasured) {
  const std::lock_guard lock(mutex_);
  if (unmeasured)
    tasks_.push_front(std::move(unmeasured));
  if (--lanes_ > 0) {
    wake_.notify_one();
    return;
  }
  lost_ = reason;
  for (auto& task : tasks_)
    task->result.set_value(reason);
  tasks_.clear();
}

void Queue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  wake_.notify_all();
}

} // namespace ptotune::worker
