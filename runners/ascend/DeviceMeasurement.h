// One candidate on the device: run, checked, timed, checked again.
#pragma once

#include "runners/Runner.h"
#include "runners/ascend/AscendArtifact.h"
#include "runners/ascend/DeviceHealth.h"
#include "runners/ascend/DeviceSession.h"
#include "runners/ascend/GuardedBuffers.h"
#include "runners/ascend/OutputCheck.h"
#include "runners/ascend/Toolchain.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace ptotune::ascend {

// True where a device of this name is the target: the same name, or one of the A3 devices
// (Ascend910_9362 ...) for the target Ascend910_93.
bool isTarget(const std::string& device, const std::string& target);
// The difference in words, and what it leads to.
std::string mismatch(const std::string& device, const std::string& target);

// Whether the device may be used: it is the target and was not set aside. `afterFault`: it is reset
// by force and probed first, and set aside where it does not answer.
Status checkDevice(const std::shared_ptr<const Acl>& acl, const SocProfile& soc,
                   const AscendOptions& options, bool afterFault);

class DeviceMeasurement {
public:
  DeviceMeasurement(std::shared_ptr<const Acl> acl, const SocProfile& soc,
                    const AscendOptions& options, const Problem& problem,
                    const AscendArtifact& artifact, const Budget& budget);

  // Status, detail, seconds and output error of the trial.
  void run(Trial& trial);

private:
  using Clock = std::chrono::steady_clock;

  // Each leaves the trial as it is and returns nothing where the measurement can go on.
  Step prepare(Trial& trial, bool& ended);
  Step load(Trial& trial, bool& ended);
  Step allocate();
  Step runOnce(const char* whatFor);
  Step judge(Trial& trial, bool& ended);
  Step sample(std::vector<double>& seconds);
  Step measureAll(Trial& trial);
  bool timeLeft(Clock::duration forOne) const;
  // What a fault makes of the trial and of the device.
  void afterFault(const Fault& fault, Trial& trial);
  void closeAfterwards(Trial& trial);

  const SocProfile& soc_;
  const AscendOptions& options_;
  const Problem& problem_;
  const AscendArtifact& artifact_;
  const Budget& budget_;
  const DeviceHealth health_;
  const Clock::time_point begin_ = Clock::now();

  DeviceSession session_;
  GuardedBuffers buffers_;
  LaunchFunction launch_ = nullptr;
  std::vector<std::uint32_t> blocks_;
  std::vector<std::int64_t> bytes_;
  std::unique_ptr<const OutputCheck> check_;
  void* flush_ = nullptr; // memory whose writing empties L2 of the kernel's data
  AclEvent from_ = nullptr;
  AclEvent to_ = nullptr;
};

} // namespace ptotune::ascend
