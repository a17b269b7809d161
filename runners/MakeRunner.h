// The runners that build and measure, by name.
#pragma once

#include "runners/Runner.h"
#include "space/Soc.h"

#include <memory>
#include <string>
#include <vector>

namespace ptotune {

struct RunnerSpec {
  std::string name; // one of runnerNames()
  SocProfile soc;
  // What it prepares is measured by worker processes; of a device everything is.
  bool forWorkers = false;
};

// "replay", which only reads, is not among them.
std::vector<std::string> runnerNames();

// An error where there is no such runner, or where this machine lacks what it needs.
Result<std::unique_ptr<Runner>> makeRunner(const RunnerSpec& spec);

} // namespace ptotune
