// What `pto-tune report` prints.
#pragma once

#include "tuner/report/Report.h"

#include <cstddef>
#include <string>

namespace ptotune::cli {

// For each environment: the best time of every shape with its gap and confidence, the best points,
// and the parameters that matter most. Lines fit `width` where they can.
std::string reportText(const report::Report& report, std::size_t width);

} // namespace ptotune::cli
