// From a point to a shared object that a device can be asked to run.
#pragma once

#include "runners/Runner.h"
#include "runners/ascend/LaunchShim.h"
#include "runners/ascend/Toolchain.h"

#include <string>

namespace ptotune::ascend {

class AscendArtifact : public Artifact {
public:
  std::string library; // shared object
  LaunchPlan plan;
  Hash source;
  Hash program;
  double seconds = 0; // that lowering and building took

  Hash sourceHash() const override { return source; }
  Hash programHash() const override { return program; }
  std::string wire() const override;
  static Result<std::shared_ptr<const Artifact>> fromWire(std::string_view wire);
};

// Lowers the point and builds it in a folder of its own below `folder`: kernel.cpp, launch.cpp,
// libkernel.so and, where the compiler failed, compiler.log with all that it wrote. An error is the
// diagnostic. Safe to call from many threads.
Result<std::shared_ptr<const AscendArtifact>>
buildKernel(const KernelSpec& spec, const Point& point, const SocProfile& soc,
            const AscendOptions& options, const Toolchain& toolchain, const std::string& folder);

} // namespace ptotune::ascend
