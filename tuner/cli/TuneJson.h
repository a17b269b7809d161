// What `pto-tune tune --format json` prints.
#pragma once

#include "space/Job.h"
#include "tuner/Prove.h"

#include <nlohmann/json_fwd.hpp>

namespace ptotune::cli {

// Every problem with its counts, its best point and the seed's time, and its bound where the search
// proved one. `seconds`: of the whole search.
nlohmann::ordered_json tuneJson(const Job& job, const ProvenResult& result, double seconds);

} // namespace ptotune::cli
