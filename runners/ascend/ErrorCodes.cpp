#include "runners/ascend/ErrorCodes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ptotune::ascend {
namespace {

constexpr const char* kRunsOn = "the kernel waits for a flag that nobody sets";
constexpr const char* kTooLong =
    "the kernel runs on or its limit is too short: compare with the simulated time";
constexpr const char* kRefused =
    "an address, an alignment or an instruction is wrong for this SoC: check the target and the "
    "compiler's architecture flag";
constexpr const char* kAfterwards = "look for the first error before it; a fresh process is needed";

constexpr std::array kCodes = {
    ErrorCode{100002, "repeated initialisation", FaultKind::call,
              "aclInit was called before in this process", "nothing: the runtime is ready"},
    ErrorCode{107022, "aborted", FaultKind::poisoned, "aborted as fallout of another fault",
              kAfterwards},
    ErrorCode{207001, "memory allocation", FaultKind::memory,
              "the device has not enough free memory; also seen where a module is missing",
              "free the device of other processes, or make the problem smaller"},
    ErrorCode{507011, "model execute failed", FaultKind::exception,
              "what ran on the stream failed as a whole", kAfterwards},
    ErrorCode{507014, "AI core timeout", FaultKind::hang,
              "the kernel did not end within the op execution limit", kRunsOn},
    ErrorCode{507015, "AI core exception", FaultKind::exception,
              "the cube core met an error of the hardware", kRefused},
    ErrorCode{507016, "AI core trap", FaultKind::exception, "the cube core stopped at a trap",
              kRefused},
    ErrorCode{507017, "AICPU timeout", FaultKind::hang,
              "often a cross-core wait that never ends, seen from the device's own CPU", kRunsOn},
    ErrorCode{507018, "AICPU exception", FaultKind::hang,
              "often a cross-core wait that never ends, or a kernel built for another SoC",
              kRunsOn},
    ErrorCode{507034, "vector core timeout", FaultKind::hang,
              "the kernel did not end within the op execution limit", kRunsOn},
    ErrorCode{507035, "vector core exception", FaultKind::exception,
              "a vector core met an error of the hardware", kRefused},
    ErrorCode{507036, "vector core trap", FaultKind::exception, "a vector core stopped at a trap",
              kRefused},
    ErrorCode{507046, "stream wait timeout", FaultKind::wait,
              "the host's wait for the stream ended before the kernel did", kTooLong},
    ErrorCode{507047, "event wait timeout", FaultKind::wait,
              "the host's wait for an event ended before the kernel did", kTooLong},
    ErrorCode{507048, "FFTS+ timeout", FaultKind::hang,
              "a launch on cube and vector cores did not end within the op execution limit",
              kRunsOn},
    ErrorCode{507050, "FFTS+ trap", FaultKind::exception,
              "a launch on cube and vector cores stopped at a trap", kRefused},
    ErrorCode{507899, "driver error", FaultKind::poisoned,
              "the driver refuses the call; sticky once a context is poisoned", kAfterwards},
    ErrorCode{507901, "stream destroy refused", FaultKind::poisoned,
              "a stream with an error on it cannot be destroyed", kAfterwards},
};

// Runtime errors of the 507xxx range come from the device.
constexpr std::int32_t kDeviceErrors = 507000;
constexpr std::int32_t kDeviceErrorsEnd = 508000;

constexpr ErrorCode kUnknownDevice{
    0, "device error", FaultKind::exception, "an error of the device that this table does not have",
    "look the code up in CANN's documents, and at the device's log (ASCEND_PROCESS_LOG_PATH)"};
constexpr ErrorCode kUnknownCall{0, "ACL error", FaultKind::call,
                                 "an error that this table does not have",
                                 "look the code up in CANN's documents"};

} // namespace

std::span<const ErrorCode> errorCodes() {
  return kCodes;
}

const ErrorCode& errorCode(std::int32_t code) {
  const auto found = std::ranges::find(kCodes, code, &ErrorCode::code);
  if (found != kCodes.end())
    return *found;
  return code >= kDeviceErrors && code < kDeviceErrorsEnd ? kUnknownDevice : kUnknownCall;
}

bool poisons(FaultKind kind) {
  return kind != FaultKind::call && kind != FaultKind::memory;
}

TrialStatus statusOf(FaultKind kind) {
  switch (kind) {
  case FaultKind::hang:
    return TrialStatus::hang;
  case FaultKind::wait:
    return TrialStatus::timeout;
  case FaultKind::call:
  case FaultKind::memory:
  case FaultKind::exception:
  case FaultKind::poisoned:
    break;
  }
  return TrialStatus::runtime;
}

std::string describe(std::int32_t code) {
  const ErrorCode& entry = errorCode(code);
  return fmt::format("{} ({}): {}; {}", code, entry.name, entry.meaning, entry.advice);
}

} // namespace ptotune::ascend
