// The passes between a kernel builder and the emitters, in the order in which they run:
//
//   pto-lower-frontend-pipes  frontend FIFO operations -> TPipe handles with FFTS flags
//   pto-plan-memory           byte address and stride of every tile allocation
//   pto-insert-sync           event flags between pipes, barriers within the vector pipe
//
// Canonicalisation and common subexpressions from MLIR run between the first and the second. Each
// pass is a plain function; the pass classes for pto-opt are shells over them.
#pragma once

#include "space/BufferTable.h"
#include "space/Soc.h"

#include <mlir/IR/BuiltinOps.h>
#include <mlir/Support/LogicalResult.h>

#include <vector>

namespace mlir::pto {

// Replaces the frontend's FIFO operations by initialize_l2g2l_pipe and operations on its handle.
// FIFOs take FFTS flags in the order of their frontend ids, two for one direction, four for both;
// both ends of a FIFO get the same. Fails where the two ends disagree, where one is missing, and
// where the flags of the SoC do not suffice.
LogicalResult lowerFrontendPipes(ModuleOp module, const ptotune::SocProfile& soc);

// Writes address and stride of every alloc_tile and alloc_multi_tile in kernel functions. With a
// `table`, allocations must be exactly its buffers; without one each function's table follows from
// its allocations. Fails where a memory overflows.
LogicalResult planMemory(ModuleOp module, const ptotune::SocProfile& soc,
                         const std::vector<ptotune::Buffer>* table = nullptr);

struct SyncStats {
  int setFlags = 0;
  int waitFlags = 0;
  int vectorBarriers = 0;
  int eventIds = 0; // distinct (source pipe, target pipe, id), over all functions
};

// Inserts set_flag, wait_flag and barriers for the dependences between tile operations. Memory is
// planned. Fails where event ids run out, naming the buffers that need them.
LogicalResult insertSync(ModuleOp module, const ptotune::SocProfile& soc,
                         SyncStats* stats = nullptr);

// Registers the passes for command lines. Each takes the SoC profile as option soc=FILE.
void registerPtoPasses();

} // namespace mlir::pto
