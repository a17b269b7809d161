// The frontend IR as text for one version of the upstream assembler.
#pragma once

#include "codegen/Ptoas.h"

#include <mlir/IR/BuiltinOps.h>
#include <mlir/Support/LogicalResult.h>

#include <string>

namespace ptotune::emit {

// Makes a module, as a kernel builder leaves it, one that `version` reads: removes what is ours and
// decides nothing (names of buffers, parameter names), replaces what is inert by a comment that
// says so, and spells what differs between versions. Fails with a diagnostic on an operation that
// says more than upstream can. Comments are pto.stage operations, as landmarks are.
mlir::LogicalResult adaptToPtoas(mlir::ModuleOp module, Ptoas version);

// The text of a module: values named as their NameLocs say, stages as comments where `version` has
// no such operation.
std::string printPto(mlir::ModuleOp module, Ptoas version);

} // namespace ptotune::emit
