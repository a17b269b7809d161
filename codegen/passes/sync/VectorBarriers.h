// Barriers of the vector pipe. It starts operations in order but does not finish one before the
// next starts, so that operations that touch the same bytes, one of them writing, need a barrier
// between.
#pragma once

#include "codegen/passes/sync/Accesses.h"

namespace mlir::pto::sync {

// Inserts the barriers of a function and returns their number. A barrier stands directly before
// the operation that needs it and serves everything before it; loops are followed round.
FailureOr<int> insertVectorBarriers(func::FuncOp function);

} // namespace mlir::pto::sync
