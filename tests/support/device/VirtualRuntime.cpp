#include "tests/support/device/VirtualRuntime.h"

#include "tests/support/device/Crash.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>

namespace ptotune::test {
namespace {

constexpr std::int32_t kInvalidParameter = 107000;
constexpr std::int32_t kNoContext = 107002;
constexpr std::int32_t kRepeatedInit = 100002;
constexpr std::int32_t kFirstDeviceError = 507000;
constexpr std::int32_t kDriver = 507899;
constexpr std::int32_t kDestroyRefused = 507901;

[[noreturn]] void sleepForever() {
  while (true)
    std::this_thread::sleep_for(std::chrono::hours(1));
}

// The number in a file, one more each time.
std::int64_t next(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0)
    return 0;
  ::flock(file, LOCK_EX);
  std::int64_t number = 0;
  if (::pread(file, &number, sizeof number, 0) != sizeof number)
    number = 0;
  ++number;
  if (::pwrite(file, &number, sizeof number, 0) != sizeof number)
    std::perror("virtual device: counter");
  ::close(file);
  return number;
}

} // namespace

VirtualRuntime& VirtualRuntime::instance() {
  static VirtualRuntime runtime;
  return runtime;
}

std::int32_t VirtualRuntime::fail(std::int32_t code, const std::string& why) {
  recent_ = why;
  if (code >= kFirstDeviceError)
    poison(code);
  return code;
}

void VirtualRuntime::poison(std::int32_t code) {
  if (poisoned_ == 0)
    poisoned_ = code;
}

std::int32_t VirtualRuntime::enter(const char* call, bool deferred) {
  script_.note(call);
  const std::int64_t number = ++counts_[call];
  for (const CallFault& fault : script_.calls) {
    if (fault.call != call || number < fault.from || number > fault.to)
      continue;
    if (fault.crash)
      crash();
    if (fault.hang)
      sleepForever();
    if (fault.code != 0)
      return deferred ? fault.code : fail(fault.code, std::string("scripted fault of ") + call);
  }
  return 0;
}

std::int32_t VirtualRuntime::needDevice() {
  if (poisoned_ != 0)
    return fail(kDriver, "the context is poisoned by " + std::to_string(poisoned_));
  if (!initialised_ || device_ < 0)
    return fail(kNoContext, "no device is set");
  return 0;
}

std::int32_t VirtualRuntime::init() {
  if (initialised_)
    return fail(kRepeatedInit, "initialised before");
  initialised_ = true;
  return 0;
}

std::int32_t VirtualRuntime::finalize() {
  initialised_ = false;
  return 0;
}

std::int32_t VirtualRuntime::bind(std::int32_t device) {
  if (poisoned_ != 0)
    return fail(kDriver, "the context is poisoned by " + std::to_string(poisoned_));
  if (!initialised_)
    return fail(kNoContext, "aclInit was not called");
  device_ = device;
  return 0;
}

void VirtualRuntime::dropEverything() {
  for (const auto& [address, bytes] : memory_)
    ::munmap(reinterpret_cast<void*>(address), bytes);
  memory_.clear();
  streams_.clear();
  events_.clear();
  device_ = -1;
}

std::int32_t VirtualRuntime::reset(std::int32_t device) {
  if (const std::int32_t code = needDevice(); code != 0)
    return code;
  if (!(memory_.empty() && streams_.empty() && events_.empty()))
    script_.note("leak");
  dropEverything();
  return device == device_ || device_ < 0 ? 0 : kInvalidParameter;
}

std::int32_t VirtualRuntime::resetForce(std::int32_t device) {
  if (!script_.resetHeals)
    return fail(kDriver, "device " + std::to_string(device) + " does not answer");
  dropEverything();
  poisoned_ = 0;
  return 0;
}

std::int32_t VirtualRuntime::setOpLimit(std::uint64_t microseconds) {
  if (const std::int32_t code = needDevice(); code != 0)
    return code;
  opLimit_ = static_cast<std::int64_t>(microseconds / 1000);
  return 0;
}

std::int32_t VirtualRuntime::allocate(void** address, std::size_t bytes) {
  if (const std::int32_t code = needDevice(); code != 0)
    return code;
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return fail(207001, "out of memory");
  memory_[reinterpret_cast<std::uintptr_t>(memory)] = bytes;
  *address = memory;
  return 0;
}

std::int32_t VirtualRuntime::release(void* address) {
  if (const std::int32_t code = needDevice(); code != 0)
    return code;
  const auto found = memory_.find(reinterpret_cast<std::uintptr_t>(address));
  if (found == memory_.end())
    return fail(kInvalidParameter, "no allocation begins there");
  ::munmap(address, found->second);
  memory_.erase(found);
  return 0;
}

bool VirtualRuntime::holds(const void* address, std::size_t bytes) const {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  auto behind = memory_.upper_bound(at);
  if (behind == memory_.begin())
    return false;
  --behind;
  return at - behind->first <= behind->second && bytes <= behind->second - (at - behind->first);
}

std::int32_t VirtualRuntime::createStream(void** stream) {
  if (const std::int32_t code = needDevice(); code != 0)
    return code;
  auto made = std::make_unique<Stream>();
  *stream = made.get();
  streams_[*stream] = std::move(made);
  return 0;
}

std::int32_t VirtualRuntime::destroyStream(void* stream) {
  if (poisoned_ != 0)
    return fail(kDestroyRefused, "the stream is in error");
  return streams_.erase(stream) == 1 ? 0 : fail(kInvalidParameter, "no such stream");
}

std::int32_t VirtualRuntime::enqueue(void* stream, std::function<std::int32_t()> work) {
  if (const std::int32_t code = needDevice(); code != 0)
    return code;
  const auto found = streams_.find(stream);
  if (found == streams_.end())
    return fail(kInvalidParameter, "no such stream");
  found->second->work.push_back(std::move(work));
  return 0;
}

std::int32_t VirtualRuntime::synchronize(void* stream, std::int32_t milliseconds) {
  if (const std::int32_t code = needDevice(); code != 0)
    return code;
  const auto found = streams_.find(stream);
  if (found == streams_.end())
    return fail(kInvalidParameter, "no such stream");
  waitLimit_ = milliseconds;
  const auto work = std::move(found->second->work);
  found->second->work.clear();
  for (const auto& one : work)
    if (const std::int32_t code = one(); code != 0)
      return code;
  return 0;
}

std::int32_t VirtualRuntime::createEvent(void** event) {
  if (const std::int32_t code = needDevice(); code != 0)
    return code;
  auto made = std::make_unique<Event>();
  *event = made.get();
  events_[*event] = std::move(made);
  return 0;
}

std::int32_t VirtualRuntime::destroyEvent(void* event) {
  if (const std::int32_t code = needDevice(); code != 0)
    return code;
  return events_.erase(event) == 1 ? 0 : fail(kInvalidParameter, "no such event");
}

std::int32_t VirtualRuntime::record(void* event, void* stream) {
  if (!events_.contains(event))
    return fail(kInvalidParameter, "no such event");
  return enqueue(stream, [this, event, stream] {
    events_.at(event)->seconds = streams_.at(stream)->seconds;
    return 0;
  });
}

std::int32_t VirtualRuntime::elapsed(float* milliseconds, void* from, void* to) {
  if (const std::int32_t code = needDevice(); code != 0)
    return code;
  if (!events_.contains(from) || !events_.contains(to) || events_.at(from)->seconds < 0 ||
      events_.at(to)->seconds < 0)
    return fail(kInvalidParameter, "an event was not recorded");
  *milliseconds = static_cast<float>((events_.at(to)->seconds - events_.at(from)->seconds) * 1e3);
  return 0;
}

// A sum of twelve uniform numbers is normal enough for the spread of times.
double VirtualRuntime::disturbed(double seconds) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) {
    random_ = random_ * 6364136223846793005U + 1442695040888963407U;
    sum += static_cast<double>(random_ >> 11) * 0x1p-53;
  }
  double factor = 1 + script_.noise * sum;
  if (!script_.counter.empty())
    factor *= 1 + script_.drift * static_cast<double>(next(script_.counter));
  return seconds * std::max(factor, 0.01);
}

} // namespace ptotune::test
