#include "space/Rules.h"
#include "space/fa/FaSchedule.h"

#include <fmt/format.h>

#include <algorithm>

namespace ptotune {
namespace {

// Constants of the manual kernel, pto-isa kernels/manual/common/flash_atten at 3186c381:
// fa_performance_kernel.h:24-28 (FIFO depth), fa_performance_kernel.cpp:25 (unit flag), :649-655
// (buffer counts), :218-230 (accumulator halves), scripts/generate_cases.py (CUBE_S1).
constexpr std::int64_t kDepth = 8;
constexpr std::int64_t kCubeS1 = 128;
constexpr std::int64_t kF16 = 2;
constexpr std::int64_t kF32 = 4;

struct Limit {
  bool holds;
  const char* text;
};

} // namespace

std::string manualKernelObjection(const RuleContext& context) {
  const Point& p = context.point;
  const std::int64_t head = context.problem.head;
  const std::int64_t factor = std::max<std::int64_t>(p.kTileFactor(), 1);
  const std::int64_t rows = p.cubeS0() / context.soc.vectorPerCube;
  const std::int64_t slice = rows / factor;
  const std::int64_t scores = slice * p.tileS1();
  const std::int64_t l1 = kF16 * (p.cubeS0() * head + 2 * head * p.cubeS1() +
                                  2 * p.cubeS0() * p.cubeS1() + 2 * p.cubeS1() * head);
  const std::int64_t ub = 2 * std::max(scores * kF32, rows * head * kF32) + 2 * scores * kF16 +
                          rows * kF32 * (4 + kDepth) + scores * kF32 / 8 + scores * kF32 +
                          rows * head * kF32;
  const std::int64_t half = context.soc.limit(Memory::l0c).bytes / 2;
  const Limit limits[] = {
      {p.slotNumQK() == kDepth && p.slotNumP() == kDepth && p.slotNumPV() == kDepth,
       "its FIFO depth is 8"},
      {p.expRing() == kDepth, "its ring of rescale factors has 8 entries"},
      {p.unitFlag(), "its unit flag is on"},
      {p.pipeModel() == PipeModel::slot, "it uses the slot form"},
      {p.vecOrder() == VecOrder::pFirst, "its vector order is p_first"},
      {p.kvSplit() == 1, "it does not split the keys"},
      {p.cubeS1() == kCubeS1, "its generator writes CUBE_S1 = 128"},
      {p.tileS1() % p.cubeS1() == 0 && context.problem.s0 % p.cubeS0() == 0 &&
           context.problem.s1 % p.tileS1() == 0,
       "tiles must divide S0 and S1"},
      {p.qkPreload() > 1 || factor == 1, "QK_PRELOAD > 1 unless kTileFactor is 1"},
      {p.cubeS0() % (context.soc.vectorPerCube * factor) == 0 &&
           slice * kF32 % context.soc.reduceSliceBytes == 0,
       "a row slice has a multiple of 8 rows"},
      {fa::tiles(context.problem, p) >= 2 || context.problem.causal, "it needs two tiles"},
      {l1 <= context.soc.limit(Memory::l1).bytes, "its L1 buffers must fit"},
      {ub <= context.soc.limit(Memory::ub).usable, "its UB buffers must fit"},
      {p.cubeS0() * p.cubeS1() * kF32 <= half && p.cubeS0() * head * kF32 <= half,
       "its accumulators must fit half of L0C"},
  };
  for (const Limit& limit : limits)
    if (!limit.holds)
      return limit.text;
  return {};
}

} // namespace ptotune
