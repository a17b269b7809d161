// From a point to a shared object that a device can be asked to run.
#pragma once

#include "runners/ascend/AscendArtifact.h"
#include "runners/ascend/Toolchain.h"

#include <string>
#include <vector>

namespace ptotune::ascend {

// Runs a compiler that is to write `product`: the headers that it lists. Where it fails the error
// has its last lines, and compiler.log in `folder` all of them.
Result<std::vector<std::string>> runCompiler(const std::vector<std::string>& command,
                                             const AscendOptions& options,
                                             const std::string& folder, const std::string& product);

// Lowers the point and builds it in a folder of its own below `folder`: kernel.cpp, launch.cpp,
// libkernel.so and, where the compiler failed, compiler.log with all that it wrote. An error is the
// diagnostic. Safe to call from many threads.
Result<std::shared_ptr<const AscendArtifact>>
buildKernel(const KernelSpec& spec, const Point& point, const SocProfile& soc,
            const AscendOptions& options, const Toolchain& toolchain, const std::string& folder);

} // namespace ptotune::ascend
