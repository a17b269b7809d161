#include "codegen/dialect/verify/Fifo.h"

#include "codegen/dialect/verify/Verify.h"

namespace mlir::pto {
namespace {

FifoEnd common(Operation* op, int64_t dirMask, int64_t slotSize,
               std::optional<int64_t> localSlotNum, std::optional<bool> nosplit, bool unitFlag) {
  FifoEnd end;
  end.op = op;
  end.dirMask = dirMask;
  end.slotSize = slotSize;
  end.localSlotNum = localSlotNum;
  end.nosplit = nosplit;
  end.unitFlag = unitFlag;
  return end;
}

template <typename Op> FifoEnd frontendEnd(Op op, KernelKind kind) {
  FifoEnd end = common(op, op.getDirMask(), op.getSlotSize(), op.getLocalSlotNum(), op.getNosplit(),
                       op.getUnitFlag());
  end.id = op.getId();
  end.kind = kind;
  end.slotNum = op.getSlotNum();
  end.consumerSyncPeriod = op.getConsumerSyncPeriod();
  end.slotTensor = op.getGmSlotTensor();
  end.toVectorLanding = op.getC2vConsumerBuf();
  end.toCubeLanding = op.getV2cConsumerBuf();
  return end;
}

FifoEnd handleEnd(InitializeL2G2LPipeOp op) {
  FifoEnd end = common(op, op.getDirMask(), op.getSlotSize(), op.getLocalSlotNum(), op.getNosplit(),
                       op.getUnitFlag());
  end.kind = kernelKind(op);
  end.slotNum = op.getSlotNum();
  if (isa<TensorViewType>(op.getGm().getType()))
    end.slotTensor = op.getGm();
  // A one-way FIFO has one landing buffer, which both ends name; a two-way FIFO one on either core.
  const bool oneWay = end.flags() == 2;
  const bool toCube = oneWay ? end.dirMask == kVectorToCube : end.kind == KernelKind::cube;
  (toCube ? end.toCubeLanding : end.toVectorLanding) = op.getLocal();
  if (!oneWay)
    (toCube ? end.toVectorLanding : end.toCubeLanding) = op.getPeer();
  return end;
}

bool isProducer(FifoAction action) {
  return action == FifoAction::talloc || action == FifoAction::tpush;
}

} // namespace

std::optional<FifoEnd> fifoEndOf(Operation* op) {
  if (auto aic = dyn_cast_or_null<AicInitializePipeOp>(op))
    return frontendEnd(aic, KernelKind::cube);
  if (auto aiv = dyn_cast_or_null<AivInitializePipeOp>(op))
    return frontendEnd(aiv, KernelKind::vector);
  if (auto handle = dyn_cast_or_null<InitializeL2G2LPipeOp>(op))
    return handleEnd(handle);
  return std::nullopt;
}

llvm::SmallVector<FifoEnd, 4> fifoEndsUpTo(Operation* op) {
  llvm::SmallVector<FifoEnd, 4> ends;
  auto function = op->getParentOfType<FunctionOpInterface>();
  if (!function || function.isExternal())
    return ends;
  llvm::SmallVector<Operation*, 4> path; // from `op` out to the function's own block
  for (Operation* at = op; at != function.getOperation(); at = at->getParentOp())
    path.push_back(at);
  for (Operation* last : llvm::reverse(path))
    for (Operation& candidate : *last->getBlock()) {
      if (std::optional<FifoEnd> end = fifoEndOf(&candidate))
        ends.push_back(*end);
      if (&candidate == last)
        break;
    }
  return ends;
}

llvm::SmallVector<FifoEnd, 4> fifoEndsOfFunctionUpTo(Operation* op) {
  llvm::SmallVector<FifoEnd, 4> ends;
  auto function = op->getParentOfType<FunctionOpInterface>();
  if (!function || function.isExternal())
    return ends;
  function.getFunctionBody().walk<WalkOrder::PreOrder>([&](Operation* candidate) {
    if (std::optional<FifoEnd> end = fifoEndOf(candidate))
      ends.push_back(*end);
    return candidate == op ? WalkResult::interrupt() : WalkResult::advance();
  });
  return ends;
}

std::optional<FifoEnd> fifoEndOf(FifoOpInterface transfer) {
  if (Value handle = transfer.getFifoHandle()) {
    Operation* origin = handle.getDefiningOp();
    return origin && precedes(origin, transfer) ? fifoEndOf(origin) : std::nullopt;
  }
  for (const FifoEnd& end : fifoEndsUpTo(transfer))
    if (end.id == transfer.getFifoId())
      return end;
  return std::nullopt;
}

bool sameFifo(Operation* first, Operation* second) {
  Attribute id = first->getAttr("id");
  if (id || second->getAttr("id"))
    return id == second->getAttr("id");
  return first->getNumOperands() == 2 && second->getNumOperands() == 2 &&
         first->getOperand(1) == second->getOperand(1);
}

int64_t directionOf(FifoOpInterface transfer) {
  std::optional<KernelKind> kind = transfer.getRequiredKind();
  if (!kind) {
    std::optional<FifoEnd> end = fifoEndOf(transfer);
    if (end && end->flags() == 2)
      return end->dirMask;
    kind = kernelKind(transfer);
  }
  if (!kind)
    return 0;
  return isProducer(transfer.getAction()) == (*kind == KernelKind::cube) ? kCubeToVector
                                                                         : kVectorToCube;
}

} // namespace mlir::pto
