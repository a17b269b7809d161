#include "space/fa/Buffers.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

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

// Rows that are combined at a time: few, since KV_SPLIT is for problems of few rows, which many
// cores should share.
constexpr std::int64_t kCombineRows = 32;

// The launches of a kernel, as lifetimes in the table.
constexpr int kAttention = 0;
constexpr int kCombine = 1;

void addCombineBuffers(std::vector<Buffer>& table, const Shapes& s, std::int64_t parts,
                       const SocProfile& soc) {
  const auto add = [&table](const char* name, std::int64_t bytes, int copies, const char* why) {
    table.push_back({name, Memory::ub, bytes, copies, kCombine, kCombine, why});
  };
  const std::int64_t outBytes = s.combineRows * s.head * kF32;
  const std::int64_t rowBytes = s.combineRows * kF32;
  add(kCombineIn, outBytes, 2, "32 rows x head f32");
  add(kCombineOut, outBytes, 1, "32 rows x head f32");
  add(kCombineMax, parts * rowBytes, 1, "KV_SPLIT x 32 rows f32");
  add(kCombineSum, parts * rowBytes, 1, "KV_SPLIT x 32 rows f32");
  add(kCombineTop, rowBytes, 1, "32 rows f32");
  add(kCombineTmp, s.combineRows * soc.blockBytes, 1, "one block a row");
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
  s.outParts = point.pipeModel() == PipeModel::tileOffset ? std::max<std::int64_t>(s.factor, 1) : 1;
  s.combineRows = std::gcd(s.vecRows, kCombineRows);
  const std::int64_t acc = s.cubeS0 * std::max(s.cubeS1, s.head) * kF32;
  const std::int64_t fit = soc.limit(Memory::l0c).usable / std::max<std::int64_t>(acc, 1);
  s.accCopies = static_cast<int>(std::clamp<std::int64_t>(fit, 2, 3));
  return s;
}

namespace {

// The rings of a point that pops tiles.
LandingRings ringsOf(const KernelSpec& kernel, const Point& point, const Shapes& s,
                     const SocProfile& soc) {
  const SlotBytes slots = slotBytes(kernel, point);
  const auto ring = [&](std::int64_t tileBytes, std::int64_t slot) {
    return LandingRing{tileBytes, soc.localSlotStride(tileBytes, slot), point.localSlotNum()};
  };
  return {ring(s.sliceRows * s.cubeS1 * kF32, slots.qk), ring(s.cubeS0 * s.cubeS1 * kF16, slots.p),
          ring(s.vecRows / s.outParts * s.head * kF32, slots.pv)};
}

// `rings` are empty in the slot form.
std::vector<Buffer> tableOf(const KernelSpec& kernel, const Point& point, const LandingRings& rings,
                            const SocProfile& soc) {
  const Shapes s = shapes(kernel, point, soc);
  const std::int64_t leftElems = s.cubeS0 * std::max(s.depthQK, s.depthPV);
  const std::int64_t rightElems = std::max(s.depthQK * s.cubeS1, s.depthPV * s.head);
  const std::int64_t accElems = s.cubeS0 * std::max(s.cubeS1, s.head);
  const std::int64_t sliceElems = s.sliceRows * s.tileS1;
  const std::int64_t outElems = s.vecRows * s.head;
  const int ring = static_cast<int>(point.expRing());
  const bool popsTiles = point.pipeModel() != PipeModel::slot;
  const auto reduce = [](std::int64_t rows) { return rows * kF32; };

  std::vector<Buffer> table = {
      {kQueryL1, Memory::l1, s.cubeS0 * s.head * kF16, 1, kAttention, kAttention,
       "CUBE_S0 x head f16"},
      {kKeyL1, Memory::l1, s.head * s.cubeS1 * kF16, 2, kAttention, kAttention,
       "head x CUBE_S1 f16"},
      popsTiles ? Buffer{kProbL1, Memory::l1, rings.p.region(), 1, kAttention, kAttention,
                         "LocalSlotNum x CUBE_S0 x CUBE_S1 f16"}
                : Buffer{kProbL1, Memory::l1, s.cubeS0 * s.cubeS1 * kF16, 2, kAttention, kAttention,
                         "CUBE_S0 x CUBE_S1 f16"},
      {kValueL1, Memory::l1, s.cubeS1 * s.head * kF16, 2, kAttention, kAttention,
       "CUBE_S1 x head f16"},
      {kLeft, Memory::l0a, leftElems * kF16, 2, kAttention, kAttention, "CUBE_S0 x K step f16"},
      {kRight, Memory::l0b, rightElems * kF16, 2, kAttention, kAttention,
       "K step x max(CUBE_S1, head) f16"},
      {kAcc, Memory::l0c, accElems * kF32, s.accCopies, kAttention, kAttention,
       "CUBE_S0 x max(CUBE_S1, head) f32"},
      {kOut, Memory::ub, outElems * kF32, 1, kAttention, kAttention, "CUBE_S0/2 x head f32"},
      popsTiles ? Buffer{kVecIn, Memory::ub,
                         rings.shared ? std::max(rings.qk.region(), rings.pv.region())
                                      : rings.qk.region(),
                         1, kAttention, kAttention,
                         rings.shared
                             ? "LocalSlotNum x max(CUBE_S0/2/kTileFactor x CUBE_S1, rows of a PV "
                               "part x head) f32"
                             : "LocalSlotNum x CUBE_S0/2/kTileFactor x CUBE_S1 f32"}
                : Buffer{kVecIn, Memory::ub, std::max(sliceElems, outElems) * kF32, 2, kAttention,
                         kAttention, "max(CUBE_S0/2/kTileFactor x TILE_S1, CUBE_S0/2 x head) f32"},
      {kProb, Memory::ub, sliceElems * kF16, 2, kAttention, kAttention,
       "CUBE_S0/2/kTileFactor x TILE_S1 f16"},
      {kRowTmp, Memory::ub, s.sliceRows * s.rowTmpCols * kF32, 1, kAttention, kAttention,
       "CUBE_S0/2/kTileFactor x scratch columns f32"},
      {kExpandTmp, Memory::ub, s.vecRows * soc.blockBytes, 1, kAttention, kAttention,
       "one block a row"},
      {kRowMax, Memory::ub, reduce(s.vecRows), 1, kAttention, kAttention, "CUBE_S0/2 x 1 f32"},
      {kRowSum, Memory::ub, reduce(s.vecRows), 1, kAttention, kAttention, "CUBE_S0/2 x 1 f32"},
      {kTileMax, Memory::ub, reduce(s.sliceRows), 1, kAttention, kAttention,
       "CUBE_S0/2/kTileFactor x 1 f32"},
      {kTileSum, Memory::ub, reduce(s.sliceRows), 1, kAttention, kAttention,
       "CUBE_S0/2/kTileFactor x 1 f32"},
      {kExpMax, Memory::ub, reduce(s.vecRows), ring, kAttention, kAttention,
       "CUBE_S0/2 x 1 f32, EXP_RING times"},
  };
  if (popsTiles && !rings.shared)
    table.push_back({kProductIn, Memory::ub, rings.pv.region(), 1, kAttention, kAttention,
                     "LocalSlotNum x rows of a PV part x head f32"});
  if (popsTiles && s.factor > 1)
    table.push_back({kScores, Memory::ub, sliceElems * kF32, 1, kAttention, kAttention,
                     "CUBE_S0/2/kTileFactor x TILE_S1 f32"});
  if (kernel.causal)
    table.push_back({kMask, Memory::ub, sliceElems * kF32, 1, kAttention, kAttention,
                     "CUBE_S0/2/kTileFactor x TILE_S1 f32"});
  if (point.kvSplit() > 1)
    addCombineBuffers(table, s, point.kvSplit(), soc);
  return table;
}

bool fitsUb(const std::vector<Buffer>& table, const SocProfile& soc) {
  return place(table, soc).used[static_cast<std::size_t>(Memory::ub)] <=
         soc.limit(Memory::ub).usable;
}

} // namespace

LandingRings landingRings(const KernelSpec& kernel, const Point& point, const SocProfile& soc) {
  if (point.pipeModel() == PipeModel::slot)
    return {};
  LandingRings rings = ringsOf(kernel, point, shapes(kernel, point, soc), soc);
  rings.shared = !fitsUb(tableOf(kernel, point, rings, soc), soc);
  return rings;
}

std::vector<Buffer> buffers(const KernelSpec& kernel, const Point& point, const SocProfile& soc) {
  return tableOf(kernel, point, landingRings(kernel, point, soc), soc);
}

SlotBytes slotBytes(const KernelSpec& kernel, const Point& point) {
  const std::int64_t scores = point.cubeS0() * point.tileS1();
  return {scores * kF32, scores * kF16, point.cubeS0() * kernel.head * kF32};
}

std::int64_t workspaceBytes(const KernelSpec& kernel, const Point& point) {
  const SlotBytes slot = slotBytes(kernel, point);
  return point.slotNumQK() * slot.qk + point.slotNumP() * slot.p + point.slotNumPV() * slot.pv;
}

std::int64_t partialBytes(const Problem& problem, const Point& point) {
  if (point.kvSplit() == 1)
    return 0;
  // Output, maximum and sum of every row.
  return point.kvSplit() * problem.s0 * (problem.head + 2) * kF32;
}

} // namespace ptotune::fa
