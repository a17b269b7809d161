#include "codegen/dialect/PtoDialect.h"
#include "codegen/emit/Emit.h"
#include "codegen/emit/ProgramInstrs.h"
#include "codegen/emit/ProgramSlots.h"
#include "codegen/kernels/Author.h"

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
    if (name.getValue() == "s0" || name.getValue() == "m")
      return exprs_.bind(argument, exprs_.make(ExprKind::s0));
    if (name.getValue() == "s1")
      return exprs_.bind(argument, exprs_.make(ExprKind::s1));
    if (const auto tensor = program::tensorNamed(name.getValue()))
      tiles_.bindTensor(argument, *tensor);
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
              GetSubblockIdxOp, AddPtrOp, CastPtrOp, MakeTensorViewOp, PartitionViewOp, AllocTileOp,
              AllocMultiTileOp, MultiTileGetOp, SubviewOp, TReshapeOp, DeclareGlobalOp,
              ReserveBufferOp, ImportReservedBufferOp, func::ReturnOp, scf::YieldOp>(
            [](auto) { return success(); })
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
    const auto tile = dyn_cast<TileBufType>(entry.getType());
    const FifoAction action = transfer.getAction();
    info.popsTiles |= tile && action == FifoAction::tpop;
    info.pushesAccTiles |=
        tile && action == FifoAction::tpush && tile.getSpace() == AddressSpace::acc;
    if (kernelKind(transfer) == KernelKind::vector)
      info.splitRows = transfer.getSplitMode() == 1 && !tile;
    if (tile)
      return emitTile(transfer, fifo->second, body);
    tiles_.bindEntry(entry, fifo->second);
    const auto pipe = toSpace(cast<PipeOpInterface>(transfer.getOperation()).getPipe());
    add(body, fifoInstr(kindOf(action), fifo->second, pipe));
    return success();
  }

  // TPUSH of a tile: reserve, store, commit. TPOP: wait, load, release. Of several tiles of a slot
  // the first takes it and the last gives it away. TFREE says nothing: the pop gave the slot back.
  LogicalResult emitTile(FifoOpInterface transfer, std::int32_t fifo, Body& body) {
    const FifoAction action = transfer.getAction();
    if (action == FifoAction::tfree)
      return success();
    const bool stores = action == FifoAction::tpush;
    FailureOr<Instr> instr = slotInstr(transfer, fifo, exprs_, tiles_);
    if (failed(instr))
      return failure();
    const auto tile = cast<TileBufType>(transfer.getFifoEntry().getType());
    const bool isAcc = tile.getSpace() == AddressSpace::acc;
    if (isAcc && program_.fifos[static_cast<std::size_t>(fifo)].unitFlag)
      instr->phase = program::Phase::final;
    const ptotune::Pipe pipe = instr->pipe;
    if (transfer.opensSlot())
      add(body, fifoInstr(stores ? InstrKind::talloc : InstrKind::tpop, fifo, ptotune::Pipe::s));
    add(body, std::move(*instr));
    if (transfer.closesSlot())
      add(body, fifoInstr(stores ? InstrKind::tpush : InstrKind::tfree, fifo, pipe));
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

// How s0 divides into work units.
struct WorkUnits {
  std::int64_t rowsPerBlock = 0;
  std::int64_t unitsPerBlock = 1;
};

// The loop over work units runs to s0 / rowsPerBlock * unitsPerBlock.
std::optional<WorkUnits> workUnits(const Program& program, const Body& body) {
  const auto expr = [&](ExprId id) -> const program::Expr& {
    return program.exprs[static_cast<std::size_t>(id)];
  };
  for (const program::Node& node : body) {
    const auto* loop = std::get_if<std::unique_ptr<Loop>>(&node);
    if (!loop || expr((*loop)->lower).kind != ExprKind::blockIdx)
      continue;
    WorkUnits units;
    const program::Expr* count = &expr((*loop)->upper);
    if (count->kind == ExprKind::mul && expr(count->rhs).kind == ExprKind::constant) {
      units.unitsPerBlock = expr(count->rhs).value;
      count = &expr(count->lhs);
    }
    if (count->kind != ExprKind::div || expr(count->lhs).kind != ExprKind::s0 ||
        expr(count->rhs).kind != ExprKind::constant)
      continue;
    units.rowsPerBlock = expr(count->rhs).value;
    return units;
  }
  return std::nullopt;
}

// The program of one launch from its kernels.
FailureOr<Program> emitLaunch(ModuleOp module, StringRef name, ArrayRef<func::FuncOp> kernels,
                              const SocProfile& soc) {
  Program program;
  program.name = name.str();
  ProgramExprs exprs(program);
  for (func::FuncOp function : kernels) {
    Body& body = *kernelKind(function) == KernelKind::cube ? program.cube : program.vector;
    if (!body.empty())
      return LogicalResult(function.emitOpError()
                           << "is a second kernel of its core; expected one");
    if (failed(CoreEmitter(program, exprs, soc).emit(function, body)))
      return failure();
  }
  const bool onCube = !program.cube.empty();
  const std::optional<WorkUnits> units = workUnits(program, onCube ? program.cube : program.vector);
  if (!units)
    return LogicalResult(module.emitError()
                         << (onCube ? "cube" : "vector")
                         << " kernel has no loop over blocks; expected one from this core's "
                            "index to s0 divided by the rows of a block");
  program.rowsPerBlock = units->rowsPerBlock;
  program.unitsPerBlock = units->unitsPerBlock;
  program.parts = units->unitsPerBlock;
  return program;
}

// The kernels that an entry calls.
SmallVector<func::FuncOp> kernelsOf(ModuleOp module, func::FuncOp entry) {
  SmallVector<func::FuncOp> kernels;
  for (auto call : entry.getOps<func::CallOp>())
    if (auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee());
        callee && kernelKind(callee))
      kernels.push_back(callee);
  return kernels;
}

} // namespace

FailureOr<Program> emitProgram(ModuleOp module, const SocProfile& soc) {
  SmallVector<func::FuncOp> entries;
  SmallVector<func::FuncOp> kernels;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function->hasAttr(kEntryAttr))
      entries.push_back(function);
    if (kernelKind(function))
      kernels.push_back(function);
  }
  if (entries.size() < 2)
    return emitLaunch(module, entries.empty() ? "" : entries.front().getName(), kernels, soc);
  // Entries are launched in the order in which they stand.
  std::unique_ptr<Program> first;
  std::unique_ptr<Program>* last = &first;
  for (func::FuncOp entry : entries) {
    FailureOr<Program> program = emitLaunch(module, entry.getName(), kernelsOf(module, entry), soc);
    if (failed(program))
      return failure();
    if (first)
      program->parts = first->parts;
    *last = std::make_unique<Program>(std::move(*program));
    last = &(*last)->next;
  }
  return std::move(*first);
}

} // namespace ptotune::emit
