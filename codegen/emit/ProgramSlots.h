// Tiles that a FIFO moves, as instructions of a program.
#pragma once

#include "codegen/dialect/PtoDialect.h"
#include "codegen/emit/ProgramTiles.h"

namespace ptotune::emit {

// The store of a pushed tile, or the load of a popped one; stage and tile stay empty. `fifo` is the
// number of the FIFO.
mlir::FailureOr<program::Instr> slotInstr(mlir::pto::FifoOpInterface transfer, std::int32_t fifo,
                                          ProgramExprs& exprs, ProgramTiles& tiles);

} // namespace ptotune::emit
