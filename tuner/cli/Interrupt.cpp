#include "tuner/cli/Interrupt.h"

namespace ptotune::cli {
namespace {

static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only use such");
std::atomic<std::atomic<bool>*> requested = nullptr;

extern "C" void requestStop(int signal) {
  std::atomic<bool>* stop = requested.load();
  if (stop && !stop->exchange(true))
    return;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

} // namespace

InterruptGuard::InterruptGuard(std::atomic<bool>& stop) {
  requested = &stop;
  struct sigaction action{};
  action.sa_handler = requestStop;
  action.sa_flags = SA_RESTART; // writes to the database go on undisturbed
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &oldInterrupt_);
  sigaction(SIGTERM, &action, &oldTerminate_);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &oldInterrupt_, nullptr);
  sigaction(SIGTERM, &oldTerminate_, nullptr);
  requested = nullptr;
}

} // namespace ptotune::cli
