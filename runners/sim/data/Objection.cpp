// Which tile instructions have numbers.
#include "runners/sim/data/Datapath.h"

#include <fmt/format.h>

namespace ptotune::sim {

using program::DType;
using program::Instr;
using program::TileRef;

namespace {

bool used(const TileRef& tile) {
  return tile.buffer >= 0;
}

struct Extent {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  bool operator==(const Extent&) const = default;
};

std::string mismatch(const char* what, const TileRef& tile, const Extent& expected) {
  if (!used(tile))
    return fmt::format("has no {}", what);
  if (Extent{tile.rows, tile.cols} == expected)
    return "";
  return fmt::format("has a {} of {}x{}; expected {}x{}", what, tile.rows, tile.cols, expected.rows,
                     expected.cols);
}

std::string first(std::initializer_list<std::string> objections) {
  for (const std::string& objection : objections)
    if (!objection.empty())
      return objection;
  return "";
}

std::string transfer(const Instr& instr, const TileRef& tile, const char* what) {
  if (!instr.view.valid())
    return "has no view";
  if (std::string wrong = mismatch(what, tile, {instr.view.rows, instr.view.cols}); !wrong.empty())
    return wrong;
  const bool narrows =
      instr.shape.op == Op::tstore && instr.shape.from == Memory::l0c && tile.dtype == DType::f32;
  if (tile.dtype != instr.view.dtype && !narrows)
    return "changes the type of its elements";
  return "";
}

std::string product(const Instr& instr) {
  const std::int64_t depth = instr.src[0].cols;
  if (used(instr.dst) && instr.dst.dtype != DType::f32)
    return "has an accumulator in fp16";
  return first({mismatch("left operand", instr.src[0], {instr.dst.rows, depth}),
                mismatch("right operand", instr.src[1], {depth, instr.dst.cols})});
}

} // namespace

std::string Datapath::objection(const Instr& instr) {
  const Extent whole{instr.dst.rows, instr.dst.cols};
  if (instr.shape.op == Op::tstore)
    return transfer(instr, instr.src[0], "source");
  if (!used(instr.dst))
    return "has no result";
  switch (instr.shape.op) {
  case Op::tload:
    return transfer(instr, instr.dst, "result");
  case Op::textract:
    return used(instr.src[0]) ? "" : "has no source";
  case Op::tmatmul:
  case Op::tmatmulAcc:
    return product(instr);
  case Op::tmov:
  case Op::tcvt:
  case Op::texp:
  case Op::tmuls:
  case Op::tadds:
    return mismatch("source", instr.src[0], whole);
  case Op::tadd:
  case Op::tsub:
  case Op::tmul:
  case Op::tmax:
    return first(
        {mismatch("source", instr.src[0], whole), mismatch("second source", instr.src[1], whole)});
  case Op::trowmax:
  case Op::trowsum:
    return first({used(instr.src[0]) ? "" : "has no source",
                  mismatch("result", instr.dst, {instr.src[0].rows, 1})});
  case Op::trowexpandsub:
  case Op::trowexpandmul:
  case Op::trowexpanddiv:
    return first({mismatch("source", instr.src[0], whole),
                  mismatch("column of row values", instr.src[1], {whole.rows, 1})});
  case Op::ttri:
    return instr.row >= 0 ? "" : "has no diagonal";
  case Op::texpands:
  case Op::tstore:
    break;
  }
  return "";
}

} // namespace ptotune::sim
