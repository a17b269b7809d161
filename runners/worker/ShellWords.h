// A command as a person types it, in words. No shell is started: nothing is expanded.
#pragma once

#include "space/Result.h"

#include <string>
#include <string_view>
#include <vector>

namespace ptotune {

// Words are separated by blanks. '...' is taken as it stands; "..." too, but for a backslash before
// a quotation mark or another backslash; elsewhere a backslash takes the next character as it
// stands. An error where a quotation does not end.
Result<std::vector<std::string>> shellWords(std::string_view text);

} // namespace ptotune
