// The results of a T4 file of any kernel, as far as a replay needs them.
#pragma once

#include "space/Result.h"
#include "space/engine/Value.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ptotune::search {

struct T4Result {
  std::vector<std::pair<std::string, engine::Value>> configuration;
  std::optional<double> value; // of the first objective, in the file's unit; nothing when it failed
  double cost = 0;             // seconds: everything in `times` but the search itself
};

// In the file's order.
Result<std::vector<T4Result>> parseT4Results(std::string_view text, const std::string& file);

} // namespace ptotune::search
