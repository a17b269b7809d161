// Verifiers of FIFO ends and of the consumers' landing buffers.
#include "codegen/dialect/verify/Fifo.h"
#include "codegen/dialect/verify/Verify.h"

#include <mlir/IR/Builders.h>

namespace mlir::pto {
namespace {

//===-- Ends --------------------------------------------------------------===//

LogicalResult verifyKeys(const FifoEnd& end) {
  auto error = [&]() { return end.op->emitOpError(); };
  if (end.id && *end.id < 0)
    return error() << "expected 'id' to be at least 0, got " << *end.id;
  if (end.dirMask < 1 || end.dirMask > 3)
    return error()
           << "expected 'dir_mask' to be 1 (cube to vector), 2 (vector to cube) or 3 (both), "
              "got "
           << end.dirMask;
  if (end.slotSize <= 0 || end.slotSize % kBlockBytes != 0)
    return error() << "expected 'slot_size' to be a positive multiple of " << kBlockBytes
                   << " bytes, got " << end.slotSize;
  if (end.slotNum && *end.slotNum < 1)
    return error() << "expected 'slot_num' to be at least 1, got " << *end.slotNum;
  if (end.localSlotNum && *end.localSlotNum < 1)
    return error() << "expected 'local_slot_num' to be at least 1, got " << *end.localSlotNum;
  if (end.consumerSyncPeriod && *end.consumerSyncPeriod < 1)
    return error() << "expected 'consumer_sync_period' to be at least 1, got "
                   << *end.consumerSyncPeriod;
  if (end.unitFlag && end.dirMask == kVectorToCube)
    return error() << "expected 'unit_flag' only where the cube core pushes (dir_mask 1 or 3): it "
                      "guards accumulators";
  return success();
}

// The view describes one slot, or the half of a slot that one vector core sees.
LogicalResult verifySlotTensor(const FifoEnd& end) {
  if (!end.slotTensor)
    return success();
  auto view = cast<TensorViewType>(end.slotTensor.getType());
  std::optional<int64_t> bytes = view.getByteSize();
  if (!bytes)
    return end.op->emitOpError() << "expected a slot tensor of static shape, got " << view;
  if (end.slotSize == *bytes)
    return success();
  if (end.slotSize == 2 * *bytes && end.kind != KernelKind::cube)
    return success();
  InFlightDiagnostic diagnostic = end.op->emitOpError()
                                  << "expected 'slot_size' to be the bytes of the slot tensor, "
                                  << *bytes;
  if (end.kind != KernelKind::cube)
    diagnostic << ", or twice that under split";
  return diagnostic << ", got " << end.slotSize;
}

LogicalResult verifyPlace(const FifoEnd& end, KernelKind required) {
  std::optional<KernelKind> kind = kernelKind(end.op);
  if (kind && *kind != required)
    return end.op->emitOpError() << "expected in a " << stringifyKernelKind(required)
                                 << " kernel, got a " << stringifyKernelKind(*kind) << " kernel";
  return success();
}

// Ids differ within a function, and all ends together fit the flag ids. The later end reports.
LogicalResult verifyAmongEnds(const FifoEnd& end) {
  int64_t flags = 0;
  for (const FifoEnd& other : fifoEndsOfFunctionUpTo(end.op)) {
    flags += other.flags();
    if (other.op == end.op)
      break;
    if (end.id && other.id == end.id) {
      InFlightDiagnostic diagnostic = end.op->emitOpError()
                                      << "expected an id of its own, got " << *end.id << " again";
      diagnostic.attachNote(other.op->getLoc()) << "first used here";
      return diagnostic;
    }
  }
  if (flags > kFlagIds)
    return end.op->emitOpError() << "expected the FIFOs of a function to take at most " << kFlagIds
                                 << " FFTS flags (2 for each direction), got " << flags;
  return success();
}

// Every transfer of the FIFO splits, or none does, as `nosplit` says.
LogicalResult verifySplits(const FifoEnd& end) {
  auto function = end.op->getParentOfType<FunctionOpInterface>();
  if (!function || !end.id)
    return success();
  std::optional<bool> nosplit = end.nosplit;
  Operation* witness = end.op;
  auto visit = [&](FifoOpInterface transfer) {
    auto id = dyn_cast_or_null<IntegerAttr>(transfer->getAttr("id"));
    auto split = dyn_cast_or_null<IntegerAttr>(transfer->getAttr("split"));
    if (!id || !split || id.getInt() != *end.id)
      return WalkResult::advance();
    bool whole = split.getInt() == 0;
    if (!nosplit || *nosplit == whole) {
      if (!nosplit)
        witness = transfer;
      nosplit = whole;
      return WalkResult::advance();
    }
    InFlightDiagnostic diagnostic = transfer->emitOpError()
                                    << "expected split " << (*nosplit ? "0" : "1 or 2")
                                    << " on FIFO " << *end.id << ", got " << split.getInt();
    diagnostic.attachNote(witness->getLoc()) << "as here";
    return WalkResult::interrupt();
  };
  return failure(function.getFunctionBody().walk(visit).wasInterrupted());
}

// Where tiles land, more local slots than slots would never be used.
LogicalResult verifyLocalSlots(const FifoEnd& end) {
  if (!end.localSlotNum || *end.localSlotNum <= end.depth())
    return success();
  return end.op->emitOpError() << "expected 'local_slot_num' to be at most slot_num, "
                               << end.depth() << ", where tiles are popped, got "
                               << *end.localSlotNum;
}

// Which operands stand together: a slot tensor, or the consumers' landing buffers.
template <typename Op> LogicalResult verifyInitOperands(Op op, const FifoEnd& end) {
  Value c2v = op.getC2vConsumerBuf();
  Value v2c = op.getV2cConsumerBuf();
  if (op.getGmSlotTensor()) {
    if (op.getGmSlotBuffer())
      return op.emitOpError() << "expected either 'gm_slot_tensor' or 'gm_slot_buffer'";
    if (v2c || (c2v && end.dirMask != kCubeToVector))
      return op.emitOpError() << "expected no consumer buffer beside 'gm_slot_tensor', except "
                                 "'c2v_consumer_buf' with dir_mask 1";
    return c2v ? verifyLocalSlots(end) : success();
  }
  if (!op.getGmSlotBuffer())
    return op.emitOpError() << "expected 'gm_slot_tensor' or 'gm_slot_buffer': a FIFO is a ring in "
                               "global memory";
  if ((end.dirMask & kCubeToVector) && !c2v)
    return op.emitOpError() << "expected 'c2v_consumer_buf' for dir_mask " << end.dirMask;
  if ((end.dirMask & kVectorToCube) && !v2c)
    return op.emitOpError() << "expected 'v2c_consumer_buf' for dir_mask " << end.dirMask;
  return verifyLocalSlots(end);
}

template <typename Op> LogicalResult verifyInit(Op op) {
  FifoEnd end = *fifoEndOf(op.getOperation());
  return failure(failed(verifyKeys(end)) || failed(verifyPlace(end, *end.kind)) ||
                 failed(verifyInitOperands(op, end)) || failed(verifySlotTensor(end)) ||
                 failed(verifyAmongEnds(end)) || failed(verifySplits(end)));
}

} // namespace

LogicalResult AicInitializePipeOp::verify() {
  return verifyInit(*this);
}
LogicalResult AivInitializePipeOp::verify() {
  return verifyInit(*this);
}

LogicalResult InitializeL2G2LPipeOp::verify() {
  FifoEnd end = *fifoEndOf(getOperation());
  if (failed(verifyKeys(end)) || failed(verifySlotTensor(end)))
    return failure();
  if (getPeer() && !getLocal())
    return emitOpError() << "expected 'local' before 'peer'";
  if (getLocal() && failed(verifyLocalSlots(end)))
    return failure();
  std::optional<int64_t> base = getFlagBase();
  if (!base)
    return verifyAmongEnds(end);
  if (*base < 0 || *base % 2 != 0 || *base + end.flags() > kFlagIds)
    return emitOpError() << "expected 'flag_base' to be even with " << end.flags()
                         << " flags below " << kFlagIds << ", got " << *base;
  for (const FifoEnd& other : fifoEndsOfFunctionUpTo(*this)) {
    if (other.op == getOperation())
      break;
    auto handle = dyn_cast<InitializeL2G2LPipeOp>(other.op);
    if (!handle || !handle.getFlagBase())
      continue;
    int64_t first = *handle.getFlagBase();
    if (*base < first + other.flags() && first < *base + end.flags()) {
      InFlightDiagnostic diagnostic = emitOpError() << "expected flags of its own, got " << *base
                                                    << ".." << *base + end.flags() - 1;
      diagnostic.attachNote(other.op->getLoc())
          << "flags " << first << ".." << first + other.flags() - 1 << " are taken here";
      return diagnostic;
    }
  }
  return verifyAmongEnds(end);
}

//===-- Landing buffers ---------------------------------------------------===//

LogicalResult ReserveBufferOp::verify() {
  if (getLocation() != AddressSpace::vec && getLocation() != AddressSpace::mat)
    return emitOpError() << "expected 'location' to be vec or mat, got "
                         << stringifyAddressSpace(getLocation());
  if (getSize() <= 0)
    return emitOpError() << "expected a positive 'size', got " << getSize();
  std::optional<KernelKind> kind = kernelKind(*this);
  KernelKind owner = getLocation() == AddressSpace::vec ? KernelKind::vector : KernelKind::cube;
  if (kind && *kind != owner)
    return emitOpError() << "expected 'location' to be "
                         << (*kind == KernelKind::vector ? "vec" : "mat") << " in a "
                         << stringifyKernelKind(*kind) << " kernel, got "
                         << stringifyAddressSpace(getLocation());
  for (Operation& other : *getOperation()->getBlock()) {
    if (&other == getOperation())
      break;
    auto reserve = dyn_cast<ReserveBufferOp>(other);
    if (reserve && reserve.getNameAttr() == getNameAttr())
      return emitOpError() << "expected a name of its own, got \"" << getName() << "\" again";
  }
  return success();
}

LogicalResult ImportReservedBufferOp::verifySymbolUses(SymbolTableCollection& symbols) {
  auto peer = symbols.lookupNearestSymbolFrom<FunctionOpInterface>(*this, getPeerFuncAttr());
  if (!peer)
    return emitOpError() << "expected 'peer_func' to name a function, got " << getPeerFuncAttr();
  bool found = false;
  peer->walk([&](ReserveBufferOp reserve) { found |= reserve.getNameAttr() == getNameAttr(); });
  if (!found)
    return emitOpError() << "expected a reserve_buffer named \"" << getName() << "\" in "
                         << getPeerFuncAttr();
  return success();
}

} // namespace mlir::pto
