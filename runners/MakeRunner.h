// The runners by name.
#pragma once

#include "runners/Runner.h"
#include "runners/worker/Protocol.h"
#include "space/Soc.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ptotune {

struct RunnerSpec {
  std::string name; // one of runnerNames()
  SocProfile soc;
  std::string device = "0"; // its number, or "auto"
  bool worker = false;      // in a worker process, which measures and builds nothing
  // The device was left in the middle of a measurement: it is to be looked after before the next.
  bool afterFault = false;
};

// Runners that build and measure; "replay" only reads.
std::vector<std::string> runnerNames();

// An error where there is no such runner, or where this machine lacks what it needs.
Result<std::unique_ptr<Runner>> makeRunner(const RunnerSpec& spec);
// The same in a worker process.
Result<std::unique_ptr<Runner>> makeRunner(const worker::OpenRequest& request);

} // namespace ptotune
