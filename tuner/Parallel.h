// A bounded number of threads for the loops of a search.
#pragma once

#include "space/Sanitizers.h"

#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace ptotune {

// The thread sanitizer sees no order in what TBB hands from thread to thread: Debian's TBB is not
// instrumented. Under it loops run on plain threads, so that the bodies are still checked.
inline constexpr bool kPlainThreads = kThreadSanitizer;

// Runs loops on `jobs` threads, the caller among them; 0 means one for each core that this process
// may use. More threads than cores are allowed.
class Arena {
public:
  explicit Arena(int jobs)
      : threads_(jobs > 0 ? jobs : tbb::info::default_concurrency()),
        control_(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads_)),
        arena_(threads_) {}

  int threads() const { return threads_; }

  template <typename Body> void run(const Body& body) { arena_.execute(body); }

  // body(i) for 0 <= i < count, each i a task of its own.
  template <typename Body> void forEach(std::size_t count, const Body& body) {
    if constexpr (kPlainThreads)
      return forEachOnPlainThreads(count, body);
    arena_.execute([&] {
      tbb::parallel_for(
          tbb::blocked_range<std::size_t>(0, count, 1),
          [&](const tbb::blocked_range<std::size_t>& range) {
            for (std::size_t index = range.begin(); index != range.end(); ++index)
              body(index);
          },
          tbb::simple_partitioner{});
    });
  }

private:
  template <typename Body> void forEachOnPlainThreads(std::size_t count, const Body& body) const {
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t index = next++; index < count; index = next++)
        body(index);
    };
    std::vector<std::jthread> others;
    for (int i = 1; i < threads_; ++i)
      others.emplace_back(work);
    work();
  }

  int threads_;
  tbb::global_control control_;
  tbb::task_arena arena_;
};

// Points handled together: enough of them to keep all threads busy to the end of a batch, few
// enough that their programs fit in memory and that a killed process loses little.
inline std::size_t batchSize(int threads) {
  return std::clamp<std::size_t>(32 * static_cast<std::size_t>(threads), 64, 512);
}

} // namespace ptotune
