// What the two cores of the flash-attention kernel share.
//
// Loops over the n tiles of a work unit
//   cube    preload QK of the first pre = min(QK_PRELOAD, n); steady QK(t + pre) and PV(t); drain
//   PV vector  preload P of as many as come before the first GU: `lead`, one more than QK_PRELOAD
//   where
//           P goes first; GU(0); steady P(t + ahead) and GU(t); drain GU
// So both orders of the vector core are one loop, P then GU, that starts at different places.
#pragma once

#include "codegen/kernels/Author.h"
#include "codegen/kernels/FlashAttention.h"
#include "codegen/kernels/Pipe.h"

#include <array>

namespace ptotune::kernels::fa {

using ptotune::fa::Shapes;

// Names of the cores' functions, and of the tiles that their consumers' parts land in.
inline constexpr const char* kCubeKernel = "cube_kernel";
inline constexpr const char* kVectorKernel = "vector_kernel";
inline constexpr const char* kLandingQK = "qk_in";
inline constexpr const char* kLandingP = "p_l1";
inline constexpr const char* kLandingPV = "pv_in";

struct Plan {
  Shapes shapes;
  const char* productIn; // buffer in which tiles of the product land on the vector cores
  Fifo qk, p, pv;
  std::int64_t preload; // QK_PRELOAD
  bool guFirst;         // VEC_ORDER: GU(t) before P(t + QK_PRELOAD)
  std::int64_t expRing; // EXP_RING
  std::int64_t parts;   // KV_SPLIT
  bool causal;
  bool unitFlag;            // EN_UNIT_FLAG
  std::int64_t vectorCores; // of one cube core
  std::int64_t scratchCols; // of the scratch of TROWEXPAND*: one block a row
};

// Values that both kernel functions begin with.
struct Frame {
  mlir::Value s0, s1;
  mlir::Value core, cores; // index of this cube core, and how many there are
  mlir::Value units;       // s0 / CUBE_S0 * KV_SPLIT
  mlir::Value tiles;       // s1 / TILE_S1
};
Frame frame(Author& author, const Plan& plan, mlir::Value s0, mlir::Value s1);

// Parameters of the vector kernel for what it leaves: the output, or partial results for the launch
// that combines them. And those that both kernels end with: the rings, s0 and s1.
llvm::SmallVector<Parameter> resultParameters(Author& author, const Plan& plan);
llvm::SmallVector<Parameter> sharedParameters(Author& author);

// What a core works on at a time: one of KV_SPLIT parts of the keys that a block of rows sees.
struct Unit {
  mlir::Value number; // block * KV_SPLIT + part
  mlir::Value block;  // query rows from block * CUBE_S0 on
  mlir::Value first;  // the unit's tile 0 among all tiles
  mlir::Value tiles;  // of its key loop: up to the block's diagonal where the kernel is causal
  mlir::Value seen;   // tiles of which every row sees every key; all of them unless causal
};
Unit unitOf(Author& author, const Plan& plan, const Frame& frame, mlir::Value number);

// Runs `body` for every work unit of this core.
template <typename Body>
void forEachUnit(Author& a, const Plan& plan, const Frame& f, Body&& body) {
  const char* name = plan.parts == 1 ? "block" : "unit";
  a.loop(name, name, f.core, f.units, f.cores,
         [&](mlir::Value number) { body(unitOf(a, plan, f, number)); });
}

void buildCube(Author& author, mlir::ModuleOp module, const Plan& plan);
void buildVector(Author& author, mlir::ModuleOp module, const Plan& plan);

} // namespace ptotune::kernels::fa
