// The ACL runtime, found and loaded at run time: nothing of CANN is needed to build this.
//
// Types, constants and signatures as CANN's runtime documents give them (acl_rt.h); the calls are
// those that hw-native-sys/pto-isa and simpler make around a kernel.
#pragma once

#include "space/Result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ptotune::ascend {

using AclError = std::int32_t;
using AclStream = void*;
using AclEvent = void*;

inline constexpr AclError kAclSuccess = 0;
inline constexpr AclError kAclRepeatedInit = 100002;
inline constexpr std::uint32_t kEventTimeLine = 0x8; // ACL_EVENT_TIME_LINE
inline constexpr int kMallocHugeFirst = 0;           // ACL_MEM_MALLOC_HUGE_FIRST
inline constexpr int kHostToDevice = 1;              // ACL_MEMCPY_HOST_TO_DEVICE
inline constexpr int kDeviceToHost = 2;              // ACL_MEMCPY_DEVICE_TO_HOST

struct AclFunctions {
  AclError (*aclInit)(const char* configPath) = nullptr;
  AclError (*aclFinalize)() = nullptr;
  const char* (*aclGetRecentErrMsg)() = nullptr;
  const char* (*aclrtGetSocName)() = nullptr;
  AclError (*aclrtSetDevice)(std::int32_t device) = nullptr;
  AclError (*aclrtResetDevice)(std::int32_t device) = nullptr;
  AclError (*aclrtResetDeviceForce)(std::int32_t device) = nullptr;
  AclError (*aclrtSetOpExecuteTimeOutV2)(std::uint64_t microseconds,
                                         std::uint64_t* actual) = nullptr;
  AclError (*aclrtCreateStream)(AclStream* stream) = nullptr;
  AclError (*aclrtDestroyStream)(AclStream stream) = nullptr;
  AclError (*aclrtSynchronizeStreamWithTimeout)(AclStream stream,
                                                std::int32_t milliseconds) = nullptr;
  AclError (*aclrtMalloc)(void** address, std::size_t bytes, int policy) = nullptr;
  AclError (*aclrtFree)(void* address) = nullptr;
  AclError (*aclrtMemcpy)(void* to, std::size_t room, const void* from, std::size_t bytes,
                          int kind) = nullptr;
  AclError (*aclrtMemset)(void* address, std::size_t room, std::int32_t value,
                          std::size_t bytes) = nullptr;
  AclError (*aclrtMemsetAsync)(void* address, std::size_t room, std::int32_t value,
                               std::size_t bytes, AclStream stream) = nullptr;
  AclError (*aclrtCreateEventExWithFlag)(AclEvent* event, std::uint32_t flag) = nullptr;
  AclError (*aclrtDestroyEvent)(AclEvent event) = nullptr;
  AclError (*aclrtRecordEvent)(AclEvent event, AclStream stream) = nullptr;
  AclError (*aclrtEventElapsedTime)(float* milliseconds, AclEvent from, AclEvent to) = nullptr;
};

// Where the runtime's library may be.
struct AclSearch {
  std::string library; // the file; empty: it is looked for
  std::string home;    // ASCEND_HOME_PATH
  std::string path;    // LD_LIBRARY_PATH

  // From PTO_TUNE_ACL, ASCEND_HOME_PATH and LD_LIBRARY_PATH.
  static AclSearch fromEnvironment();
  // The files that are tried, in this order.
  std::vector<std::string> candidates() const;
};

struct Acl {
  AclFunctions call;
  std::string file; // that was loaded
};

// Loads the library once for the process, with its symbols visible to kernels that are loaded
// later. An error says what is missing and where it was looked for, in one line.
Result<std::shared_ptr<const Acl>> loadAcl(const AclSearch& search);

} // namespace ptotune::ascend
