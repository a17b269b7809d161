// Verifiers of the transfers through FIFOs.
#include "codegen/dialect/verify/Fifo.h"
#include "codegen/dialect/verify/Verify.h"

namespace mlir::pto {

//===-- Transfers: core, direction and entry ------------------------------===//

namespace {

StringRef direction(int64_t mask) {
  return mask == kCubeToVector ? "cube to vector" : "vector to cube";
}

StringRef actionName(FifoAction action) {
  return stringifyFifoAction(action);
}

LogicalResult verifyCore(FifoOpInterface op) {
  std::optional<KernelKind> required = op.getRequiredKind();
  std::optional<KernelKind> kind = kernelKind(op);
  if (required && kind && *required != *kind)
    return op->emitOpError() << "expected in a " << stringifyKernelKind(*required)
                             << " kernel, got a " << stringifyKernelKind(*kind) << " kernel";
  return success();
}

// The core that a one-way FIFO lets do this.
LogicalResult verifyHandleCore(FifoOpInterface op, const FifoEnd& end) {
  std::optional<KernelKind> kind = kernelKind(op);
  if (!op.getFifoHandle() || !kind || end.flags() == 4)
    return success();
  bool producer = op.getAction() == FifoAction::talloc || op.getAction() == FifoAction::tpush;
  KernelKind required =
      producer == (end.dirMask == kCubeToVector) ? KernelKind::cube : KernelKind::vector;
  if (*kind == required)
    return success();
  return op->emitOpError() << "expected in a " << stringifyKernelKind(required)
                           << " kernel, as the FIFO goes " << direction(end.dirMask) << ", got a "
                           << stringifyKernelKind(*kind) << " kernel";
}

LogicalResult verifyDirection(FifoOpInterface op, const FifoEnd& end) {
  int64_t wanted = directionOf(op);
  if (wanted == 0 || (end.dirMask & wanted))
    return success();
  InFlightDiagnostic diagnostic = op->emitOpError()
                                  << "expected a FIFO that goes " << direction(wanted)
                                  << ", got dir_mask " << end.dirMask;
  diagnostic.attachNote(end.op->getLoc()) << "opened here";
  return diagnostic;
}

// Bytes of an entry: a vector core sees its half of a split slot, the cube core the whole slot.
// Nothing in the handle form outside a kernel function.
std::optional<int64_t> entryBytes(FifoOpInterface op, const FifoEnd& end) {
  if (op.getSplitMode() == 0)
    return end.slotSize;
  std::optional<KernelKind> kind = op.getRequiredKind() ? op.getRequiredKind() : kernelKind(op);
  if (!kind)
    return std::nullopt;
  return *kind == KernelKind::vector ? end.slotSize / 2 : end.slotSize;
}

LogicalResult verifyViewEntry(FifoOpInterface op, TensorViewType view, const FifoEnd& end) {
  if (!end.slotTensor)
    return op->emitOpError() << "expected a tile as entry: the FIFO has no slot tensor";
  auto slot = cast<TensorViewType>(end.slotTensor.getType());
  bool matches = slot.getElementType() == view.getElementType() && slot.getRank() == view.getRank();
  for (int64_t i = 0; matches && i < slot.getRank(); ++i)
    matches = !differ(slot.getShape()[i], view.getShape()[i]);
  if (!matches)
    return op->emitOpError() << "expected an entry of the FIFO's slot type, " << slot << ", got "
                             << view;
  std::optional<int64_t> bytes = view.getByteSize();
  std::optional<int64_t> wanted = entryBytes(op, end);
  if (bytes && wanted && *bytes != *wanted)
    return op->emitOpError() << "expected an entry of " << *wanted << " bytes, "
                             << (*wanted == end.slotSize ? "a slot" : "half a slot") << " at split "
                             << op.getSplitMode() << ", got " << *bytes;
  return success();
}

// Where tiles come from and land: accumulators and UB tiles are pushed, UB and L1 tiles popped.
LogicalResult verifyTileEntry(FifoOpInterface op, TileBufType tile, const FifoEnd& end) {
  int64_t way = directionOf(op);
  if (way != 0 && (op.getAction() == FifoAction::tpush || op.getAction() == FifoAction::tpop)) {
    bool push = op.getAction() == FifoAction::tpush;
    AddressSpace wanted = way == kCubeToVector ? (push ? AddressSpace::acc : AddressSpace::vec)
                                               : (push ? AddressSpace::vec : AddressSpace::mat);
    if (tile.getSpace() != wanted)
      return op->emitOpError() << "expected a tile in " << stringifyAddressSpace(wanted)
                               << " as entry, got " << stringifyAddressSpace(tile.getSpace());
  }
  std::optional<int64_t> wanted = entryBytes(op, end);
  if (wanted && tile.getByteSize() > *wanted)
    return op->emitOpError() << "expected an entry of at most " << *wanted << " bytes at split "
                             << op.getSplitMode() << ", got " << tile.getByteSize();
  return success();
}

LogicalResult verifyEnd(FifoOpInterface op) {
  std::optional<FifoEnd> end = fifoEndOf(op);
  if (!end) {
    bool inFunction = !!op->getParentOfType<FunctionOpInterface>();
    if (op.getFifoHandle() || !inFunction)
      return success();
    return op->emitOpError() << "expected a FIFO with id " << *op.getFifoId()
                             << " that this function has opened";
  }
  if (failed(verifyHandleCore(op, *end)) || failed(verifyDirection(op, *end)))
    return failure();
  Value entry = op.getFifoEntry();
  if (!entry)
    return success();
  if (auto view = dyn_cast<TensorViewType>(entry.getType()))
    return verifyViewEntry(op, view, *end);
  if (failed(verifyTileEntry(op, cast<TileBufType>(entry.getType()), *end)))
    return failure();
  return verifyTilePlace(op, *end);
}

//===-- Transfers: reserve, commit, release -------------------------------===//

// tpush follows talloc, tfree follows tpop.
FifoAction openerOf(FifoAction closer) {
  return closer == FifoAction::tpush ? FifoAction::talloc : FifoAction::tpop;
}
FifoAction closerOf(FifoAction opener) {
  return opener == FifoAction::talloc ? FifoAction::tpush : FifoAction::tfree;
}

// The frontend entry of tpush or tfree is the result of a talloc or tpop of the same FIFO.
LogicalResult verifyOrigin(FifoOpInterface closer) {
  Operation* origin = closer.getFifoEntry().getDefiningOp();
  if (!origin || !precedes(origin, closer))
    return success();
  FifoAction wanted = openerOf(closer.getAction());
  auto opener = dyn_cast<FifoOpInterface>(origin);
  if (!opener || opener.getAction() != wanted) {
    InFlightDiagnostic diagnostic = closer->emitOpError()
                                    << "expected an entry that a " << actionName(wanted)
                                    << " of FIFO " << *closer.getFifoId() << " yields";
    diagnostic.attachNote(origin->getLoc()) << "it is made here";
    return diagnostic;
  }
  if (sameFifo(opener, closer) && opener.getSplitMode() == closer.getSplitMode())
    return success();
  InFlightDiagnostic diagnostic =
      closer->emitOpError() << "expected id and split of the entry's " << actionName(wanted) << ", "
                            << *opener.getFifoId() << " and " << opener.getSplitMode() << ", got "
                            << *closer.getFifoId() << " and " << closer.getSplitMode();
  diagnostic.attachNote(origin->getLoc()) << "the entry comes from here";
  return diagnostic;
}

// The handle entry was pointed at a slot by a talloc or tpop of the same FIFO.
LogicalResult verifyPointed(FifoOpInterface closer) {
  Value entry = closer.getFifoEntry();
  if (!entry.getDefiningOp<DeclareGlobalOp>())
    return success();
  FifoAction wanted = openerOf(closer.getAction());
  for (Operation* user : entry.getUsers()) {
    auto opener = dyn_cast<FifoOpInterface>(user);
    if (opener && opener.getAction() == wanted && sameFifo(opener, closer))
      return success();
  }
  return closer->emitOpError() << "expected a " << actionName(wanted)
                               << " of the same FIFO that points the entry at a slot";
}

// An operation of the entry's block behind `closer` that still uses the entry, directly or through
// a window, before the entry is pointed at another slot. Null when there is none.
Operation* useBehind(FifoOpInterface closer) {
  Value entry = closer.getFifoEntry();
  Block* block = closer->getBlock();
  if (entry.getDefiningOp<DeclareGlobalOp>())
    return nullptr; // a later talloc or tpop may point it anew
  auto behind = [&](Operation* user) {
    Operation* ancestor = block->findAncestorOpInBlock(*user);
    return ancestor && closer->isBeforeInBlock(ancestor);
  };
  for (Operation* user : entry.getUsers()) {
    if (user != closer.getOperation() && behind(user))
      return user;
    if (isa<PartitionViewOp>(user))
      for (Operation* access : user->getUsers())
        if (behind(access))
          return access;
  }
  return nullptr;
}

LogicalResult verifyCloser(FifoOpInterface closer) {
  Value entry = closer.getFifoEntry();
  if (!entry || !isa<TensorViewType>(entry.getType()))
    return success();
  if (failed(closer.getFifoHandle() ? verifyPointed(closer) : verifyOrigin(closer)))
    return failure();
  Operation* user = useBehind(closer);
  if (!user)
    return success();
  InFlightDiagnostic diagnostic = user->emitOpError() << "expected no use of a slot behind its "
                                                      << actionName(closer.getAction());
  diagnostic.attachNote(closer->getLoc()) << "the slot is handed over here";
  return diagnostic;
}

// Some use of the entry closes it, unless the entry goes where it cannot be followed.
LogicalResult verifyOpener(FifoOpInterface opener) {
  Value entry = opener.getFifoEntry();
  if (!isa<TensorViewType>(entry.getType()))
    return success();
  FifoAction wanted = closerOf(opener.getAction());
  for (Operation* user : entry.getUsers()) {
    if (auto closer = dyn_cast<FifoOpInterface>(user)) {
      if (closer.getAction() == wanted && sameFifo(closer, opener))
        return success();
    } else if (!isa<PartitionViewOp>(user)) {
      return success();
    }
  }
  return opener->emitOpError() << "expected a " << actionName(wanted)
                               << " of the slot that it yields";
}

LogicalResult verifyTransfer(FifoOpInterface op) {
  if (op.getSplitMode() < 0 || op.getSplitMode() > 2)
    return op->emitOpError()
           << "expected 'split' to be 0 (none), 1 (up/down) or 2 (left/right), got "
           << op.getSplitMode();
  if (failed(verifyCore(op)) || failed(verifyPartKeys(op)) || failed(verifyEnd(op)) ||
      failed(verifySlotParts(op)))
    return failure();
  bool opens = op.getAction() == FifoAction::talloc || op.getAction() == FifoAction::tpop;
  return opens ? verifyOpener(op) : verifyCloser(op);
}

} // namespace

#define PTO_VERIFY_TRANSFER(Op)                                                                    \
  LogicalResult Op::verify() {                                                                     \
    return verifyTransfer(cast<FifoOpInterface>(getOperation()));                                  \
  }
PTO_VERIFY_TRANSFER(TAllocToAivOp)
PTO_VERIFY_TRANSFER(TAllocToAicOp)
PTO_VERIFY_TRANSFER(TPushToAivOp)
PTO_VERIFY_TRANSFER(TPushToAicOp)
PTO_VERIFY_TRANSFER(TPopFromAicOp)
PTO_VERIFY_TRANSFER(TPopFromAivOp)
PTO_VERIFY_TRANSFER(TFreeFromAicOp)
PTO_VERIFY_TRANSFER(TFreeFromAivOp)
PTO_VERIFY_TRANSFER(TAllocOp)
PTO_VERIFY_TRANSFER(TPushOp)
PTO_VERIFY_TRANSFER(TPopOp)
PTO_VERIFY_TRANSFER(TFreeOp)
#undef PTO_VERIFY_TRANSFER

} // namespace mlir::pto
