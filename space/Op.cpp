#include "space/Op.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ptotune {
namespace {

std::int64_t ceilDiv(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

// Busy cycles of a transfer: bytes over the path's bandwidth. The accumulator path counts
// `accStoreElementBytes` an element, as the model does that the bandwidth comes from.
double transferCycles(const SocProfile& soc, const OpShape& shape) {
  const double bandwidth = soc.bandwidth(shape.from, shape.to);
  if (bandwidth <= 0)
    return 0;
  const bool fromAcc = shape.from == Memory::l0c;
  const std::int64_t element = fromAcc ? soc.accStoreElementBytes : shape.bytes;
  const double bytes = static_cast<double>(shape.rows * shape.cols * element);
  return bytes / bandwidth * soc.clockHz;
}

double matmulCycles(const SocProfile& soc, const OpShape& shape) {
  const std::int64_t depthPerStep = soc.blockBytes / std::max(shape.bytes, 1);
  const std::int64_t steps = ceilDiv(shape.rows, soc.fractal) * ceilDiv(shape.depth, depthPerStep) *
                             ceilDiv(shape.cols, soc.fractal);
  const double perStep = shape.bytes > 2 ? soc.madPerFractal32 : soc.madPerFractal16;
  return soc.madHead + perStep * static_cast<double>(steps);
}

// One elementwise instruction over rows x cols contiguous elements.
double elementwise(const SocProfile& soc, VectorInstr instr, const OpShape& shape) {
  const std::int64_t bytes = shape.rows * shape.cols * shape.bytes;
  const double floor = bytes % soc.vectorRepeatBytes ? soc.vectorMaskFloor : 0;
  return soc.vectorOp(instr).slope * static_cast<double>(ceilDiv(bytes, soc.vectorRepeatBytes)) +
         floor;
}

// An instruction that the pipe drains behind, because the next one depends on it.
double drained(const VectorCost& cost, std::int64_t repeats) {
  return cost.head + cost.slope * static_cast<double>(repeats) + cost.tail;
}

// TROWMAX and TROWSUM as the a2a3 header issues them (pto-isa TRowReduceOps.hpp, f35e7f60): four
// unrolled shapes of 8192 elements reduce 32 B groups; other rows fold into one repeat first. The
// tail of the last instruction overlaps with what follows.
double rowReduce(const SocProfile& soc, const OpShape& shape) {
  const bool sum = shape.op == Op::trowsum;
  const VectorCost& group = soc.vectorOp(sum ? VectorInstr::vcgadd : VectorInstr::vcgmax);
  const VectorCost& fold = soc.vectorOp(sum ? VectorInstr::vadd : VectorInstr::vmax);
  const VectorCost& whole = soc.vectorOp(sum ? VectorInstr::vcadd : VectorInstr::vcmax);
  const std::int64_t lanes = soc.vectorRepeatBytes / shape.bytes;
  const std::int64_t groups = soc.vectorRepeatBytes / soc.blockBytes;
  const std::int64_t rows = shape.rows;
  const std::int64_t repeats = ceilDiv(shape.cols, lanes);

  const bool unrolled =
      shape.bytes == 4 && rows * shape.cols == 8192 && shape.cols >= 128 && shape.cols <= 1024;
  if (unrolled) {
    double cycles = drained(group, rows * repeats);
    std::int64_t width = shape.cols / groups; // partial results of a row
    if (width >= lanes) {
      cycles += drained(group, rows * width / lanes);
      width /= groups;
    }
    for (; width > groups; width /= 2)
      cycles += drained(fold, rows * width / 2 / lanes);
    return cycles + drained(group, ceilDiv(rows * width, lanes)) - group.tail;
  }
  double cycles = 0;
  for (std::int64_t i = 1; i < repeats; ++i)
    cycles += drained(fold, rows);
  return cycles + drained(whole, rows) - whole.tail;
}

// TTRI as the a2a3 header issues it (pto-isa TTri.hpp, f35e7f60): every row is filled with ones and
// then, up to the diagonal, with zeros, a barrier behind each. Rows that need no zeros cost less;
// here all of them pay.
double triangle(const SocProfile& soc, const OpShape& shape) {
  const VectorCost& fill = soc.vectorOp(VectorInstr::vdup);
  const std::int64_t repeats = ceilDiv(shape.cols * shape.bytes, soc.vectorRepeatBytes);
  return static_cast<double>(2 * shape.rows) * (drained(fill, repeats) + soc.vectorMaskFloor);
}

// TROWEXPAND*: the column is spread over a block a row first; its count-mode floor and the head of
// the main instruction are always paid.
double rowExpand(const SocProfile& soc, VectorInstr instr, const OpShape& shape) {
  return elementwise(soc, instr, shape) + soc.vectorOp(instr).head + soc.vectorMaskFloor;
}

double busyCycles(const SocProfile& soc, const OpShape& shape) {
  switch (shape.op) {
  case Op::tload:
  case Op::tstore:
  case Op::textract:
    return transferCycles(soc, shape);
  case Op::tmatmul:
  case Op::tmatmulAcc:
    return matmulCycles(soc, shape);
  case Op::tmov:
    return elementwise(soc, VectorInstr::vcopy, shape);
  case Op::tadd:
    return elementwise(soc, VectorInstr::vadd, shape);
  case Op::tsub:
    return elementwise(soc, VectorInstr::vsub, shape);
  case Op::tmul:
    return elementwise(soc, VectorInstr::vmul, shape);
  case Op::tmax:
    return elementwise(soc, VectorInstr::vmax, shape);
  case Op::tmuls:
    return elementwise(soc, VectorInstr::vmuls, shape);
  case Op::tadds:
    return elementwise(soc, VectorInstr::vadds, shape);
  case Op::texp:
    return elementwise(soc, VectorInstr::vexp, shape);
  case Op::tcvt:
    return elementwise(soc, VectorInstr::vconv, shape);
  case Op::texpands:
    return elementwise(soc, VectorInstr::vdup, shape);
  case Op::ttri:
    return triangle(soc, shape);
  case Op::trowmax:
  case Op::trowsum:
    return rowReduce(soc, shape);
  case Op::trowexpandsub:
    return rowExpand(soc, VectorInstr::vsub, shape);
  case Op::trowexpandmul:
    return rowExpand(soc, VectorInstr::vmul, shape);
  case Op::trowexpanddiv:
    return rowExpand(soc, VectorInstr::vdiv, shape);
  }
  return 0;
}

} // namespace

const char* name(Core core) {
  return core == Core::cube ? "cube" : "vec";
}

const char* name(Pipe pipe) {
  constexpr std::array<const char*, kPipeCount> names = {
      "PIPE_S", "PIPE_MTE1", "PIPE_MTE2", "PIPE_MTE3", "PIPE_M", "PIPE_V", "PIPE_FIX"};
  return names[static_cast<std::size_t>(pipe)];
}

const char* name(Op op) {
  constexpr std::array<const char*, kOpCount> names = {
      "TLOAD",         "TSTORE",        "TEXTRACT",     "TMATMUL", "TMATMUL_ACC", "TMOV",
      "TADD",          "TSUB",          "TMUL",         "TMAX",    "TMULS",       "TADDS",
      "TEXP",          "TCVT",          "TEXPANDS",     "TTRI",    "TROWMAX",     "TROWSUM",
      "TROWEXPANDSUB", "TROWEXPANDMUL", "TROWEXPANDDIV"};
  return names[static_cast<std::size_t>(op)];
}

Pipe pipeOf(const OpShape& shape) {
  switch (shape.op) {
  case Op::tload:
    return Pipe::mte2;
  case Op::tstore:
    return shape.from == Memory::l0c ? Pipe::fix : Pipe::mte3;
  case Op::textract:
    return Pipe::mte1;
  case Op::tmatmul:
  case Op::tmatmulAcc:
    return Pipe::m;
  default:
    return Pipe::v;
  }
}

std::int64_t cycles(const SocProfile& soc, const OpShape& shape) {
  return std::max<std::int64_t>(1, std::llround(busyCycles(soc, shape)));
}

} // namespace ptotune
