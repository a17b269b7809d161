// Builds upstream's manual kernel, so that a device runner can measure it.
#pragma once

#include "runners/Runner.h"
#include "runners/TemporaryFolder.h"
#include "runners/ascend/Toolchain.h"
#include "space/Soc.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace ptotune::manual {

class ManualKernels {
public:
  // An error of one line where the tree, its kernel, the compiler or the folder for what is built
  // is missing.
  static Result<std::unique_ptr<ManualKernels>> make(const SocProfile& soc,
                                                     const ascend::AscendOptions& options);

  // An artifact as AscendRunner prepares them. The kernel is compiled for this one shape; an error
  // is the kernel's objection or the compiler's. Safe to call from many threads.
  Result<std::shared_ptr<const Artifact>> build(const Problem& problem, const Point& point);

  // The kernel's files and the headers that it really included: their number and content address.
  // "" before the first one was built.
  std::string identity() const;

private:
  ManualKernels(SocProfile soc, ascend::AscendOptions options)
      : soc_(std::move(soc)), options_(std::move(options)) {}

  Status makeFolder();
  // Builds launch.cpp of the folder. The content address of the tree's files that went into it.
  Result<Hash> compile(const std::string& folder, const std::string& library);
  // The same from the list of headers: they are the tree's, our cases among them, and the same for
  // every shape.
  Result<Hash> identify(const std::vector<std::string>& headers, const std::string& folder);

  const SocProfile soc_;
  const ascend::AscendOptions options_;
  std::string compiler_;
  TemporaryFolder temporary_;
  std::string folder_;
  mutable std::mutex mutex_;
  Hash files_;
  std::size_t count_ = 0;
};

} // namespace ptotune::manual
