// Measures candidates on an Ascend device: bisheng builds, the ACL runtime runs.
#pragma once

#include "runners/TemporaryFolder.h"
#include "runners/ascend/DeviceRunner.h"

#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace ptotune {

// For a tuner: builds what workers measure. prepare() may be called from many threads at once; a
// point is built once for all shapes.
class AscendRunner : public ascend::DeviceRunner {
public:
  // The compiler and the headers are there and go together, and what they are is known. This
  // process's workers hear of it. An error is one line.
  static Result<std::unique_ptr<Runner>> builder(const SocProfile& soc,
                                                 const ascend::AscendOptions& options);

  Result<std::shared_ptr<const Artifact>> prepare(const Candidate& candidate) override;

private:
  using Key = std::pair<KernelSpec, Point>;
  using Built = Result<std::shared_ptr<const Artifact>>;
  // Of kernels: temporary where the options name none.
  struct Folder {
    TemporaryFolder temporary;
    std::string path;
  };

  AscendRunner(const SocProfile& soc, const ascend::AscendOptions& options, Folder folder,
               ascend::Toolchain toolchain);
  static Result<Folder> makeFolder(const ascend::AscendOptions& options);

  const Folder folder_;
  std::mutex mutex_;
  std::map<Key, std::shared_future<Built>> built_;
};

} // namespace ptotune
