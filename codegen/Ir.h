// Text of the dialect `pto`, for callers without MLIR.
#pragma once

#include "space/Result.h"

#include <string_view>

namespace ptotune {

// Parses a module and verifies it. The error carries every diagnostic with its line.
Status verifyIr(std::string_view text);

} // namespace ptotune
