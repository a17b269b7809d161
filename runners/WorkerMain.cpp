// pto-tune-worker: measures candidates for pto-tune, which starts it.
#include "runners/ascend/DeviceRunner.h"
#include "runners/sim/ProgramRunner.h"
#include "runners/worker/Device.h"
#include "runners/worker/Serve.h"

#include <charconv>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>

namespace {

using namespace ptotune;

constexpr int kBadInput = 2;
constexpr int kInternalError = 3;

Result<std::unique_ptr<Runner>> makeRunner(const worker::OpenRequest& request) {
  auto soc = parseSoc(request.soc, "the profile of the parent");
  if (!soc)
    return soc.error();
  soc->derived = request.derived;
  if (request.runner == kSimRunner)
    return std::unique_ptr<Runner>(std::make_unique<sim::ProgramRunner>(*std::move(soc)));
  if (request.runner != kAscendRunner)
    return Error{.message = "there is no such runner",
                 .value = request.runner,
                 .expected = std::string(kSimRunner) + ", " + kAscendRunner};
  auto options = ascend::AscendOptions::fromEnvironment();
  const std::string device = resolvedDevice(request.device);
  std::from_chars(device.data(), device.data() + device.size(), options.device);
  return ascend::DeviceRunner::open(*soc, options, request.afterFault);
}

int run() {
  try {
    return worker::serve(makeRunner);
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
