// Verifiers of tiles that fill or read the slot of a FIFO part by part.
#include "codegen/dialect/verify/Fifo.h"
#include "codegen/dialect/verify/Verify.h"

#include <llvm/ADT/STLExtras.h>

namespace mlir::pto {
namespace {

bool movesTile(FifoOpInterface transfer) {
  Value entry = transfer.getFifoEntry();
  return entry && isa<TileBufType>(entry.getType());
}

bool isPush(FifoOpInterface transfer) {
  return transfer.getAction() == FifoAction::tpush;
}

// Names of what a tile's push or pop says.
StringRef opensKey(FifoOpInterface transfer) {
  return isPush(transfer) ? "allocate" : "wait";
}
StringRef closesKey(FifoOpInterface transfer) {
  return isPush(transfer) ? "record" : "free";
}

// Bytes of a slot that a tile covers; both vector cores' tiles where they share the slot.
struct Interval {
  int64_t begin = 0;
  int64_t end = 0;
};

std::optional<Interval> covered(FifoOpInterface transfer) {
  std::optional<KernelKind> kind = transfer.getRequiredKind();
  if (!kind)
    kind = kernelKind(transfer);
  if (!kind)
    return std::nullopt;
  bool shared = transfer.getSplitMode() != 0 && *kind == KernelKind::vector;
  int64_t bytes = cast<TileBufType>(transfer.getFifoEntry().getType()).getByteSize();
  int64_t begin = transfer.getSlotOffset();
  return Interval{begin, begin + bytes * (shared ? 2 : 1)};
}

// A transfer of a tile by the same action on the same FIFO, in front of `transfer` in its block or
// behind it; null when there is none.
FifoOpInterface neighbour(FifoOpInterface transfer, bool behind) {
  Operation* at = transfer.getOperation();
  while ((at = behind ? at->getNextNode() : at->getPrevNode())) {
    // What stands behind is not verified yet, so that its entry may be missing.
    bool hasEntry = isa<TPopFromAicOp, TPopFromAivOp>(at) ? at->getNumResults() == 1
                                                          : at->getNumOperands() != 0;
    if (!hasEntry)
      continue;
    auto other = dyn_cast<FifoOpInterface>(at);
    if (other && other.getAction() == transfer.getAction() && sameFifo(other, transfer) &&
        movesTile(other))
      return other;
  }
  return {};
}

// The tiles of a slot, each once, lie side by side and fill it.
LogicalResult verifyCover(FifoOpInterface last, ArrayRef<FifoOpInterface> parts) {
  SmallVector<std::pair<Interval, Operation*>> intervals;
  for (FifoOpInterface part : parts) {
    std::optional<Interval> bytes = covered(part);
    if (!bytes)
      return success();
    intervals.push_back({*bytes, part});
  }
  // Of two tiles in one place the later one is reported.
  llvm::sort(intervals, [](const auto& a, const auto& b) {
    return a.first.begin != b.first.begin ? a.first.begin < b.first.begin
                                          : a.second->isBeforeInBlock(b.second);
  });
  std::optional<FifoEnd> end = fifoEndOf(last);
  int64_t filled = 0;
  for (const auto& [bytes, part] : intervals) {
    if (bytes.begin < filled) {
      InFlightDiagnostic diagnostic = last->emitOpError()
                                      << "expected the tiles of a slot side by side, got bytes "
                                      << bytes.begin << " to " << filled << " twice";
      diagnostic.attachNote(part->getLoc()) << "by this tile";
      return diagnostic;
    }
    if (bytes.begin > filled)
      break;
    filled = bytes.end;
  }
  bool complete = filled == intervals.back().first.end && (!end || filled == end->slotSize);
  if (complete)
    return success();
  int64_t next = end ? end->slotSize : intervals.back().first.begin;
  for (const auto& [bytes, part] : llvm::reverse(intervals))
    if (bytes.begin > filled)
      next = bytes.begin;
  return last->emitOpError()
         << "expected a slot filled without a gap before it is handed over, got "
            "nothing in bytes "
         << filled << " to " << next;
}

// Opening a slot while the one before is still at hand.
LogicalResult verifyOpening(FifoOpInterface transfer, FifoOpInterface before) {
  if (!before || before.closesSlot())
    return success();
  InFlightDiagnostic diagnostic = transfer->emitOpError()
                                  << "expected the slot before to be given away ("
                                  << closesKey(transfer) << ") before the next is taken";
  diagnostic.attachNote(before->getLoc()) << "the last tile of the slot before";
  return diagnostic;
}

} // namespace

LogicalResult verifyPartKeys(FifoOpInterface transfer) {
  bool isPart =
      transfer.getAction() == FifoAction::tpush || transfer.getAction() == FifoAction::tpop;
  if (!isPart)
    return success();
  if (!movesTile(transfer)) {
    if (transfer.getSlotOffset() == 0 && transfer.opensSlot() && transfer.closesSlot())
      return success();
    return transfer->emitOpError()
           << "expected 'entry_offset', '" << opensKey(transfer) << "' and '" << closesKey(transfer)
           << "' only with a tile: a view is of the whole slot";
  }
  int64_t offset = transfer.getSlotOffset();
  if (offset < 0 || offset % kBlockBytes != 0)
    return transfer->emitOpError() << "expected 'entry_offset' to be a multiple of " << kBlockBytes
                                   << " bytes and not negative, got " << offset;
  return success();
}

LogicalResult verifyTilePlace(FifoOpInterface transfer, const FifoEnd& end) {
  bool isPop = transfer.getAction() == FifoAction::tpop;
  if (!isPop && !isPush(transfer))
    return success();
  if (std::optional<Interval> bytes = covered(transfer); bytes && bytes->end > end.slotSize)
    return transfer->emitOpError() << "expected the tile inside a slot of " << end.slotSize
                                   << " bytes, got bytes " << bytes->begin << " to " << bytes->end;
  int64_t way = directionOf(transfer);
  if (!isPop || way == 0 || end.landing(way))
    return success();
  InFlightDiagnostic diagnostic = transfer->emitOpError()
                                  << "expected a FIFO with a landing buffer for the tiles that are "
                                     "popped";
  diagnostic.attachNote(end.op->getLoc())
      << "opened here, without "
      << (way == kCubeToVector ? "'c2v_consumer_buf'" : "'v2c_consumer_buf'");
  return diagnostic;
}

LogicalResult verifySlotParts(FifoOpInterface transfer) {
  bool isPart =
      transfer.getAction() == FifoAction::tpush || transfer.getAction() == FifoAction::tpop;
  if (!isPart || !movesTile(transfer))
    return success();
  if (!transfer.closesSlot() && !neighbour(transfer, true))
    return transfer->emitOpError()
           << "expected a later tile in the block that gives the slot away (" << closesKey(transfer)
           << ")";
  FifoOpInterface before = neighbour(transfer, false);
  if (transfer.opensSlot())
    return verifyOpening(transfer, before);
  if (!before || before.closesSlot())
    return transfer->emitOpError() << "expected a slot at hand, from an earlier tile in the block "
                                      "that takes it ("
                                   << opensKey(transfer) << ") and does not give it away";
  if (!isPush(transfer) || !transfer.closesSlot())
    return success();
  SmallVector<FifoOpInterface> parts = {transfer};
  for (FifoOpInterface part = before; part; part = neighbour(part, false)) {
    parts.push_back(part);
    if (part.opensSlot())
      break;
  }
  return verifyCover(transfer, parts);
}

} // namespace mlir::pto
