// The order of definitions and uses in IR text. Private to codegen/.
#pragma once

#include "space/Result.h"

#include <string_view>

namespace ptotune {

// Refuses a value that is used before the text defines it. MLIR allows that between the blocks of a
// control-flow graph, which this library has none of; and LLVM 19's parser reads freed memory where
// an operation's own region defines one of its operands.
Status requireDefinitionsFirst(std::string_view text);

} // namespace ptotune
