// Instructions: tile operations, FIFO transfers, flags.
#include "codegen/emit/CppFunction.h"

#include <llvm/ADT/TypeSwitch.h>

namespace ptotune::emit {

using namespace mlir;
using namespace mlir::pto;

namespace {

// Template argument of a unit-flag phase, or nothing.
std::string phaseText(AccPhase phase) {
  switch (phase) {
  case AccPhase::unspecified:
    return "";
  case AccPhase::partial:
    return "<AccPhase::Partial>";
  case AccPhase::final:
    return "<AccPhase::Final>";
  }
  llvm_unreachable("every phase has a case");
}

std::string phaseText(StPhase phase) {
  switch (phase) {
  case StPhase::unspecified:
    return "";
  case StPhase::partial:
    return "<STPhase::Partial>";
  case StPhase::final:
    return "<STPhase::Final>";
  }
  llvm_unreachable("every phase has a case");
}

const char* roundModeText(RoundMode mode) {
  switch (mode) {
  case RoundMode::none:
    return "RoundMode::CAST_NONE";
  case RoundMode::rint:
  case RoundMode::cast_rint:
    return "RoundMode::CAST_RINT";
  case RoundMode::round:
    return "RoundMode::CAST_ROUND";
  case RoundMode::floor:
    return "RoundMode::CAST_FLOOR";
  case RoundMode::ceil:
    return "RoundMode::CAST_CEIL";
  case RoundMode::trunc:
    return "RoundMode::CAST_TRUNC";
  case RoundMode::odd:
    return "RoundMode::CAST_ODD";
  }
  llvm_unreachable("every rounding has a case");
}

const char* splitText(std::int64_t split) {
  switch (split) {
  case 0:
    return "TileSplitAxis::TILE_NO_SPLIT";
  case 1:
    return "TileSplitAxis::TILE_UP_DOWN";
  default:
    return "TileSplitAxis::TILE_LEFT_RIGHT";
  }
}

// dir_mask of a FIFO.
constexpr std::int64_t kCubeToVector = 1;
constexpr std::int64_t kBothDirections = 3;

// Whether some tile is a part of a slot, so that every push and pop has to say which.
bool movesParts(Value handle) {
  return llvm::any_of(handle.getUsers(), [](Operation* user) {
    auto transfer = dyn_cast<FifoOpInterface>(user);
    return transfer &&
           (transfer.getSlotOffset() != 0 || !transfer.opensSlot() || !transfer.closesSlot());
  });
}

// Number of the tile among those of its slot.
std::int64_t partNumber(FifoOpInterface transfer) {
  std::int64_t number = 0;
  Operation* at = transfer;
  while (at && !cast<FifoOpInterface>(at).opensSlot()) {
    ++number;
    const auto isPart = [&](Operation* op) {
      auto other = dyn_cast<FifoOpInterface>(op);
      return other && other.getAction() == transfer.getAction() &&
             other.getFifoHandle() == transfer.getFifoHandle();
    };
    do
      at = at->getPrevNode();
    while (at && !isPart(at));
  }
  return number;
}

const char* actionText(FifoAction action) {
  switch (action) {
  case FifoAction::talloc:
    return "TALLOC";
  case FifoAction::tpush:
    return "TPUSH";
  case FifoAction::tpop:
    return "TPOP";
  case FifoAction::tfree:
    return "TFREE";
  }
  llvm_unreachable("every action has a case");
}

} // namespace

LogicalResult CppFunction::emitInstr(PipeOpInterface op) {
  const std::string call = ptotune::name(*op.getTileOp());
  const auto with = [&](const std::string& phase, std::initializer_list<Value> operands,
                        const std::string& last = "") {
    std::string list;
    for (const Value operand : operands)
      if (operand)
        list += (list.empty() ? "" : ", ") + text(operand);
    lines_.line("{}{}({}{});", call, phase, list, last.empty() ? "" : ", " + last);
    return success();
  };
  return llvm::TypeSwitch<Operation*, LogicalResult>(op)
      .Case<TLoadOp>([&](TLoadOp o) { return with("", {o.getDst(), o.getSrc()}); })
      .Case<TStoreOp>(
          [&](TStoreOp o) { return with(phaseText(o.getStPhase()), {o.getDst(), o.getSrc()}); })
      .Case<TMovOp, TExpOp>([&](auto o) { return with("", {o.getDst(), o.getSrc()}); })
      .Case<TExtractOp>(
          [&](TExtractOp o) { return with("", {o.getDst(), o.getSrc(), o.getRow(), o.getCol()}); })
      .Case<TMatmulOp, TMatmulAccOp>([&](auto o) {
        return with(phaseText(o.getAccPhase()), {o.getDst(), o.getLhs(), o.getRhs()});
      })
      .Case<TAddOp, TSubOp, TMulOp, TMaxOp>(
          [&](auto o) { return with("", {o.getDst(), o.getLhs(), o.getRhs()}); })
      .Case<TMulsOp, TAddsOp>(
          [&](auto o) { return with("", {o.getDst(), o.getSrc(), o.getScalar()}); })
      .Case<TTriOp>([&](TTriOp o) {
        // The tile's type is a template argument.
        const std::string type = types_.tile(cast<TileBufType>(o.getDst().getType()));
        lines_.line("{}<{}, {}>({}, (int){});", call, type, o.getUpperOrLower(), text(o.getDst()),
                    expr(o.getDiagonal()).operand(CppExpr::atom));
        return success();
      })
      .Case<TExpandsOp>([&](TExpandsOp o) { return with("", {o.getDst(), o.getScalar()}); })
      .Case<TRowMaxOp, TRowSumOp>(
          [&](auto o) { return with("", {o.getDst(), o.getSrc(), o.getTmp()}); })
      .Case<TRowExpandSubOp, TRowExpandMulOp, TRowExpandDivOp>(
          [&](auto o) { return with("", {o.getDst(), o.getSrc(), o.getRowValues(), o.getTmp()}); })
      .Case<TCvtOp>([&](TCvtOp o) {
        return with("", {o.getDst(), o.getSrc(), o.getTmp()}, roundModeText(o.getRmode()));
      })
      .Default([](Operation* o) { return o->emitOpError() << "has no C++ form"; });
}

LogicalResult CppFunction::emitPipe(InitializeL2G2LPipeOp init) {
  auto ring = init.getGm().getDefiningOp<MakeTensorViewOp>();
  const Value base = ring ? Value(ring.getPtr()) : init.getGm();
  const std::string given = wanted(init, "fifo");
  const std::string type = types_.pipe(init, given, soc_);
  const std::string name = names_.take(given + "_pipe");
  const auto buffer = [&](Value value) { return value ? text(value) : std::string("0x0"); };
  // The constructor takes the landing buffer on the vector side first. A one-way FIFO has one, on
  // its consumer's side; a two-way FIFO has this core's own first.
  const bool ownIsCube = init.getDirMask() == kBothDirections ? kernelKind(init) == KernelKind::cube
                                                              : init.getDirMask() != kCubeToVector;
  lines_.line("{} {}({}, {}, {});", type, name, text(base),
              buffer(ownIsCube ? init.getPeer() : init.getLocal()),
              buffer(ownIsCube ? init.getLocal() : init.getPeer()));
  values_[init->getResult(0)] = {name, CppExpr::atom};
  typeNames_[init->getResult(0)] = type;
  return success();
}

LogicalResult CppFunction::emitTransfer(FifoOpInterface transfer) {
  const Value handle = transfer.getFifoHandle();
  if (!handle)
    return transfer->emitOpError()
           << "has no handle of a FIFO; expected pto-lower-frontend-pipes to run first";
  const Value entry = transfer.getFifoEntry();
  const auto known = typeNames_.find(entry);
  const std::string entryType =
      known != typeNames_.end() ? known->second : types_.tile(cast<TileBufType>(entry.getType()));
  if (isa<TileBufType>(entry.getType())) {
    if (transfer.getAction() == FifoAction::tfree)
      return success(); // the pop gave the slot back
    if (movesParts(handle))
      emitPart(transfer, text(handle));
  }
  lines_.line("{}<{}, {}, {}>({}, {});", actionText(transfer.getAction()), typeNames_[handle],
              entryType, splitText(transfer.getSplitMode()), text(handle), text(entry));
  return success();
}

// Says which part of which slot the next TPUSH or TPOP moves. TPipe counts every one of them as a
// slot, so that all but a slot's first step its count back.
void CppFunction::emitPart(FifoOpInterface transfer, const std::string& pipe) {
  const bool pushes = transfer.getAction() == FifoAction::tpush;
  const std::string end = pipe + (pushes ? ".prod" : ".cons");
  const auto word = [](bool value) { return value ? "true" : "false"; };
  if (const std::int64_t part = partNumber(transfer); part > 0)
    lines_.line("{0}.setTileId({0}.getTileId() - 1, {1});", end, part);
  lines_.line("{}.setEntryOffset({});", end, transfer.getSlotOffset());
  lines_.line("{}.{}({});", end, pushes ? "setAllocateStatus" : "setWaitStatus",
              word(transfer.opensSlot()));
  lines_.line("{}.{}({});", end, pushes ? "setRecordStatus" : "setFreeStatus",
              word(transfer.closesSlot()));
}

LogicalResult CppFunction::bindLanding(Value landing, ReserveBufferOp reserve) {
  if (!reserve || !reserve.getBase())
    return emitError(landing.getLoc())
           << "landing buffer has no planned address; expected pto-plan-memory to run first";
  values_[landing] = {hexText(*reserve.getBase()), CppExpr::atom};
  return success();
}

ReserveBufferOp CppFunction::reservedBy(ImportReservedBufferOp import) {
  auto peer = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(import, import.getPeerFuncAttr());
  ReserveBufferOp found;
  if (peer)
    peer.walk([&](ReserveBufferOp reserve) {
      if (reserve.getNameAttr() == import.getNameAttr())
        found = reserve;
    });
  return found;
}

LogicalResult CppFunction::emitSync(Operation* op) {
  const auto flag = [&](const char* call, auto o, const std::string& event) {
    lines_.line("{}({}, {}, {});", call, stringifyPipe(o.getSrcPipe()).str(),
                stringifyPipe(o.getDstPipe()).str(), event);
  };
  const auto computed = [&](Value event) {
    return "(event_t)" + expr(event).operand(CppExpr::atom);
  };
  llvm::TypeSwitch<Operation*>(op)
      .Case<SetFlagOp>(
          [&](SetFlagOp o) { flag("set_flag", o, stringifyEvent(o.getEventId()).str()); })
      .Case<WaitFlagOp>(
          [&](WaitFlagOp o) { flag("wait_flag", o, stringifyEvent(o.getEventId()).str()); })
      .Case<SetFlagDynOp>([&](SetFlagDynOp o) { flag("set_flag", o, computed(o.getEventId())); })
      .Case<WaitFlagDynOp>([&](WaitFlagDynOp o) { flag("wait_flag", o, computed(o.getEventId())); })
      .Case<BarrierOp>(
          [&](BarrierOp o) { lines_.line("pipe_barrier({});", stringifyPipe(o.getPipe()).str()); });
  return success();
}

} // namespace ptotune::emit
