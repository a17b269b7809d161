// Keeps devices busy: while what was built is measured, what comes next is built.
//
// Vocabulary
//   item   is built as a whole, on any of several threads; items have an order
//   task   is what is to be done with a built item: to be measured, or to be answered without
//
// Items are decided on in their order, whichever is built first, so that what is measured does not
// depend on the threads. Builds run ahead of the first item with an open task by a bounded number.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace ptotune {

template <typename Task> class BuildAhead {
public:
  struct Stages {
    // Of an item; many at once.
    std::function<void(std::size_t item)> build;
    // The tasks of a built item; in the order of the items, one at a time.
    std::function<std::vector<Task>(std::size_t item)> decide;
    // Whether the task is measured.
    std::function<bool(const Task&)> isMeasured;
    // One at a time on each device, in the order of the tasks.
    std::function<void(Task&)> measure;
    // After measure(), or in its place once all tasks before it are closed; one at a time, and not
    // beside decide().
    std::function<void(Task&)> close;
    // Nothing more is begun: neither builds nor measurements.
    std::function<bool()> stopped;
  };

  // Builds go at most `ahead` items beyond the first one with an open task.
  BuildAhead(Stages stages, std::size_t items, std::size_t ahead)
      : stages_(std::move(stages)), ahead_(ahead), built_(items) {}

  // Once. Returns when all tasks are closed; after a stop when what runs has ended. Then tasks that
  // need no measurement are closed as well, whether those before them are or not.
  void run(int builders, int devices) {
    {
      std::vector<std::jthread> threads;
      threads.reserve(static_cast<std::size_t>(builders) + static_cast<std::size_t>(devices));
      for (int i = 0; i < builders; ++i)
        threads.emplace_back([this] { buildAll(); });
      for (int i = 0; i < devices; ++i)
        threads.emplace_back([this] { measureAll(); });
    }
    for (Open& open : open_)
      if (open.state == State::unmeasured)
        stages_.close(open.task);
  }

private:
  enum class State { unmeasured, waiting, running, closed };
  struct Open {
    std::size_t item = 0;
    Task task;
    State state = State::unmeasured;
  };

  void buildAll() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [&] {
        return stages_.stopped() || next_ == built_.size() || next_ < firstOpen() + ahead_;
      });
      if (stages_.stopped() || next_ == built_.size())
        return;
      const std::size_t item = next_++;
      lock.unlock();
      stages_.build(item);
      lock.lock();
      built_[item] = true;
      advance();
    }
  }

  void measureAll() {
    std::unique_lock lock(mutex_);
    while (true) {
      Open* mine = nullptr;
      wake_.wait(lock, [&] {
        mine = firstWaiting();
        return mine != nullptr || stages_.stopped() || decided_ == built_.size();
      });
      if (mine == nullptr || stages_.stopped())
        return;
      mine->state = State::running;
      lock.unlock();
      stages_.measure(mine->task);
      lock.lock();
      stages_.close(mine->task);
      mine->state = State::closed;
      advance();
    }
  }

  // With the mutex: goes as far as what is built and closed allows.
  void advance() {
    for (; decided_ < built_.size() && built_[decided_]; ++decided_)
      for (Task& task : stages_.decide(decided_)) {
        const State state = stages_.isMeasured(task) ? State::waiting : State::unmeasured;
        open_.push_back({decided_, std::move(task), state});
      }
    for (; !open_.empty(); open_.pop_front()) {
      Open& first = open_.front();
      if (first.state == State::unmeasured)
        stages_.close(first.task);
      else if (first.state != State::closed)
        break;
    }
    wake_.notify_all();
  }

  std::size_t firstOpen() const { return open_.empty() ? decided_ : open_.front().item; }
  Open* firstWaiting() {
    for (Open& open : open_)
      if (open.state == State::waiting)
        return &open;
    return nullptr;
  }

  const Stages stages_;
  const std::size_t ahead_;
  std::mutex mutex_; // of what follows
  std::condition_variable wake_;
  std::vector<bool> built_;
  std::size_t next_ = 0;    // item to be built
  std::size_t decided_ = 0; // items
  std::deque<Open> open_;   // in order; elements stay where they are
};

} // namespace ptotune
