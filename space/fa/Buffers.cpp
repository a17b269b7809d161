#include "space/fa/Buffers.h"

#include <fmt/format.h>

#include <algorithm>

namespace ptotune::fa {
namespace {

constexpr std::int64_t kF16 = 2;
constexpr std::int64_t kF32 = 4;

// Largest K extent of one L0 step, a power of two of at least one fractal that divides `depth` and
// whose two operand tiles each fit half of their memory (the other half holds the next step's).
std::int64_t l0Depth(std::int64_t rows, std::int64_t depth, std::int64_t cols,
                     const SocProfile& soc) {
  const std::int64_t left = soc.limit(Memory::l0a).usable / 2;
  const std::int64_t right = soc.limit(Memory::l0b).usable / 2;
  std::int64_t step = depth;
  while (step > soc.fractal && (rows * step * kF16 > left || step * cols * kF16 > right))
    step /= 2;
  return step;
}

// Columns of TROWMAX's and TROWSUM's scratch: the a2a3 header folds a row into one repeat of 64
// fp32 lanes, and its unrolled shapes need an eighth of the row
// (pto-isa include/pto/npu/a2a3/TRowReduceOps.hpp, f35e7f60). Rows of one repeat use none.
std::int64_t rowScratchCols(std::int64_t cols, const SocProfile& soc) {
  const std::int64_t repeat = soc.vectorRepeatBytes / kF32;
  const std::int64_t least = soc.blockBytes / kF32;
  return cols <= repeat ? least : std::max(repeat, cols / 8);
}

} // namespace

Shapes shapes(const KernelSpec& kernel, const Point& point, const SocProfile& soc) {
  Shapes s{};
  s.head = kernel.head;
  s.cubeS0 = point.cubeS0();
  s.cubeS1 = point.cubeS1();
  s.tileS1 = point.tileS1();
  s.factor = point.kTileFactor();
  s.vecRows = s.cubeS0 / soc.vectorPerCube;
  s.sliceRows = s.factor > 0 ? s.vecRows / s.factor : 0;
  s.depthQK = l0Depth(s.cubeS0, s.head, s.cubeS1, soc);
  s.depthPV = l0Depth(s.cubeS0, s.cubeS1, s.head, soc);
  s.rowTmpCols = rowScratchCols(s.tileS1, soc);
  const std::int64_t acc = s.cubeS0 * std::max(s.cubeS1, s.head) * kF32;
  const std::int64_t fit = soc.limit(Memory::l0c).usable / std::max<std::int64_t>(acc, 1);
  s.accCopies = static_cast<int>(std::clamp<std::int64_t>(fit, 2, 3));
  return s;
}

std::vector<Buffer> buffers(const KernelSpec& kernel, const Point& point, const SocProfile& soc) {
  const Shapes s = shapes(kernel, point, soc);
  const std::int64_t leftElems = s.cubeS0 * std::max(s.depthQK, s.depthPV);
  const std::int64_t rightElems = std::max(s.depthQK * s.cubeS1, s.depthPV * s.head);
  const std::int64_t accElems = s.cubeS0 * std::max(s.cubeS1, s.head);
  const std::int64_t sliceElems = s.sliceRows * s.tileS1;
  const std::int64_t outElems = s.vecRows * s.head;
  const int ring = static_cast<int>(point.expRing());
  const auto reduce = [](std::int64_t rows) { return rows * kF32; };

  return {
      {kQueryL1, Memory::l1, s.cubeS0 * s.head * kF16, 1, 0, 0, "CUBE_S0 x head f16"},
      {kKeyL1, Memory::l1, s.head * s.cubeS1 * kF16, 2, 0, 0, "head x CUBE_S1 f16"},
      {kProbL1, Memory::l1, s.cubeS0 * s.cubeS1 * kF16, 2, 0, 0, "CUBE_S0 x CUBE_S1 f16"},
      {kValueL1, Memory::l1, s.cubeS1 * s.head * kF16, 2, 0, 0, "CUBE_S1 x head f16"},
      {kLeft, Memory::l0a, leftElems * kF16, 2, 0, 0, "CUBE_S0 x K step f16"},
      {kRight, Memory::l0b, rightElems * kF16, 2, 0, 0, "K step x max(CUBE_S1, head) f16"},
      {kAcc, Memory::l0c, accElems * kF32, s.accCopies, 0, 0, "CUBE_S0 x max(CUBE_S1, head) f32"},
      {kOut, Memory::ub, outElems * kF32, 1, 0, 0, "CUBE_S0/2 x head f32"},
      {kVecIn, Memory::ub, std::max(sliceElems, outElems) * kF32, 2, 0, 0,
       "max(CUBE_S0/2/kTileFactor x TILE_S1, CUBE_S0/2 x head) f32"},
      {kProb, Memory::ub, sliceElems * kF16, 2, 0, 0, "CUBE_S0/2/kTileFactor x TILE_S1 f16"},
      {kRowTmp, Memory::ub, s.sliceRows * s.rowTmpCols * kF32, 1, 0, 0,
       "CUBE_S0/2/kTileFactor x scratch columns f32"},
      {kExpandTmp, Memory::ub, s.vecRows * soc.blockBytes, 1, 0, 0, "one block a row"},
      {kRowMax, Memory::ub, reduce(s.vecRows), 1, 0, 0, "CUBE_S0/2 x 1 f32"},
      {kRowSum, Memory::ub, reduce(s.vecRows), 1, 0, 0, "CUBE_S0/2 x 1 f32"},
      {kTileMax, Memory::ub, reduce(s.sliceRows), 1, 0, 0, "CUBE_S0/2/kTileFactor x 1 f32"},
      {kTileSum, Memory::ub, reduce(s.sliceRows), 1, 0, 0, "CUBE_S0/2/kTileFactor x 1 f32"},
      {kExpMax, Memory::ub, reduce(s.vecRows), ring, 0, 0, "CUBE_S0/2 x 1 f32, EXP_RING times"},
  };
}

SlotBytes slotBytes(const KernelSpec& kernel, const Point& point) {
  const std::int64_t scores = point.cubeS0() * point.tileS1();
  return {scores * kF32, scores * kF16, point.cubeS0() * kernel.head * kF32};
}

std::int64_t workspaceBytes(const KernelSpec& kernel, const Point& point) {
  const SlotBytes slot = slotBytes(kernel, point);
  return point.slotNumQK() * slot.qk + point.slotNumP() * slot.p + point.slotNumPV() * slot.pv;
}

} // namespace ptotune::fa
