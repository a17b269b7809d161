// pto-tune space --classes.
#pragma once

#include "tuner/cli/Commands.h"

#include <cstddef>

namespace ptotune::cli {

// Prints, for every problem of the job, in which parameters points of one program differ. `sample`
// 0: of the whole space; otherwise of so many points drawn from it, with their neighbours.
// As JSON where `json` is set.
int runClasses(const Job& job, std::size_t sample, int jobs, bool json);

} // namespace ptotune::cli
