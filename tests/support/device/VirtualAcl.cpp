// The ACL entry points that pto-tune uses, over the virtual runtime. Built as libascendcl.so.
#include "tests/support/device/VirtualRuntime.h"

#include <cstring>
#include <sys/mman.h>

using ptotune::test::KernelCall;
using ptotune::test::kFftsAddress;
using ptotune::test::VirtualRuntime;

namespace {

constexpr std::int32_t kInvalidParameter = 107000;
// From here on zeroing gives the pages back instead of writing them.
constexpr std::size_t kManyBytes = std::size_t{64} << 20;

VirtualRuntime& runtime() {
  return VirtualRuntime::instance();
}

// A call: what the script has for it, then what it does.
template <typename Work> std::int32_t call(const char* name, Work work) {
  const std::int32_t code = runtime().enter(name);
  return code != 0 ? code : work();
}

void fill(void* address, std::int32_t value, std::size_t bytes) {
  if (value == 0 && bytes >= kManyBytes)
    ::madvise(address, bytes, MADV_DONTNEED);
  else
    std::memset(address, value, bytes);
}

} // namespace

extern "C" {

std::int32_t aclInit(const char* /*config*/) {
  return call("aclInit", [] { return runtime().init(); });
}
std::int32_t aclFinalize() {
  return call("aclFinalize", [] { return runtime().finalize(); });
}
const char* aclGetRecentErrMsg() {
  return runtime().recent();
}
const char* aclrtGetSocName() {
  return runtime().enter("aclrtGetSocName") != 0 ? nullptr : runtime().script().soc.c_str();
}
std::int32_t aclrtSetDevice(std::int32_t device) {
  return call("aclrtSetDevice", [=] { return runtime().bind(device); });
}
std::int32_t aclrtResetDevice(std::int32_t device) {
  return call("aclrtResetDevice", [=] { return runtime().reset(device); });
}
std::int32_t aclrtResetDeviceForce(std::int32_t device) {
  return call("aclrtResetDeviceForce", [=] { return runtime().resetForce(device); });
}
std::int32_t aclrtSetOpExecuteTimeOutV2(std::uint64_t microseconds, std::uint64_t* actual) {
  return call("aclrtSetOpExecuteTimeOutV2", [=] {
    *actual = microseconds;
    return runtime().setOpLimit(microseconds);
  });
}
std::int32_t aclrtCreateStream(void** stream) {
  return call("aclrtCreateStream", [=] { return runtime().createStream(stream); });
}
std::int32_t aclrtDestroyStream(void* stream) {
  return call("aclrtDestroyStream", [=] { return runtime().destroyStream(stream); });
}
std::int32_t aclrtSynchronizeStreamWithTimeout(void* stream, std::int32_t milliseconds) {
  return call("aclrtSynchronizeStreamWithTimeout",
              [=] { return runtime().synchronize(stream, milliseconds); });
}
std::int32_t aclrtMalloc(void** address, std::size_t bytes, int /*policy*/) {
  return call("aclrtMalloc", [=] { return runtime().allocate(address, bytes); });
}
std::int32_t aclrtFree(void* address) {
  return call("aclrtFree", [=] { return runtime().release(address); });
}
std::int32_t aclrtMemcpy(void* to, std::size_t room, const void* from, std::size_t bytes,
                         int kind) {
  return call("aclrtMemcpy", [=] {
    if (const std::int32_t code = runtime().needDevice(); code != 0)
      return code;
    const void* device = kind == 1 ? to : from;
    if (bytes > room || (kind != 1 && kind != 2) || !runtime().holds(device, bytes))
      return runtime().fail(kInvalidParameter, "a copy outside of an allocation");
    std::memcpy(to, from, bytes);
    return 0;
  });
}
std::int32_t aclrtMemset(void* address, std::size_t room, std::int32_t value, std::size_t bytes) {
  return call("aclrtMemset", [=] {
    if (const std::int32_t code = runtime().needDevice(); code != 0)
      return code;
    if (bytes > room || !runtime().holds(address, bytes))
      return runtime().fail(kInvalidParameter, "a fill outside of an allocation");
    fill(address, value, bytes);
    return 0;
  });
}
std::int32_t aclrtMemsetAsync(void* address, std::size_t room, std::int32_t value,
                              std::size_t bytes, void* stream) {
  return call("aclrtMemsetAsync", [=] {
    if (bytes > room || !runtime().holds(address, bytes))
      return runtime().fail(kInvalidParameter, "a fill outside of an allocation");
    return runtime().enqueue(stream, [=] {
      fill(address, value, bytes);
      return 0;
    });
  });
}
std::int32_t aclrtCreateEventExWithFlag(void** event, std::uint32_t flag) {
  return call("aclrtCreateEventExWithFlag", [=] {
    constexpr std::uint32_t kTimeLine = 8;
    return flag == kTimeLine ? runtime().createEvent(event)
                             : runtime().fail(kInvalidParameter, "an event without time");
  });
}
std::int32_t aclrtDestroyEvent(void* event) {
  return call("aclrtDestroyEvent", [=] { return runtime().destroyEvent(event); });
}
std::int32_t aclrtRecordEvent(void* event, void* stream) {
  return call("aclrtRecordEvent", [=] { return runtime().record(event, stream); });
}
std::int32_t aclrtEventElapsedTime(float* milliseconds, void* from, void* to) {
  return call("aclrtEventElapsedTime", [=] { return runtime().elapsed(milliseconds, from, to); });
}

std::int32_t rtGetC2cCtrlAddr(std::uint64_t* address, std::uint32_t* length) {
  return call("rtGetC2cCtrlAddr", [=] {
    *address = kFftsAddress;
    *length = 4096;
    return 0;
  });
}

// What the stand-in compiler makes of a launch. Like a real one it returns nothing.
void pto_tune_virtual_launch(const char* origin, const char* entry, const char* const* names,
                             std::uint32_t count, const std::uint64_t* values, std::uint32_t blocks,
                             void* stream) {
  KernelCall kernel{origin, entry, {}, blocks};
  for (std::uint32_t i = 0; i < count; ++i)
    kernel.values[names[i]] = values[i];
  const std::int32_t code = runtime().enter("launch", true);
  if (code == 0)
    runtime().launch(std::move(kernel), stream);
  else
    runtime().enqueue(stream, [code] { return runtime().fail(code, "scripted fault of launch"); });
}

} // extern "C"
