// Allocations as upstream's assembler can take them.
#pragma once

#include <mlir/Dialect/Func/IR/FuncOps.h>

namespace ptotune::emit {

// Upstream's planner knows no names of buffers: two allocations at the head of a function live as
// long as the loops that use them, and together may not fit. And its sync insertion fails on tiles
// of an array whose number is computed in a loop. Where allocations share a buffer or have computed
// copies, each run of uses, from an operation that replaces the content to the last before another
// one is used, gets an allocation of its own: in the block of the uses, with the copies that the
// run takes, numbered by constants. The lifetimes of what shared a buffer do not meet, so that the
// planner can give it the same bytes. Allocations whose content passes from one trip of a loop to
// the next stay as they are.
void splitSharedStorage(mlir::func::FuncOp function);

// Upstream reshapes whole tiles only: a window of a column cannot become a row. A column in UB with
// windows that are used as rows becomes a row, its windows windows of the row, and where the whole
// column is used, the row is reshaped.
void layColumnsAsRows(mlir::func::FuncOp function);

} // namespace ptotune::emit
