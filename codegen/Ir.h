// Text of the dialect `pto`, for callers without MLIR: kernels that people or other tools wrote.
#pragma once

#include "codegen/Lowering.h"
#include "space/Result.h"

#include <string_view>

namespace ptotune {

// Parses a module and verifies it. The error carries every diagnostic with its line.
Status verifyIr(std::string_view text);

// As lower(), of a module's text in the frontend form. Buffers follow from its allocations; those
// that name one buffer share its storage. A parameter is a tensor of the program by its attribute
// `pto.name`.
Result<LoweredKernel> lowerIr(std::string_view text, const SocProfile& soc, Emit what,
                              Ptoas ptoas = Ptoas::v0_60);

// Emits a module's text in the lowered form, as Emit::ir prints it: no pass runs.
Result<LoweredKernel> emitIr(std::string_view text, const SocProfile& soc, Emit what);

} // namespace ptotune
