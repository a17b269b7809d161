// Measures built kernels on an Ascend device through the ACL runtime. Knows no compiler.
#pragma once

#include "runners/Runner.h"
#include "runners/ascend/Toolchain.h"
#include "space/Soc.h"

#include <memory>
#include <string_view>

namespace ptotune {

inline constexpr const char* kAscendRunner = "ascend";
// Changes whenever the way of measuring does.
inline constexpr const char* kAscendVersion = "ascend-1";

namespace ascend {

// measure() runs on the device in this process and does not defend itself against a kernel that
// takes the process with it: a worker process calls it, one candidate each.
class DeviceRunner : public Runner {
public:
  // The runtime is there, its device is the target and in order. `afterFault`: the device is reset
  // by force and probed before. An error is one line.
  static Result<std::unique_ptr<Runner>> open(const SocProfile& soc, const AscendOptions& options,
                                              bool afterFault);
  // Workers that this process starts hear of the toolchain that builds for them.
  static void tellWorkers(const Toolchain& toolchain);

  Environment environment() const override;
  // An error: it adopts.
  Result<std::shared_ptr<const Artifact>> prepare(const Candidate& candidate) override;
  Result<std::shared_ptr<const Artifact>> adopt(const Candidate& candidate,
                                                std::string_view wire) override;
  // `correct` with every sample; `correctness` with the worst element, NaN, Inf or the damage to
  // what lies around the buffers; `hang` where the device ended the kernel at its limit; `timeout`
  // where the host gave up waiting; `runtime` with the call that failed, its code, what it means
  // and what to do.
  Trial measure(const Candidate& candidate, const Artifact& artifact,
                const Budget& budget) override;

protected:
  DeviceRunner(SocProfile soc, AscendOptions options, Toolchain toolchain);

  const SocProfile soc_;
  const AscendOptions options_;
  const Toolchain toolchain_;
};

} // namespace ascend
} // namespace ptotune
