// How what the tests script dies.
#pragma once

#include <csignal>

namespace ptotune::test {

// Ends the process as a fault of memory does, also where a sanitizer handles the signal.
inline void crash() {
  std::signal(SIGSEGV, SIG_DFL);
  std::raise(SIGSEGV);
}

} // namespace ptotune::test
