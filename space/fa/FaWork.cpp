#include "space/fa/FaWork.h"

#include "space/fa/Buffers.h"
#include "space/fa/FaSchedule.h"

#include <algorithm>
#include <cmath>

namespace ptotune::fa {
namespace {

constexpr int kF16 = 2;
constexpr int kF32 = 4;
// The simulator counts in fractions of a cycle; a bound rounds down to them.
constexpr double kTicks = 1024;

class Costs {
public:
  Costs(const SocProfile& soc, std::int64_t active) : soc_(soc), active_(active) {}

  double load(std::int64_t rows, std::int64_t cols, Memory to, int bytes) const {
    return transfer({.op = Op::tload,
                     .from = Memory::gm,
                     .to = to,
                     .rows = rows,
                     .cols = cols,
                     .bytes = bytes});
  }
  double store(std::int64_t rows, std::int64_t cols, Memory from, int bytes) const {
    return transfer({.op = Op::tstore,
                     .from = from,
                     .to = Memory::gm,
                     .rows = rows,
                     .cols = cols,
                     .bytes = bytes});
  }
  double extract(std::int64_t rows, std::int64_t cols, Memory to) const {
    return alone({.op = Op::textract,
                  .from = Memory::l1,
                  .to = to,
                  .rows = rows,
                  .cols = cols,
                  .bytes = kF16});
  }
  double multiply(std::int64_t rows, std::int64_t depth, std::int64_t cols) const {
    return alone({.op = Op::tmatmul, .rows = rows, .cols = cols, .depth = depth, .bytes = kF16});
  }
  double vector(Op op, std::int64_t rows, std::int64_t cols) const {
    return alone({.op = op, .rows = rows, .cols = cols, .bytes = kF32});
  }

private:
  double alone(const OpShape& shape) const { return static_cast<double>(cycles(soc_, shape)); }
  double transfer(const OpShape& shape) const {
    const double shared = contendedCycles(soc_, alone(shape), shape.op == Op::tstore, active_);
    return std::floor(shared * kTicks) / kTicks;
  }

  const SocProfile& soc_;
  std::int64_t active_;
};

// Running softmax of a row slice, as VectorKernel::softmaxSlice writes it down.
void addSoftmax(const Costs& c, std::int64_t rows, std::int64_t cols, Work& w) {
  w.softmax = c.vector(Op::trowmax, rows, cols) + c.vector(Op::tmax, 1, rows) +
              c.vector(Op::tsub, 1, rows) + c.vector(Op::trowexpandsub, rows, cols) +
              c.vector(Op::tmov, 1, rows) + c.vector(Op::tmuls, 1, rows) +
              c.vector(Op::tmuls, rows, cols) + c.vector(Op::texp, 1, rows) +
              c.vector(Op::texp, rows, cols) + c.vector(Op::tmul, 1, rows);
  w.convert = c.vector(Op::tcvt, rows, cols);
  w.sum = c.vector(Op::trowsum, rows, cols);
  w.addSum = c.vector(Op::tadd, 1, rows);
}

// The launch that combines the parts of KV_SPLIT: an AIV must at least load every part of its rows.
double combineCycles(const Problem& problem, const SocProfile& soc, const Point& point,
                     const Shapes& s) {
  const std::int64_t blocks = problem.s0 / (soc.vectorPerCube * s.combineRows);
  const std::int64_t active = std::clamp<std::int64_t>(blocks, 1, soc.cubeCores);
  const Costs c(soc, active);
  const std::int64_t loads = (blocks + active - 1) / active * point.kvSplit();
  return static_cast<double>(loads) * c.load(s.combineRows, s.head, Memory::ub, kF32);
}

} // namespace

Work work(const Problem& problem, const SocProfile& soc, const Point& point) {
  const Shapes s = shapes(KernelSpec::of(problem), point, soc);
  const Costs c(soc, layout(problem, soc, point).active);
  Work w;
  w.factor = s.factor;
  w.stepsQK = s.head / s.depthQK;
  w.stepsPV = s.cubeS1 / s.depthPV;
  w.loadQ = c.load(s.cubeS0, s.head, Memory::l1, kF16);
  w.loadK = c.load(s.head, s.cubeS1, Memory::l1, kF16);
  w.loadV = c.load(s.cubeS1, s.head, Memory::l1, kF16);
  w.loadP = c.load(s.cubeS0, s.cubeS1, Memory::l1, kF16);
  w.leftQK = c.extract(s.cubeS0, s.depthQK, Memory::l0a);
  w.rightQK = c.extract(s.depthQK, s.cubeS1, Memory::l0b);
  w.leftPV = c.extract(s.cubeS0, s.depthPV, Memory::l0a);
  w.rightPV = c.extract(s.depthPV, s.head, Memory::l0b);
  w.multiplyQK = c.multiply(s.cubeS0, s.depthQK, s.cubeS1);
  w.multiplyPV = c.multiply(s.cubeS0, s.depthPV, s.head);
  w.storeQK = c.store(s.cubeS0, s.cubeS1, Memory::l0c, kF32);
  w.storePV = c.store(s.cubeS0, s.head, Memory::l0c, kF32);
  w.loadS = c.load(s.sliceRows, s.tileS1, Memory::ub, kF32);
  addSoftmax(c, s.sliceRows, s.tileS1, w);
  // Tiles that are popped are loaded, and stored, subtile by subtile.
  const bool pops = point.pipeModel() != PipeModel::slot;
  w.loadPart = c.load(s.sliceRows, s.cubeS1, Memory::ub, kF32);
  w.gather = c.vector(Op::tadds, s.sliceRows, s.cubeS1);
  w.storeP = c.store(s.sliceRows, s.tileS1, Memory::ub, kF16);
  if (pops)
    w.storeP = static_cast<double>(s.factor) * c.store(s.sliceRows, s.cubeS1, Memory::ub, kF16);
  if (pops)
    w.loadS = static_cast<double>(s.factor) * w.loadPart;
  w.outParts = s.outParts;
  const std::int64_t partRows = s.vecRows / s.outParts;
  w.loadO = c.load(partRows, s.head, Memory::ub, kF32);
  w.move = c.vector(Op::tmov, partRows, s.head);
  w.rescale = c.vector(Op::trowexpandmul, partRows, s.head);
  w.add = c.vector(Op::tadd, partRows, s.head);
  w.resetSums = 2 * c.vector(Op::texpands, 1, s.vecRows);
  w.first = c.vector(Op::tmov, s.vecRows, s.head);
  if (problem.causal && point.kvSplit() > 1)
    w.reset = c.vector(Op::texpands, s.vecRows, s.head);
  // The parts of KV_SPLIT are normalised where they are combined.
  if (point.kvSplit() == 1)
    w.normalise = c.vector(Op::trowexpanddiv, s.vecRows, s.head);
  w.storeO = c.store(s.vecRows, s.head, Memory::ub, kF32);
  if (point.kvSplit() > 1)
    w.combine = combineCycles(problem, soc, point, s);
  w.issue = soc.scalarIssueCycles;
  w.flag = soc.eventFlagCycles;
  w.cross = soc.crossCoreFlagCycles;
  return w;
}

Layout layout(const Problem& problem, const SocProfile& soc, const Point& point) {
  const std::int64_t blocks = problem.s0 / point.cubeS0();
  const std::int64_t units = blocks * point.kvSplit();
  Layout l;
  l.active = std::min<std::int64_t>(soc.cubeCores, units);
  for (std::int64_t unit = 0; unit < units; unit += l.active)
    l.tiles.push_back(unitTiles(blockTiles(problem, point, unit / point.kvSplit()), point.kvSplit(),
                                unit % point.kvSplit()));
  return l;
}

} // namespace ptotune::fa
