// What the two cores of the flash-attention kernel share.
#pragma once

#include "codegen/kernels/Author.h"
#include "codegen/kernels/FlashAttention.h"
#include "codegen/kernels/Pipe.h"

#include <array>

namespace ptotune::kernels::fa {

using ptotune::fa::Shapes;

struct Plan {
  Shapes shapes;
  Fifo qk, p, pv;
  std::int64_t preload;     // QK_PRELOAD
  std::int64_t expRing;     // EXP_RING
  bool unitFlag;            // EN_UNIT_FLAG
  std::int64_t vectorCores; // of one cube core
  std::int64_t scratchCols; // of the scratch of TROWEXPAND*: one block a row
};

// Values that both kernel functions begin with.
struct Frame {
  mlir::Value s0, s1;
  mlir::Value core, cores; // index of this cube core, and how many there are
  mlir::Value blocks;      // s0 / CUBE_S0
  mlir::Value tiles;       // s1 / TILE_S1
  mlir::Value pre;         // min(QK_PRELOAD, tiles)
};
Frame frame(Author& author, const Plan& plan, mlir::Value s0, mlir::Value s1);

// Opens the loop over blocks of this core, and within it the three loops over tiles.
template <typename Open, typename Preload, typename Steady, typename Drain, typename Close>
void schedule(Author& a, const Frame& f, Open&& open, Preload&& preload, Steady&& steady,
              Drain&& drain, Close&& close) {
  a.loop("block", "block", f.core, f.blocks, f.cores, [&](mlir::Value block) {
    open(block);
    const mlir::Value rest = a.sub(f.tiles, f.pre, "rest");
    a.loop("preload", "t", a.index(0), f.pre, a.index(1), preload);
    a.loop("steady", "t", a.index(0), rest, a.index(1),
           [&](mlir::Value t) { steady(t, a.add(t, f.pre)); });
    a.loop("drain", "t", rest, f.tiles, a.index(1), drain);
    close(block);
  });
}

void buildCube(Author& author, mlir::ModuleOp module, const Plan& plan);
void buildVector(Author& author, mlir::ModuleOp module, const Plan& plan);

} // namespace ptotune::kernels::fa
