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
  const bool isCube = kernelKind(init) == KernelKind::cube;
  // The constructor takes the landing buffer on the vector side first.
  lines_.line("{} {}({}, {}, {});", type, name, text(base),
              buffer(isCube ? init.getPeer() : init.getLocal()),
              buffer(isCube ? init.getLocal() : init.getPeer()));
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
  lines_.line("{}<{}, {}, {}>({}, {});", actionText(transfer.getAction()), typeNames_[handle],
              entryType, splitText(transfer.getSplitMode()), text(handle), text(entry));
  return success();
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
