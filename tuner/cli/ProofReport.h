// What `pto-tune tune` prints at the end of every search but the exhaustive one.
#pragma once

#include "space/Job.h"
#include "tuner/Prove.h"

#include <cstddef>
#include <string>

namespace ptotune::cli {

// Best times beside the seed's, proven bounds and gaps, as far as there are any, the best points,
// how the points of each space were decided, and failures, if any. Lines are at most `width`
// columns where words allow.
std::string proofReport(const Job& job, const ProvenResult& result, std::size_t width);

} // namespace ptotune::cli
