// Splitting "name=value,name=value" texts, as points and problems are written on the command line.
#pragma once

#include "space/Result.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace ptotune {

std::string_view trim(std::string_view text);
// The whole of `text` as a decimal integer, or nothing.
std::optional<std::int64_t> parseInteger(std::string_view text);
// Pairs in the order given; an item without '=', with an empty side, or a name given twice is an
// error. `what` names the text in the message: "point", "problem".
Result<std::vector<std::pair<std::string_view, std::string_view>>>
splitAssignments(std::string_view text, std::string_view what);

} // namespace ptotune
