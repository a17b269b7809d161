#include "codegen/dialect/PtoDialect.h"
#include "codegen/passes/Passes.h"
#include "codegen/passes/pipes/LandingTiles.h"

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
  std::optional<int64_t> consumerSyncPeriod;
};

constexpr int64_t kCubeToVector = 1;
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
  t.consumerSyncPeriod = init.getConsumerSyncPeriod();
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

LogicalResult reportDisagreement(AicInitializePipeOp cube, AivInitializePipeOp vector,
                                 StringRef what, const std::string& onCube,
                                 const std::string& onVector) {
  InFlightDiagnostic diagnostic = cube.emitOpError()
                                  << "and the vector end of FIFO " << cube.getId()
                                  << " disagree on " << what << ": " << onCube << " here, "
                                  << onVector << " there; expected both ends alike";
  diagnostic.attachNote(vector.getLoc()) << "the vector end: " << *vector.getOperation();
  return diagnostic;
}

// What an end calls the landing buffer of a consumer: the buffer's name and its function.
std::string landingText(Value landing) {
  if (!landing)
    return "none";
  if (auto reserve = landing.getDefiningOp<ReserveBufferOp>())
    return ("\"" + reserve.getName() + "\" of @" +
            reserve->getParentOfType<func::FuncOp>().getName())
        .str();
  if (auto import = landing.getDefiningOp<ImportReservedBufferOp>())
    return ("\"" + import.getName() + "\" of @" + import.getPeerFunc()).str();
  return "an address";
}

LogicalResult requireOneLanding(AicInitializePipeOp cube, AivInitializePipeOp vector,
                                StringRef what, Value onCube, Value onVector) {
  const std::string here = landingText(onCube);
  const std::string there = landingText(onVector);
  return here == there ? success() : reportDisagreement(cube, vector, what, here, there);
}

// Reports the first trait in which the ends differ.
LogicalResult requireAgreement(AicInitializePipeOp cube, AivInitializePipeOp vector) {
  const EndTraits a = traitsOf(cube);
  const EndTraits b = traitsOf(vector);
  const auto disagree = [&](StringRef what, const std::string& onCube,
                            const std::string& onVector) {
    return reportDisagreement(cube, vector, what, onCube, onVector);
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
  if (a.consumerSyncPeriod != b.consumerSyncPeriod)
    return disagree("consumer_sync_period", text(a.consumerSyncPeriod), text(b.consumerSyncPeriod));
  if (failed(requireOneLanding(cube, vector, "c2v_consumer_buf", cube.getC2vConsumerBuf(),
                               vector.getC2vConsumerBuf())))
    return failure();
  return requireOneLanding(cube, vector, "v2c_consumer_buf", cube.getV2cConsumerBuf(),
                           vector.getV2cConsumerBuf());
}

// The TPipe of A2 and A3 derives the period from SlotNum.
LogicalResult requireDerivedPeriod(AicInitializePipeOp cube, const ptotune::SocProfile& soc) {
  const EndTraits t = traitsOf(cube);
  if (!t.consumerSyncPeriod)
    return success();
  return cube.emitOpError() << "asks for consumer_sync_period " << *t.consumerSyncPeriod
                            << "; expected none: the TPipe of " << soc.name << "'s headers ("
                            << soc.architecture << ") takes no such argument and derives "
                            << soc.syncPeriod(static_cast<int>(t.slotNum)) << " from slot_num "
                            << t.slotNum;
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
        if (failed(requireAgreement(cube, vector)))
          return failure();
    if (failed(requireDerivedPeriod(fifo.cube.front(), soc)))
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
  // A one-way FIFO has one landing buffer. On a two-way FIFO this core's own comes first.
  const bool toCubeFirst = t.dirMask == kBothDirections
                               ? std::is_same_v<InitOp, AicInitializePipeOp>
                               : t.dirMask != kCubeToVector;
  const Value c2v = init.getC2vConsumerBuf();
  const Value v2c = init.getV2cConsumerBuf();
  const Value local = toCubeFirst ? v2c : c2v;
  const Value peer = toCubeFirst ? c2v : v2c;
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

// A FIFO of this function: its handle, and where the tiles land that it pops.
struct OpenFifo {
  Value handle;
  pipes::LandingSite landing;
};

// The buffer in which this core's pops land.
Value ownLanding(AicInitializePipeOp init) {
  return init.getV2cConsumerBuf();
}
Value ownLanding(AivInitializePipeOp init) {
  return init.getC2vConsumerBuf();
}

// Replaces the transfer of a tile. A tfree of a tile says nothing: the pop gave the slot back.
LogicalResult lowerTile(FifoOpInterface transfer, const OpenFifo& fifo,
                        pipes::LandingTiles& landing) {
  OpBuilder b(transfer);
  const Location loc = transfer.getLoc();
  const int64_t split = transfer.getSplitMode();
  if (transfer.getAction() == FifoAction::tpush) {
    b.create<TPushOp>(loc, transfer.getFifoEntry(), fifo.handle, split, transfer.getSlotOffset(),
                      transfer.opensSlot(), transfer.closesSlot());
  } else if (transfer.getAction() == FifoAction::tpop) {
    const FailureOr<Value> tile = landing.tile(transfer, fifo.landing);
    if (failed(tile))
      return failure();
    b.create<TPopOp>(loc, *tile, fifo.handle, split, transfer.getSlotOffset(), transfer.opensSlot(),
                     transfer.closesSlot());
    transfer->getResult(0).replaceAllUsesWith(*tile);
  }
  return success();
}

// Replaces the transfer of a view. Reserving and popping declare the entry that the handle form
// points at the slot.
LogicalResult lowerView(FifoOpInterface transfer, Value handle) {
  OpBuilder b(transfer);
  const Location loc = transfer.getLoc();
  const int64_t split = transfer.getSplitMode();
  const Value entry = transfer.getFifoEntry();
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
    b.create<TFreeOp>(loc, entry, handle, split);
    break;
  }
  return success();
}

// Whether the transfer moves a tile. A tfree without an entry is of a tile.
FailureOr<bool> movesTile(FifoOpInterface transfer, const OpenFifo& fifo) {
  const Value entry = transfer.getFifoEntry();
  if (entry)
    return isa<TileBufType>(entry.getType());
  if (!fifo.landing.buffer)
    return transfer->emitOpError() << "expected the entry that it gives back";
  return true;
}

LogicalResult lowerFunction(func::FuncOp function, const std::map<int64_t, Fifo>& fifos,
                            const ptotune::SocProfile& soc) {
  std::map<int64_t, OpenFifo> open;
  SmallVector<FifoOpInterface> transfers;
  function.walk([&](Operation* op) {
    TypeSwitch<Operation*>(op)
        .Case<AicInitializePipeOp, AivInitializePipeOp>([&](auto init) {
          const int64_t id = init.getId();
          open[id] = {makeHandle(init, fifos.at(id).flagBase),
                      {init, ownLanding(init), init.getSlotSize(),
                       init.getLocalSlotNum().value_or(soc.tpipeDefaultLocalSlots)}};
        })
        .Case<FifoOpInterface>([&](FifoOpInterface transfer) {
          if (transfer.getFifoId())
            transfers.push_back(transfer);
        });
  });
  pipes::LandingTiles landing(soc);
  for (FifoOpInterface transfer : transfers) {
    const auto fifo = open.find(*transfer.getFifoId());
    if (fifo == open.end())
      return transfer->emitOpError() << "uses FIFO " << *transfer.getFifoId()
                                     << ", which this function does not initialise";
    const FailureOr<bool> isTile = movesTile(transfer, fifo->second);
    if (failed(isTile) || failed(*isTile ? lowerTile(transfer, fifo->second, landing)
                                         : lowerView(transfer, fifo->second.handle)))
      return failure();
  }
  // Slots are counted by the transfers, so that these go last: consumers of entries first.
  for (FifoOpInterface transfer : llvm::reverse(transfers))
    transfer->erase();
  for (auto& [id, fifo] : open)
    fifo.landing.opened->erase();
  return success();
}

} // namespace

LogicalResult lowerFrontendPipes(ModuleOp module, const ptotune::SocProfile& soc) {
  const FailureOr<std::map<int64_t, Fifo>> fifos = collect(module, soc);
  if (failed(fifos))
    return failure();
  for (auto function : module.getOps<func::FuncOp>())
    if (failed(lowerFunction(function, *fifos, soc)))
      return failure();
  return success();
}

} // namespace mlir::pto
