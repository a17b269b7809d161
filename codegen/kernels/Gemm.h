// C = A B on the cube cores: A [m, k] and B [k, n] in fp16, C [m, n] in fp32, all row-major.
//
//   block  rows of C, TILE_M of them, one cube core after the other
//   tile   TILE_N columns of a block; its accumulator goes through all of k
//   step   TILE_K of k, through L1; within it DEPTH_K at a time through L0
//
// Copies of L1 and L0 operands and of accumulators let one be filled while another is read.
#pragma once

#include "codegen/Gemm.h"

#include <mlir/IR/BuiltinOps.h>
#include <mlir/IR/OwningOpRef.h>

namespace ptotune::kernels {

// The module, before any pass: the function cube_kernel and the entry. m is a run-time argument, a
// multiple of TILE_M; every size divides, as lowerGemm() checks.
mlir::OwningOpRef<mlir::ModuleOp> buildGemm(mlir::MLIRContext& context, const GemmShape& shape,
                                            const GemmTiling& tiling);

} // namespace ptotune::kernels
