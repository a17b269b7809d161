// The state of the virtual ACL runtime in one process: device, memory, streams, events, faults.
//
// As in the real one, work on a stream is done when somebody waits for it, errors of kernels show
// there, and an error of the device poisons the context until the device is reset by force.
#pragma once

#include "tests/support/device/DeviceProcess.h"
#include "tests/support/device/Script.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace ptotune::test {

inline constexpr std::uint64_t kFftsAddress = 0xff750000; // what rtGetC2cCtrlAddr hands out

// One launch of an entry, as the shim asked for it.
struct KernelCall {
  std::string origin;
  std::string entry;
  std::map<std::string, std::uint64_t> values; // by parameter
  std::uint32_t blocks = 0;
};

class VirtualRuntime {
public:
  static VirtualRuntime& instance();

  // What a call begins with: it is written to the log; what the script has for it happens. 0: go
  // on. `deferred`: a code shows later, at the stream.
  std::int32_t enter(const char* call, bool deferred = false);
  std::int32_t fail(std::int32_t code, const std::string& why);
  const char* recent() const { return recent_.c_str(); }
  const Script& script() const { return script_; }

  std::int32_t init();
  std::int32_t finalize();
  std::int32_t bind(std::int32_t device);
  std::int32_t reset(std::int32_t device);
  std::int32_t resetForce(std::int32_t device);
  std::int32_t setOpLimit(std::uint64_t microseconds);
  std::int32_t needDevice();

  std::int32_t allocate(void** address, std::size_t bytes);
  std::int32_t release(void* address);
  // Whether so many bytes of one allocation begin there.
  bool holds(const void* address, std::size_t bytes) const;

  std::int32_t createStream(void** stream);
  std::int32_t destroyStream(void* stream);
  std::int32_t enqueue(void* stream, std::function<std::int32_t()> work);
  std::int32_t synchronize(void* stream, std::int32_t milliseconds);
  std::int32_t createEvent(void** event);
  std::int32_t destroyEvent(void* event);
  std::int32_t record(void* event, void* stream);
  std::int32_t elapsed(float* milliseconds, void* from, void* to);

  std::int32_t launch(KernelCall call, void* stream);

private:
  struct Stream {
    std::vector<std::function<std::int32_t()>> work;
    double seconds = 0;  // the stream's clock
    Execution execution; // of the launch before
  };
  struct Event {
    double seconds = -1;
  };

  VirtualRuntime() : script_(Script::fromEnvironment()) {}
  std::int32_t run(const KernelCall& call, Stream& stream);
  std::int32_t start(const KernelCall& call, Stream& stream);
  std::int32_t finish(const KernelCall& call, Stream& stream);
  std::int32_t misbehave(const KernelFault& fault, const KernelCall& call, Stream& stream);
  std::int32_t useRings(const KernelCall& call, const Execution& execution);
  double disturbed(double seconds);
  void poison(std::int32_t code);
  void dropEverything();

  Script script_;
  bool initialised_ = false;
  std::int32_t device_ = -1;
  std::int32_t poisoned_ = 0; // the code that did it
  std::string recent_;
  std::map<std::string, std::int64_t> counts_; // calls
  std::int64_t runs_ = 0;                      // of kernels
  std::int64_t opLimit_ = 1'091'000;           // ms
  std::int64_t waitLimit_ = 0;                 // ms, of the wait under way
  std::map<std::uintptr_t, std::size_t> memory_;
  std::map<void*, std::unique_ptr<Stream>> streams_;
  std::map<void*, std::unique_ptr<Event>> events_;
  std::map<std::size_t, Execution> known_; // by request and inputs
  std::uint64_t random_ = 1;
};

} // namespace ptotune::test
