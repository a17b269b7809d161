// pto-tune-worker: measures candidates for pto-tune, which starts it.
#include "runners/MakeRunner.h"
#include "runners/worker/Serve.h"

#include <cstdio>
#include <cstring>
#include <exception>
#include <unistd.h>

namespace {

constexpr int kBadInput = 2;
constexpr int kInternalError = 3;

int run() {
  try {
    return ptotune::worker::serve(
        [](const ptotune::worker::OpenRequest& request) { return ptotune::makeRunner(request); });
  } catch (const std::exception& defect) {
    std::fprintf(stderr, "pto-tune-worker: internal error: %s\n", defect.what());
    return kInternalError;
  }
}

} // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0)
    return std::puts("pto-tune-worker " PTO_TUNE_VERSION) < 0 ? kBadInput : 0;
  if (argc > 1) {
    std::fprintf(stderr, "pto-tune-worker measures candidates for pto-tune, which starts it; it "
                         "takes no options (--version)\n");
    return kBadInput;
  }
  const int code = run();
  std::fflush(nullptr);
  // What libraries of a device registered for the exit of the process has nothing to add.
  ::_exit(code);
}
