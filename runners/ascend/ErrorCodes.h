// What the ACL runtime says when something fails.
#pragma once

#include "db/Trial.h"

#include <cstdint>
#include <span>
#include <string>

namespace ptotune::ascend {

// What a code says about the device.
enum class FaultKind : std::uint8_t {
  call,      // the call was refused; the device is as it was
  memory,    // device memory
  hang,      // the device ended a kernel that did not end by itself
  wait,      // the host gave up waiting; whether the kernel still runs is not known
  exception, // a kernel did what the hardware refuses
  poisoned,  // fallout of an earlier fault in this process
};

struct ErrorCode {
  std::int32_t code = 0;
  const char* name;
  FaultKind kind;
  const char* meaning;
  const char* advice; // what to do next
};

// In the order of the codes. Codes and meanings as public code and CANN's documents have them:
// hw-native-sys/simpler 6ebaf77 (docs/troubleshooting, docs/investigations), CANN's runtime
// documents, acl_base.h for 100002.
std::span<const ErrorCode> errorCodes();
// The entry of a code; for one that the table does not have, an entry of the kind that its range
// suggests.
const ErrorCode& errorCode(std::int32_t code);

// After such a code every next call of the process may fail: the device needs a forced reset.
bool poisons(FaultKind kind);
// Status of the trial that met it.
TrialStatus statusOf(FaultKind kind);
// "507014 (AI core timeout): the device ended the kernel ...; check ..."
std::string describe(std::int32_t code);

} // namespace ptotune::ascend
