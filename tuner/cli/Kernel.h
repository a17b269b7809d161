// From a point to its lowered kernel, with an error in the words of the rules.
#pragma once

#include "codegen/Lowering.h"
#include "space/Rules.h"

namespace ptotune::cli {

// Why a point that the compiler refuses has no kernel: the rule that rejects it, or the compiler's
// diagnostic where none does. Rules on s0, s1 and the protocol do not keep a point from being
// lowered.
Error noKernel(const RuleContext& context, const Error& fromCompiler);

} // namespace ptotune::cli
