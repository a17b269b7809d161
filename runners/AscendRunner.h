// Measures candidates on an Ascend device: bisheng builds, the ACL runtime runs.
#pragma once

#include "runners/Runner.h"
#include "runners/TemporaryFolder.h"
#include "runners/ascend/KernelBuild.h"
#include "runners/ascend/Toolchain.h"
#include "space/Soc.h"

#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace ptotune {

// prepare() may be called from many threads at once; a point is built once for all shapes.
// measure() runs on the device in this process and does not defend itself against a kernel that
// takes the process with it: a worker process calls it, one candidate each.
class AscendRunner : public Runner {
public:
  using Made = Result<std::unique_ptr<Runner>>;

  // For a tuner: the compiler and the headers are there and go together, and what they are is
  // known. This process's workers hear of it through kToolchainVariable.
  static Made builder(const SocProfile& soc, const ascend::AscendOptions& options);
  // For a worker, which adopts and measures: the runtime is there, its device is the target and in
  // order. `afterFault`: the device is reset by force and probed before.
  static Made worker(const SocProfile& soc, const ascend::AscendOptions& options, bool afterFault);
  // An error of either is one line.

  ~AscendRunner() override;
  AscendRunner(const AscendRunner&) = delete;
  AscendRunner& operator=(const AscendRunner&) = delete;

  Environment environment() const override;
  Result<std::shared_ptr<const Artifact>> prepare(const Candidate& candidate) override;
  Result<std::shared_ptr<const Artifact>> adopt(const Candidate& candidate,
                                                std::string_view wire) override;
  // `correct` with every sample; `correctness` with the worst element, NaN, Inf or the damage to
  // what lies around the buffers; `hang` where the device ended the kernel at its limit; `timeout`
  // where the host gave up waiting; `runtime` with the call that failed, its code, what it means
  // and what to do.
  Trial measure(const Candidate& candidate, const Artifact& artifact,
                const Budget& budget) override;

private:
  using Key = std::pair<KernelSpec, Point>;
  using Built = Result<std::shared_ptr<const Artifact>>;

  AscendRunner(SocProfile soc, ascend::AscendOptions options);
  Status makeFolder();
  Status takeToolchain(); // from the environment, else from this machine

  const SocProfile soc_;
  const ascend::AscendOptions options_;
  TemporaryFolder temporary_; // of kernels, where the options name none
  std::string folder_;        // of kernels
  ascend::Toolchain toolchain_;
  bool builds_ = false;
  std::mutex mutex_;
  std::map<Key, std::shared_future<Built>> built_;
};

inline constexpr const char* kAscendRunner = "ascend";
// Changes whenever the way of measuring does.
inline constexpr const char* kAscendVersion = "ascend-1";

} // namespace ptotune
