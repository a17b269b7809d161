// A built kernel: a shared object that a device can be asked to run.
#pragma once

#include "runners/Runner.h"
#include "runners/ascend/LaunchShim.h"

#include <memory>
#include <string>
#include <string_view>

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

} // namespace ptotune::ascend
