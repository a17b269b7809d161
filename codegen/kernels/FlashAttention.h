// The flash-attention family: O = softmax(Q K^T / sqrt(head)) V, in all three pipe models (Pipe.h),
// one block of CUBE_S0 query rows after the other, keys in tiles of TILE_S1 columns.
//
// Stages of tile t, and who executes them
//   QK  cube    scores of the block against tile t, in kTileFactor column subtiles, into FIFO qk
//   P   vector  running softmax of the scores, in kTileFactor row slices, into FIFO p
//   PV  cube    P times the values of tile t, into FIFO pv
//   GU  vector  rescale the running output and add the product
// QK and P run QK_PRELOAD tiles ahead of PV and GU: a preload loop starts them, a steady loop runs
// all four, a drain loop finishes the last ones. GU(0) stands by itself: it needs no factor.
#pragma once

#include "space/Point.h"
#include "space/Problem.h"
#include "space/Soc.h"
#include "space/fa/Buffers.h"

#include <mlir/IR/BuiltinOps.h>
#include <mlir/IR/OwningOpRef.h>

namespace ptotune::kernels {

// The module of one point, before any pass: functions cube_kernel, vector_kernel and the entry. s0
// and s1 are run-time arguments, multiples of CUBE_S0 and TILE_S1. With KV_SPLIT above 1,
// combine_kernel and its entry follow: a second launch.
mlir::OwningOpRef<mlir::ModuleOp> buildFlashAttention(mlir::MLIRContext& context,
                                                      const KernelSpec& kernel, const Point& point,
                                                      const SocProfile& soc);

} // namespace ptotune::kernels
