// Emitters: the lowered IR as a program::Program and as C++ for pto-isa. Both are translations,
// operation by operation; neither decides anything.
//
// Lowered means: FIFO operations on handles with flag bases, allocations with addresses, flags and
// barriers in place. One function per kind of core, and one with `pto.entry` that calls them.
// Parameters carry their names in the attribute `pto.name`.
#pragma once

#include "codegen/Ptoas.h"
#include "codegen/program/Program.h"
#include "space/Soc.h"

#include <mlir/IR/BuiltinOps.h>
#include <mlir/Support/LogicalResult.h>

#include <string>

namespace ptotune::emit {

// Fails with a diagnostic on an operation that a program cannot say.
mlir::FailureOr<program::Program> emitProgram(mlir::ModuleOp module, const SocProfile& soc);

// C++ text, one function per function. Names come from NameLocs; values without one get their
// expression written where they are used.
mlir::FailureOr<std::string> emitCpp(mlir::ModuleOp module, const SocProfile& soc);

// The frontend IR, before any pass, as text that `version` of the assembler reads. Fails with a
// diagnostic on an operation that says more than that version can.
mlir::FailureOr<std::string> emitPto(mlir::ModuleOp module, Ptoas version);

} // namespace ptotune::emit
