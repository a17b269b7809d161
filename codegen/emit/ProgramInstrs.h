// Tile operations of the IR as instructions of a program.
#pragma once

#include "codegen/dialect/PtoDialect.h"
#include "codegen/emit/ProgramTiles.h"

namespace ptotune::emit {

// The instruction of a tile operation; stage and tile stay empty.
mlir::FailureOr<program::Instr> tileInstr(mlir::pto::PipeOpInterface op, ProgramExprs& exprs,
                                          ProgramTiles& tiles);

} // namespace ptotune::emit
