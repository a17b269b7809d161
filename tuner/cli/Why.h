// pto-tune space --why: what rejects the points of a space.
#pragma once

#include "space/Job.h"

namespace ptotune::cli {

// Prints, for each problem, how many points each rule rejects and how many it rejects alone, the
// rule that most of them wait for, the single changes of a value that make most points legal, and
// values that no legal point has. Returns the exit code. As JSON where `json` is set.
int runWhy(const Job& job, bool json);

} // namespace ptotune::cli
