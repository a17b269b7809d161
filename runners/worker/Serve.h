// The worker's side: a process that measures what its parent asks for on stdin.
#pragma once

#include "runners/Runner.h"
#include "runners/worker/Protocol.h"

#include <functional>
#include <memory>

namespace ptotune::worker {

using MakeRunner = std::function<Result<std::unique_ptr<Runner>>(const OpenRequest&)>;

// Serves until stdin ends; returns the exit code.
//
// From the call on, stdin and stdout belong to the protocol: what kernels and libraries print on
// stdout goes to stderr, and they read nothing. The process leaves no core file, and it ends
// - when the thread that started it ends, however that happens (a launcher in between hides this),
// - when stdin ends, in the middle of a measurement too.
int serve(const MakeRunner& make);

} // namespace ptotune::worker
