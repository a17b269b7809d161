#include "codegen/emit/ProgramSlots.h"

namespace ptotune::emit {

using namespace mlir;
using namespace mlir::pto;
using program::ExprId;
using program::ExprKind;
using program::Instr;
using program::TileRef;

namespace {

// Splits of a slot over the vector cores.
constexpr std::int64_t kSplitRows = 1;
constexpr std::int64_t kSplitColumns = 2;

// first + perCore * subblock_idx; -1 stands for 0.
ExprId offsetOf(ProgramExprs& exprs, std::int64_t first, std::int64_t perCore) {
  const ExprId constant = first == 0 ? -1 : exprs.constant(first);
  if (perCore == 0)
    return constant;
  const ExprId moved =
      exprs.make(ExprKind::mul, 0, exprs.make(ExprKind::subblockIdx), exprs.constant(perCore));
  return constant < 0 ? moved : exprs.make(ExprKind::add, 0, moved, constant);
}

// The bytes of the slot that a tile is stored to or loaded from: its rows lie one after the other,
// `entry_offset` bytes into the slot. Of vector cores that split a slot the second one's tile lies
// below (up/down) or to the right of the first one's.
program::ViewRef placeInSlot(FifoOpInterface transfer, std::int32_t fifo, ProgramExprs& exprs) {
  const auto type = cast<TileBufType>(transfer.getFifoEntry().getType());
  const bool isVector = kernelKind(transfer) == KernelKind::vector;
  const std::int64_t split = isVector ? transfer.getSplitMode() : 0;
  program::ViewRef view;
  view.fifo = fifo;
  view.rows = static_cast<std::int32_t>(type.getRows());
  view.cols = static_cast<std::int32_t>(type.getCols());
  view.dtype = dtypeOf(type.getElementType());
  view.rowStride = split == kSplitColumns ? 2 * type.getCols() : type.getCols();
  const std::int64_t elements = transfer.getSlotOffset() / type.getElementBytes();
  view.rowOffset =
      offsetOf(exprs, elements / view.rowStride, split == kSplitRows ? type.getRows() : 0);
  view.colOffset =
      offsetOf(exprs, elements % view.rowStride, split == kSplitColumns ? type.getCols() : 0);
  return view;
}

} // namespace

FailureOr<Instr> slotInstr(FifoOpInterface transfer, std::int32_t fifo, ProgramExprs& exprs,
                           ProgramTiles& tiles) {
  const Value tile = transfer.getFifoEntry();
  const FailureOr<TileRef> ref = tiles.tile(tile);
  if (failed(ref))
    return failure();
  const bool stores = transfer.getAction() == FifoAction::tpush;
  const Memory memory = *toSpace(cast<TileBufType>(tile.getType()).getSpace());
  Instr instr;
  instr.view = placeInSlot(transfer, fifo, exprs);
  instr.shape.op = stores ? Op::tstore : Op::tload;
  instr.shape.from = stores ? memory : Memory::gm;
  instr.shape.to = stores ? Memory::gm : memory;
  instr.shape.rows = instr.view.rows;
  instr.shape.cols = instr.view.cols;
  instr.shape.bytes = program::bytesOf(instr.view.dtype);
  (stores ? instr.src[0] : instr.dst) = *ref;
  instr.pipe = pipeOf(instr.shape);
  return instr;
}

} // namespace ptotune::emit
