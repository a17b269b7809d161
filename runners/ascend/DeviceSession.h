// One process's use of a device: initialised, bound, with a stream; every call is checked.
//
// A fault is the first call that failed. After one that poisons the context nothing is
// synchronised, freed or destroyed any more: recover() resets the device by force and probes it.
#pragma once

#include "runners/ascend/Acl.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ptotune::ascend {

struct Fault {
  std::string call; // "aclrtMalloc of 'qk_fifo' (1048576 bytes)"
  AclError code = 0;
  std::string recent; // what aclGetRecentErrMsg had to say

  std::string text() const;
};
// Nothing: it went well.
using Step = std::optional<Fault>;

class DeviceSession {
public:
  DeviceSession(std::shared_ptr<const Acl> acl, int device);
  ~DeviceSession();
  DeviceSession(const DeviceSession&) = delete;
  DeviceSession& operator=(const DeviceSession&) = delete;

  const AclFunctions& acl() const { return acl_->call; }
  AclStream stream() const { return stream_; }
  int device() const { return device_; }

  // Initialises the runtime. The name of the device's SoC is known from here on.
  Step open();
  std::string socName() const;
  // Binds the device, sets the op execution limit and makes a stream.
  Step start(std::chrono::milliseconds opLimit);
  // Waits for the stream.
  Step wait(std::chrono::milliseconds limit, const char* whatFor);
  // Frees, destroys and resets, then ends the runtime. The first call that failed.
  Step close();

  // Device memory that close() frees.
  Step allocate(std::size_t bytes, const std::string& what, void*& address);
  Step event(AclEvent& event);
  // A Step out of a call's result.
  Step check(AclError code, const std::string& call) const;

  // After a fault: a forced reset, then a stream and a small allocation as a probe. Nothing when
  // the device is usable again.
  Step recover();
  // Leaves everything as it is to the end of the process.
  void abandon();

private:
  Step probe();

  std::shared_ptr<const Acl> acl_;
  const int device_;
  bool opened_ = false;
  bool bound_ = false;
  AclStream stream_ = nullptr;
  std::vector<void*> memory_;
  std::vector<AclEvent> events_;
};

} // namespace ptotune::ascend
