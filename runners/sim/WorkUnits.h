// How a launch's work units differ.
#pragma once

#include "runners/sim/Code.h"

namespace ptotune::sim {

// Whether the trips of a loop depend on the variable of a loop around it that begins at this core's
// index: then cores with equally many work units need not have equally much to do.
bool hasUnevenBlocks(const Code& code);

} // namespace ptotune::sim
