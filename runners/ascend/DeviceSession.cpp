#include "runners/ascend/DeviceSession.h"

#include "runners/ascend/ErrorCodes.h"

#include <fmt/format.h>

#include <utility>

namespace ptotune::ascend {

std::string Fault::text() const {
  std::string text = fmt::format("{} returned {}", call, describe(code));
  if (!recent.empty())
    text += fmt::format("; the runtime says: {}", recent);
  return text;
}

DeviceSession::DeviceSession(std::shared_ptr<const Acl> acl, int device)
    : acl_(std::move(acl)), device_(device) {}

DeviceSession::~DeviceSession() {
  if (opened_)
    (void)close();
}

Step DeviceSession::check(AclError code, const std::string& call) const {
  if (code == kAclSuccess)
    return std::nullopt;
  const char* recent = acl_->call.aclGetRecentErrMsg();
  std::string text = recent != nullptr ? recent : "";
  for (char& c : text)
    c = c == '\n' || c == '\r' ? ' ' : c;
  return Fault{call, code, text};
}

Step DeviceSession::open() {
  const AclError code = acl_->call.aclInit(nullptr);
  if (code != kAclRepeatedInit)
    if (Step fault = check(code, "aclInit"))
      return fault;
  opened_ = true;
  return std::nullopt;
}

std::string DeviceSession::socName() const {
  const char* name = acl_->call.aclrtGetSocName();
  return name != nullptr ? name : "";
}

Step DeviceSession::start(std::chrono::milliseconds opLimit) {
  if (Step fault =
          check(acl_->call.aclrtSetDevice(device_), fmt::format("aclrtSetDevice({})", device_)))
    return fault;
  bound_ = true;
  std::uint64_t actual = 0;
  const auto microseconds = static_cast<std::uint64_t>(std::chrono::microseconds(opLimit).count());
  if (Step fault = check(acl_->call.aclrtSetOpExecuteTimeOutV2(microseconds, &actual),
                         fmt::format("aclrtSetOpExecuteTimeOutV2({} us)", microseconds)))
    return fault;
  return check(acl_->call.aclrtCreateStream(&stream_), "aclrtCreateStream");
}

Step DeviceSession::wait(std::chrono::milliseconds limit, const char* whatFor) {
  return check(acl_->call.aclrtSynchronizeStreamWithTimeout(
                   stream_, static_cast<std::int32_t>(limit.count())),
               fmt::format("aclrtSynchronizeStreamWithTimeout({} ms) {}", limit.count(), whatFor));
}

Step DeviceSession::allocate(std::size_t bytes, const std::string& what, void*& address) {
  if (Step fault = check(acl_->call.aclrtMalloc(&address, bytes, kMallocHugeFirst),
                         fmt::format("aclrtMalloc of '{}' ({} bytes)", what, bytes)))
    return fault;
  memory_.push_back(address);
  return std::nullopt;
}

Step DeviceSession::event(AclEvent& event) {
  if (Step fault = check(acl_->call.aclrtCreateEventExWithFlag(&event, kEventTimeLine),
                         "aclrtCreateEventExWithFlag"))
    return fault;
  events_.push_back(event);
  return std::nullopt;
}

Step DeviceSession::close() {
  Step first;
  const auto note = [&](Step fault) {
    if (!first)
      first = std::move(fault);
  };
  for (AclEvent one : events_)
    note(check(acl_->call.aclrtDestroyEvent(one), "aclrtDestroyEvent"));
  for (void* one : memory_)
    note(check(acl_->call.aclrtFree(one), "aclrtFree"));
  if (stream_ != nullptr)
    note(check(acl_->call.aclrtDestroyStream(stream_), "aclrtDestroyStream"));
  if (bound_)
    note(check(acl_->call.aclrtResetDevice(device_), "aclrtResetDevice"));
  if (opened_)
    note(check(acl_->call.aclFinalize(), "aclFinalize"));
  abandon();
  return first;
}

void DeviceSession::abandon() {
  events_.clear();
  memory_.clear();
  stream_ = nullptr;
  bound_ = false;
  opened_ = false;
}

Step DeviceSession::recover() {
  // What the context held is gone with it.
  events_.clear();
  memory_.clear();
  stream_ = nullptr;
  bound_ = false;
  if (Step fault = check(acl_->call.aclrtResetDeviceForce(device_),
                         fmt::format("aclrtResetDeviceForce({})", device_)))
    return fault;
  return probe();
}

Step DeviceSession::probe() {
  constexpr std::size_t kProbeBytes = 4096;
  constexpr std::chrono::milliseconds kProbeLimit{5'000};
  if (Step fault = start(kProbeLimit / 2))
    return fault;
  void* memory = nullptr;
  if (Step fault = allocate(kProbeBytes, "probe", memory))
    return fault;
  if (Step fault = check(acl_->call.aclrtMemsetAsync(memory, kProbeBytes, 0, kProbeBytes, stream_),
                         "aclrtMemsetAsync of the probe"))
    return fault;
  return wait(kProbeLimit, "for the probe");
}

} // namespace ptotune::ascend
