#include "codegen/dialect/PtoDialect.h"
#include "codegen/passes/Passes.h"

#include <llvm/ADT/TypeSwitch.h>
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/IR/Builders.h>

#include <map>

namespace mlir::pto {
namespace {

// What both ends of a FIFO must say alike. Absent counts have the defaults of the frontend's text.
struct EndTraits {
  int64_t dirMask = 0;
  int64_t slotSize = 0;
  int64_t slotNum = 0;
  std::optional<int64_t> localSlotNum;
  std::optional<bool> nosplit;
  bool unitFlag = false;
};

constexpr int64_t kBothDirections = 3;

int64_t defaultSlotNum(int64_t dirMask) {
  return dirMask == kBothDirections ? 4 : 8;
}
int64_t flagCount(int64_t dirMask) {
  return dirMask == kBothDirections ? 4 : 2;
}

template <typename InitOp> EndTraits traitsOf(InitOp init) {
  EndTraits t;
  t.dirMask = init.getDirMask();
  t.slotSize = init.getSlotSize();
  t.slotNum = init.getSlotNum().value_or(defaultSlotNum(t.dirMask));
  t.localSlotNum = init.getLocalSlotNum();
  t.nosplit = init.getNosplit();
  t.unitFlag = init.getUnitFlag();
  return t;
}

// One frontend FIFO: an initialisation on each kind of core.
struct Fifo {
  SmallVector<AicInitializePipeOp, 1> cube;
  SmallVector<AivInitializePipeOp, 1> vector;
  int64_t flagBase = 0;
};

std::string text(std::optional<int64_t> value) {
  return value ? std::to_string(*value) : "the default";
}

// Reports the first trait in which the ends differ.
LogicalResult requireAgreement(int64_t id, AicInitializePipeOp cube, AivInitializePipeOp vector) {
  const EndTraits a = traitsOf(cube);
  const EndTraits b = traitsOf(vector);
  const auto disagree = [&](StringRef what, const std::string& onCube,
                            const std::string& onVector) -> LogicalResult {
    InFlightDiagnostic diagnostic =
        cube.emitOpError() << "and the vector end of FIFO " << id << " disagree on " << what << ": "
                           << onCube << " here, " << onVector << " there; expected both ends alike";
    diagnostic.attachNote(vector.getLoc()) << "the vector end: " << *vector.getOperation();
    return diagnostic;
  };
  if (a.dirMask != b.dirMask)
    return disagree("dir_mask", std::to_string(a.dirMask), std::to_string(b.dirMask));
  if (a.slotSize != b.slotSize)
    return disagree("slot_size", std::to_string(a.slotSize), std::to_string(b.slotSize));
  if (a.slotNum != b.slotNum)
    return disagree("slot_num", std::to_string(a.slotNum), std::to_string(b.slotNum));
  if (a.localSlotNum != b.localSlotNum)
    return disagree("local_slot_num", text(a.localSlotNum), text(b.localSlotNum));
  if (a.nosplit && b.nosplit && a.nosplit != b.nosplit)
    return disagree("nosplit", *a.nosplit ? "true" : "false", *b.nosplit ? "true" : "false");
  if (a.unitFlag != b.unitFlag)
    return disagree("unit_flag", a.unitFlag ? "true" : "false", b.unitFlag ? "true" : "false");
  return success();
}

// FIFOs by frontend id, each checked for two ends that agree, with FFTS flags.
FailureOr<std::map<int64_t, Fifo>> collect(ModuleOp module, const ptotune::SocProfile& soc) {
  std::map<int64_t, Fifo> fifos;
  module.walk([&](Operation* op) {
    if (auto cube = dyn_cast<AicInitializePipeOp>(op))
      fifos[cube.getId()].cube.push_back(cube);
    else if (auto vector = dyn_cast<AivInitializePipeOp>(op))
      fifos[vector.getId()].vector.push_back(vector);
  });
  int64_t flags = 0;
  for (auto& [id, fifo] : fifos) {
    if (fifo.vector.empty())
      return fifo.cube.front().emitOpError()
             << "is the only end of FIFO " << id
             << "; expected pto.aiv_initialize_pipe with the same id in a vector kernel";
    if (fifo.cube.empty())
      return fifo.vector.front().emitOpError()
             << "is the only end of FIFO " << id
             << "; expected pto.aic_initialize_pipe with the same id in a cube kernel";
    for (AicInitializePipeOp cube : fifo.cube)
      for (AivInitializePipeOp vector : fifo.vector)
        if (failed(requireAgreement(id, cube, vector)))
          return failure();
    fifo.flagBase = flags;
    const int64_t dirMask = fifo.cube.front().getDirMask();
    flags += flagCount(dirMask);
    if (flags > soc.fftsFlags)
      return fifo.cube.front().emitOpError()
             << "needs FFTS flags " << fifo.flagBase << " to " << flags - 1 << "; expected at most "
             << soc.fftsFlags << " flags for all FIFOs of a kernel on " << soc.name;
  }
  return fifos;
}

// Whether the transfers of FIFO `id` in this function leave its slots whole.
bool leavesSlotsWhole(Operation* function, int64_t id) {
  bool whole = true;
  function->walk([&](FifoOpInterface transfer) {
    if (transfer.getFifoId() == id && transfer.getSplitMode() != 0)
      whole = false;
  });
  return whole;
}

// The handle of one end, made where the frontend's initialisation stands.
template <typename InitOp> Value makeHandle(InitOp init, int64_t flagBase) {
  OpBuilder b(init);
  const EndTraits t = traitsOf(init);
  const bool whole = t.nosplit.value_or(
      leavesSlotsWhole(init->template getParentOfType<func::FuncOp>(), init.getId()));
  const bool isCube = std::is_same_v<InitOp, AicInitializePipeOp>;
  // The consumer lands tiles in its own buffer, the producer knows the peer's.
  const Value c2v = init.getC2vConsumerBuf();
  const Value v2c = init.getV2cConsumerBuf();
  const Value local = isCube ? v2c : c2v;
  const Value peer = isCube ? c2v : v2c;
  const Value gm =
      init.getGmSlotTensor() ? Value(init.getGmSlotTensor()) : Value(init.getGmSlotBuffer());
  const auto i64 = [&b](std::optional<int64_t> value) {
    return value ? b.getI64IntegerAttr(*value) : IntegerAttr();
  };
  return b.create<InitializeL2G2LPipeOp>(
      init.getLoc(), PipeType::get(b.getContext()), gm, local, peer, b.getI64IntegerAttr(t.dirMask),
      b.getI64IntegerAttr(t.slotSize), b.getI64IntegerAttr(t.slotNum), i64(t.localSlotNum),
      b.getI64IntegerAttr(flagBase), b.getBoolAttr(whole), b.getBoolAttr(t.unitFlag));
}

// Replaces a transfer by its form on the handle. Reserving and popping declare the entry that the
// handle form points at the slot.
LogicalResult lowerTransfer(FifoOpInterface transfer, Value handle) {
  OpBuilder b(transfer);
  const Location loc = transfer.getLoc();
  const int64_t split = transfer.getSplitMode();
  Value entry = transfer.getFifoEntry();
  if (entry && isa<TileBufType>(entry.getType()))
    return transfer->emitOpError() << "moves a tile; expected a tensor view of the slot, which is "
                                      "the form this pass lowers";
  switch (transfer.getAction()) {
  case FifoAction::talloc:
  case FifoAction::tpop: {
    const Value view = b.create<DeclareGlobalOp>(loc, entry.getType());
    if (transfer.getAction() == FifoAction::talloc)
      b.create<TAllocOp>(loc, view, handle, split);
    else
      b.create<TPopOp>(loc, view, handle, split);
    transfer->getResult(0).replaceAllUsesWith(view);
    break;
  }
  case FifoAction::tpush:
    b.create<TPushOp>(loc, entry, handle, split);
    break;
  case FifoAction::tfree:
    if (!entry)
      return transfer->emitOpError() << "expected the entry that it gives back";
    b.create<TFreeOp>(loc, entry, handle, split);
    break;
  }
  transfer->erase();
  return success();
}

LogicalResult lowerFunction(func::FuncOp function, const std::map<int64_t, Fifo>& fifos) {
  std::map<int64_t, Value> handles;
  SmallVector<Operation*> initialisations;
  SmallVector<FifoOpInterface> transfers;
  function.walk([&](Operation* op) {
    TypeSwitch<Operation*>(op)
        .Case<AicInitializePipeOp, AivInitializePipeOp>([&](auto init) {
          const int64_t id = init.getId();
          handles[id] = makeHandle(init, fifos.at(id).flagBase);
          initialisations.push_back(init);
        })
        .Case<FifoOpInterface>([&](FifoOpInterface transfer) {
          if (transfer.getFifoId())
            transfers.push_back(transfer);
        });
  });
  for (FifoOpInterface transfer : transfers) {
    const auto handle = handles.find(*transfer.getFifoId());
    if (handle == handles.end())
      return transfer->emitOpError() << "uses FIFO " << *transfer.getFifoId()
                                     << ", which this function does not initialise";
    if (failed(lowerTransfer(transfer, handle->second)))
      return failure();
  }
  for (Operation* op : initialisations)
    op->erase();
  return success();
}

} // namespace

LogicalResult lowerFrontendPipes(ModuleOp module, const ptotune::SocProfile& soc) {
  const FailureOr<std::map<int64_t, Fifo>> fifos = collect(module, soc);
  if (failed(fifos))
    return failure();
  for (auto function : module.getOps<func::FuncOp>())
    if (failed(lowerFunction(function, *fifos)))
      return failure();
  return success();
}

} // namespace mlir::pto
