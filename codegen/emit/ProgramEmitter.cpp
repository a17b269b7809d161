#include "codegen/dialect/PtoDialect.h"
#include "codegen/emit/Emit.h"
#include "codegen/emit/ProgramInstrs.h"
#include "codegen/kernels/Author.h"

#include <llvm/ADT/StringSwitch.h>
#include <llvm/ADT/TypeSwitch.h>
#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/Dialect/SCF/IR/SCF.h>

namespace ptotune::emit {

using namespace mlir;
using namespace mlir::pto;
using program::Body;
using program::ExprId;
using program::ExprKind;
using program::FifoInfo;
using program::Instr;
using program::InstrKind;
using program::Loop;
using program::Program;

namespace {

constexpr std::int64_t kVectorToCube = 2; // dir_mask

std::string nameOf(Location loc, llvm::StringRef otherwise) {
  auto name = loc->findInstanceOf<NameLoc>();
  return name ? name.getName().str() : otherwise.str();
}

// Translates the function of one core.
class CoreEmitter {
public:
  CoreEmitter(Program& program, ProgramExprs& exprs, const SocProfile& soc)
      : program_(program), exprs_(exprs), soc_(soc), tiles_(program, exprs) {}

  LogicalResult emit(func::FuncOp function, Body& body) {
    for (BlockArgument argument : function.getArguments())
      bindParameter(function, argument);
    if (failed(tiles_.addBuffers(function)))
      return failure();
    return emitBlock(function.getBody().front(), body);
  }

private:
  void bindParameter(func::FuncOp function, BlockArgument argument) {
    const auto name =
        function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), kernels::kParameterNameAttr);
    if (!name)
      return;
    if (name.getValue() == "s0")
      return exprs_.bind(argument, exprs_.make(ExprKind::s0));
    if (name.getValue() == "s1")
      return exprs_.bind(argument, exprs_.make(ExprKind::s1));
    const auto tensor = llvm::StringSwitch<program::Tensor>(name.getValue())
                            .Case("q", program::Tensor::q)
                            .Case("k", program::Tensor::k)
                            .Case("v", program::Tensor::v)
                            .Case("out", program::Tensor::out)
                            .Default(program::Tensor::none);
    if (tensor != program::Tensor::none)
      tiles_.bindTensor(argument, tensor);
  }

  // FIFOs opened in a block are closed at its end, the last one first.
  LogicalResult emitBlock(Block& block, Body& body) {
    SmallVector<std::int32_t> opened;
    stage_.clear();
    tile_ = -1;
    for (Operation& op : block) {
      if (auto init = dyn_cast<InitializeL2G2LPipeOp>(op)) {
        const FailureOr<std::int32_t> fifo = addFifo(init);
        if (failed(fifo))
          return failure();
        add(body, fifoInstr(InstrKind::open, *fifo, ptotune::Pipe::s));
        opened.push_back(*fifo);
      } else if (failed(emitOp(&op, body))) {
        return failure();
      }
    }
    stage_.clear();
    tile_ = -1;
    for (const std::int32_t fifo : llvm::reverse(opened))
      add(body, fifoInstr(InstrKind::close, fifo, ptotune::Pipe::s));
    return success();
  }

  LogicalResult emitOp(Operation* op, Body& body) {
    return llvm::TypeSwitch<Operation*, LogicalResult>(op)
        // Said by the operands of those that use them.
        .Case<arith::ConstantOp, arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::DivUIOp,
              arith::DivSIOp, arith::RemUIOp, arith::RemSIOp, arith::MinUIOp, arith::MinSIOp,
              arith::MaxUIOp, arith::MaxSIOp, arith::IndexCastOp, GetBlockIdxOp, GetBlockNumOp,
              GetSubblockIdxOp, AddPtrOp, MakeTensorViewOp, PartitionViewOp, AllocTileOp,
              AllocMultiTileOp, MultiTileGetOp, SubviewOp, TReshapeOp, DeclareGlobalOp,
              func::ReturnOp, scf::YieldOp>([](auto) { return success(); })
        .Case<StageOp>([&](StageOp stage) { return setStage(stage); })
        .Case<scf::ForOp>([&](scf::ForOp loop) { return emitLoop(loop, body); })
        .Case<SetFlagOp>([&](SetFlagOp flag) {
          return emitFlag(InstrKind::setFlag, flag.getSrcPipe(), flag.getDstPipe(),
                          exprs_.constant(static_cast<std::int64_t>(flag.getEventId())), body);
        })
        .Case<WaitFlagOp>([&](WaitFlagOp flag) {
          return emitFlag(InstrKind::waitFlag, flag.getSrcPipe(), flag.getDstPipe(),
                          exprs_.constant(static_cast<std::int64_t>(flag.getEventId())), body);
        })
        .Case<SetFlagDynOp>([&](SetFlagDynOp flag) {
          return emitFlag(InstrKind::setFlag, flag.getSrcPipe(), flag.getDstPipe(),
                          exprs_.of(flag.getEventId()), body);
        })
        .Case<WaitFlagDynOp>([&](WaitFlagDynOp flag) {
          return emitFlag(InstrKind::waitFlag, flag.getSrcPipe(), flag.getDstPipe(),
                          exprs_.of(flag.getEventId()), body);
        })
        .Case<BarrierOp>([&](BarrierOp barrier) { return emitBarrier(barrier, body); })
        .Case<FifoOpInterface>([&](FifoOpInterface fifo) { return emitTransfer(fifo, body); })
        .Case<PipeOpInterface>([&](PipeOpInterface tileOp) -> LogicalResult {
          FailureOr<Instr> instr = tileInstr(tileOp, exprs_, tiles_);
          if (failed(instr))
            return failure();
          add(body, std::move(*instr));
          return success();
        })
        .Default([](Operation* other) {
          return other->emitError() << "'" << other->getName() << "' has no place in a program";
        });
  }

  void add(Body& body, Instr instr) {
    instr.stage = stage_;
    instr.tile = tile_;
    body.emplace_back(std::move(instr));
  }

  static Instr fifoInstr(InstrKind kind, std::int32_t fifo, ptotune::Pipe pipe) {
    Instr instr;
    instr.kind = kind;
    instr.fifo = fifo;
    instr.pipe = pipe;
    return instr;
  }

  LogicalResult setStage(StageOp stage) {
    stage_ = stage.getStage().str();
    tile_ = -1;
    if (!stage.getTile())
      return success();
    const FailureOr<ExprId> tile = exprs_.of(stage.getTile());
    if (failed(tile))
      return failure();
    tile_ = *tile;
    return success();
  }

  LogicalResult emitLoop(scf::ForOp op, Body& body) {
    auto loop = std::make_unique<Loop>();
    const FailureOr<ExprId> lower = exprs_.of(op.getLowerBound());
    const FailureOr<ExprId> upper = exprs_.of(op.getUpperBound());
    const FailureOr<ExprId> step = exprs_.of(op.getStep());
    if (failed(lower) || failed(upper) || failed(step))
      return failure();
    loop->variable = program_.variables++;
    loop->lower = *lower;
    loop->upper = *upper;
    loop->step = *step;
    loop->name = nameOf(op.getLoc(), "loop");
    exprs_.bind(op.getInductionVar(), exprs_.make(ExprKind::variable, loop->variable));
    if (failed(emitBlock(*op.getBody(), loop->body)))
      return failure();
    body.emplace_back(std::move(loop));
    return success();
  }

  LogicalResult emitFlag(InstrKind kind, mlir::pto::Pipe source, mlir::pto::Pipe target,
                         FailureOr<ExprId> event, Body& body) {
    if (failed(event))
      return failure();
    Instr instr;
    instr.kind = kind;
    instr.source = toSpace(source);
    instr.target = toSpace(target);
    instr.pipe = kind == InstrKind::setFlag ? instr.source : instr.target;
    instr.event = *event;
    add(body, std::move(instr));
    return success();
  }

  LogicalResult emitBarrier(BarrierOp barrier, Body& body) {
    if (barrier.getPipe() == mlir::pto::Pipe::all)
      return barrier.emitOpError() << "has no place in a program; expected one pipe";
    Instr instr;
    instr.kind = InstrKind::barrier;
    instr.pipe = toSpace(barrier.getPipe());
    add(body, std::move(instr));
    return success();
  }

  LogicalResult emitTransfer(FifoOpInterface transfer, Body& body) {
    const auto fifo = handles_.find(transfer.getFifoHandle());
    if (fifo == handles_.end())
      return transfer->emitOpError()
             << "has no handle of a FIFO; expected pto-lower-frontend-pipes to run first";
    FifoInfo& info = program_.fifos[static_cast<std::size_t>(fifo->second)];
    const Value entry = transfer.getFifoEntry();
    tiles_.bindEntry(entry, fifo->second);
    info.splitRows = transfer.getSplitMode() == 1;
    const auto tile = dyn_cast<TileBufType>(entry.getType());
    const FifoAction action = transfer.getAction();
    info.popsTiles |= tile && action == FifoAction::tpop;
    info.pushesAccTiles |=
        tile && action == FifoAction::tpush && tile.getSpace() == AddressSpace::acc;
    const auto pipe = toSpace(cast<PipeOpInterface>(transfer.getOperation()).getPipe());
    add(body, fifoInstr(kindOf(action), fifo->second, pipe));
    return success();
  }

  static InstrKind kindOf(FifoAction action) {
    switch (action) {
    case FifoAction::talloc:
      return InstrKind::talloc;
    case FifoAction::tpush:
      return InstrKind::tpush;
    case FifoAction::tpop:
      return InstrKind::tpop;
    case FifoAction::tfree:
      return InstrKind::tfree;
    }
    llvm_unreachable("every action has a case");
  }

  // The FIFO of a handle; both cores' handles with one flag base are one FIFO.
  FailureOr<std::int32_t> addFifo(InitializeL2G2LPipeOp init) {
    if (!init.getFlagBase()) {
      init.emitOpError() << "has no flag_base; expected pto-lower-frontend-pipes to run first";
      return failure();
    }
    FifoInfo info;
    info.flagBase = static_cast<int>(*init.getFlagBase());
    info.name = nameOf(init.getLoc(), ("fifo" + Twine(info.flagBase)).str());
    info.producer = init.getDirMask() == kVectorToCube ? Core::vector : Core::cube;
    info.slotBytes = init.getSlotSize();
    info.slots = static_cast<int>(init.getSlotNum());
    info.syncPeriod = soc_.syncPeriod(info.slots);
    info.localSlots =
        static_cast<int>(init.getLocalSlotNum().value_or(soc_.tpipeDefaultLocalSlots));
    info.unitFlag = init.getUnitFlag();
    const auto known = llvm::find_if(
        program_.fifos, [&](const FifoInfo& other) { return other.flagBase == info.flagBase; });
    const auto number = static_cast<std::int32_t>(known - program_.fifos.begin());
    if (known == program_.fifos.end()) {
      program_.fifos.push_back(std::move(info));
    } else if (known->producer != info.producer || known->slotBytes != info.slotBytes ||
               known->slots != info.slots || known->localSlots != info.localSlots ||
               known->unitFlag != info.unitFlag) {
      init.emitOpError() << "differs from the other end of the FIFO with flag_base "
                         << info.flagBase;
      return failure();
    }
    handles_[init->getResult(0)] = number;
    return number;
  }

  Program& program_;
  ProgramExprs& exprs_;
  const SocProfile& soc_;
  ProgramTiles tiles_;
  llvm::DenseMap<Value, std::int32_t> handles_; // FIFO of a !pto.pipe
  std::string stage_;
  ExprId tile_ = -1;
};

// The rows of a block are what the loop over blocks divides s0 by.
FailureOr<std::int64_t> rowsPerBlock(const Program& program, const Body& body) {
  const auto expr = [&](ExprId id) -> const program::Expr& {
    return program.exprs[static_cast<std::size_t>(id)];
  };
  for (const program::Node& node : body) {
    const auto* loop = std::get_if<std::unique_ptr<Loop>>(&node);
    if (!loop || expr((*loop)->lower).kind != ExprKind::blockIdx)
      continue;
    const program::Expr& upper = expr((*loop)->upper);
    if (upper.kind == ExprKind::div && expr(upper.lhs).kind == ExprKind::s0 &&
        expr(upper.rhs).kind == ExprKind::constant)
      return expr(upper.rhs).value;
  }
  return failure();
}

} // namespace

FailureOr<Program> emitProgram(ModuleOp module, const SocProfile& soc) {
  Program program;
  ProgramExprs exprs(program);
  for (auto function : module.getOps<func::FuncOp>()) {
    const std::optional<KernelKind> kind = kernelKind(function);
    if (function->hasAttr(kEntryAttr))
      program.name = function.getName().str();
    if (!kind)
      continue;
    Body& body = *kind == KernelKind::cube ? program.cube : program.vector;
    if (!body.empty())
      return LogicalResult(function.emitOpError()
                           << "is a second kernel of its core; expected one");
    if (failed(CoreEmitter(program, exprs, soc).emit(function, body)))
      return failure();
  }
  const FailureOr<std::int64_t> rows = rowsPerBlock(program, program.cube);
  if (failed(rows))
    return LogicalResult(module.emitError()
                         << "cube kernel has no loop over blocks; expected one from this core's "
                            "index to s0 divided by the rows of a block");
  program.rowsPerBlock = *rows;
  return program;
}

} // namespace ptotune::emit
