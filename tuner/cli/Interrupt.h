// Ctrl-C and kill, turned into a request to stop.
#pragma once

#include <atomic>
#include <csignal>

namespace ptotune::cli {

// While it lives, the first SIGINT or SIGTERM sets `stop`; the second one ends the process at once.
// One object at a time.
class InterruptGuard {
public:
  explicit InterruptGuard(std::atomic<bool>& stop);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

private:
  struct sigaction oldInterrupt_;
  struct sigaction oldTerminate_;
};

} // namespace ptotune::cli
