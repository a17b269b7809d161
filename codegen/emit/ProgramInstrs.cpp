#include "codegen/emit/ProgramInstrs.h"

#include <llvm/ADT/TypeSwitch.h>
#include <mlir/IR/Matchers.h>

namespace ptotune::emit {

using namespace mlir;
using namespace mlir::pto;
using program::Instr;
using program::TileRef;

namespace {

program::Phase phaseOf(AccPhase phase) {
  switch (phase) {
  case AccPhase::unspecified:
    return program::Phase::none;
  case AccPhase::partial:
    return program::Phase::partial;
  case AccPhase::final:
    return program::Phase::final;
  }
  llvm_unreachable("every phase has a case");
}

program::Phase phaseOf(StPhase phase) {
  return phaseOf(static_cast<AccPhase>(phase));
}

std::optional<program::Rounding> roundingOf(RoundMode mode) {
  switch (mode) {
  case RoundMode::none:
  case RoundMode::rint:
  case RoundMode::cast_rint:
    return program::Rounding::tiesToEven;
  case RoundMode::round:
    return program::Rounding::tiesAway;
  default:
    return std::nullopt;
  }
}

Memory memoryOf(Value tile) {
  // Verified tile operations work in memories that `space` knows.
  return *toSpace(cast<TileBufType>(tile.getType()).getSpace());
}

class InstrMaker {
public:
  InstrMaker(PipeOpInterface op, ProgramExprs& exprs, ProgramTiles& tiles)
      : op_(op), exprs_(exprs), tiles_(tiles) {
    instr_.shape.op = *op.getTileOp();
  }

  FailureOr<Instr> make() {
    const LogicalResult made =
        llvm::TypeSwitch<Operation*, LogicalResult>(op_)
            .Case<TLoadOp>([&](TLoadOp op) { return load(op); })
            .Case<TStoreOp>([&](TStoreOp op) { return store(op); })
            .Case<TExtractOp>([&](TExtractOp op) { return extract(op); })
            .Case<TMovOp>([&](TMovOp op) { return move(op); })
            .Case<TMatmulOp>([&](TMatmulOp op) {
              instr_.phase = phaseOf(op.getAccPhase());
              return matmul(op.getLhs(), op.getRhs(), op.getDst());
            })
            .Case<TMatmulAccOp>([&](TMatmulAccOp op) {
              instr_.phase = phaseOf(op.getAccPhase());
              return matmul(op.getLhs(), op.getRhs(), op.getDst());
            })
            .Case<TExpOp>([&](TExpOp op) { return vector(op.getDst(), {op.getSrc()}); })
            .Case<TCvtOp>([&](TCvtOp op) { return convert(op); })
            .Case<TAddOp, TSubOp, TMulOp, TMaxOp>(
                [&](auto op) { return vector(op.getDst(), {op.getLhs(), op.getRhs()}); })
            .Case<TMulsOp, TAddsOp>([&](auto op) {
              return failure(failed(scalar(op.getScalar())) ||
                             failed(vector(op.getDst(), {op.getSrc()})));
            })
            .Case<TExpandsOp>([&](TExpandsOp op) {
              return failure(failed(scalar(op.getScalar())) || failed(vector(op.getDst(), {})));
            })
            .Case<TTriOp>([&](TTriOp op) {
              const auto diagonal = exprs_.of(op.getDiagonal());
              if (failed(diagonal))
                return failure();
              instr_.row = *diagonal;
              return vector(op.getDst(), {});
            })
            .Case<TRowMaxOp, TRowSumOp>([&](auto op) {
              if (failed(vector(op.getDst(), {op.getSrc()}, op.getTmp())))
                return failure();
              // Cost follows the rows that are reduced.
              instr_.shape.rows = instr_.src[0].rows;
              instr_.shape.cols = instr_.src[0].cols;
              return success();
            })
            .Case<TRowExpandSubOp, TRowExpandMulOp, TRowExpandDivOp>([&](auto op) {
              return vector(op.getDst(), {op.getSrc(), op.getRowValues()}, op.getTmp());
            })
            .Default(
                [](Operation* op) { return op->emitOpError() << "has no place in a program"; });
    if (failed(made))
      return failure();
    instr_.pipe = pipeOf(instr_.shape);
    if (instr_.pipe != toSpace(op_.getPipe())) {
      op_->emitOpError() << "runs on " << stringifyPipe(op_.getPipe())
                         << ", but a program runs it on " << ptotune::name(instr_.pipe);
      return failure();
    }
    return std::move(instr_);
  }

private:
  LogicalResult set(TileRef& ref, Value tile) {
    FailureOr<TileRef> made = tiles_.tile(tile);
    if (failed(made))
      return failure();
    ref = *made;
    return success();
  }

  void extent(const TileRef& tile) {
    instr_.shape.rows = tile.rows;
    instr_.shape.cols = tile.cols;
  }

  LogicalResult setView(Value window) {
    FailureOr<program::ViewRef> view = tiles_.view(window);
    if (failed(view))
      return failure();
    instr_.view = *view;
    instr_.shape.rows = view->rows;
    instr_.shape.cols = view->cols;
    instr_.shape.bytes = program::bytesOf(view->dtype);
    return success();
  }

  LogicalResult load(TLoadOp op) {
    instr_.shape.from = Memory::gm;
    instr_.shape.to = memoryOf(op.getDst());
    return failure(failed(setView(op.getSrc())) || failed(set(instr_.dst, op.getDst())));
  }

  LogicalResult store(TStoreOp op) {
    instr_.shape.from = memoryOf(op.getSrc());
    instr_.shape.to = Memory::gm;
    instr_.phase = phaseOf(op.getStPhase());
    return failure(failed(setView(op.getDst())) || failed(set(instr_.src[0], op.getSrc())));
  }

  LogicalResult toL0(Value from, Value to, program::ExprId row, program::ExprId col) {
    if (failed(set(instr_.src[0], from)) || failed(set(instr_.dst, to)))
      return failure();
    instr_.shape.op = Op::textract;
    instr_.shape.from = memoryOf(from);
    instr_.shape.to = memoryOf(to);
    instr_.shape.bytes = program::bytesOf(instr_.dst.dtype);
    instr_.row = row;
    instr_.col = col;
    extent(instr_.dst);
    return success();
  }

  LogicalResult extract(TExtractOp op) {
    const auto row = exprs_.of(op.getRow());
    const auto col = exprs_.of(op.getCol());
    if (failed(row) || failed(col))
      return failure();
    return toL0(op.getSrc(), op.getDst(), *row, *col);
  }

  // Within UB a copy; from L1 the extraction of the whole tile.
  LogicalResult move(TMovOp op) {
    if (memoryOf(op.getSrc()) == Memory::l1)
      return toL0(op.getSrc(), op.getDst(), exprs_.constant(0), exprs_.constant(0));
    return vector(op.getDst(), {op.getSrc()});
  }

  LogicalResult matmul(Value lhs, Value rhs, Value dst) {
    if (failed(set(instr_.src[0], lhs)) || failed(set(instr_.src[1], rhs)) ||
        failed(set(instr_.dst, dst)))
      return failure();
    extent(instr_.dst);
    instr_.shape.depth = instr_.src[0].cols;
    instr_.shape.bytes = program::bytesOf(instr_.src[0].dtype);
    return success();
  }

  LogicalResult vector(Value dst, ArrayRef<Value> sources, Value scratch = {}) {
    if (failed(set(instr_.dst, dst)) || (scratch && failed(set(instr_.scratch, scratch))))
      return failure();
    instr_.shape.bytes = program::bytesOf(instr_.dst.dtype);
    for (const auto [i, source] : llvm::enumerate(sources)) {
      if (failed(set(instr_.src[i], source)))
        return failure();
      instr_.shape.bytes = std::max(instr_.shape.bytes, program::bytesOf(instr_.src[i].dtype));
    }
    extent(instr_.dst);
    return success();
  }

  LogicalResult convert(TCvtOp op) {
    const std::optional<program::Rounding> rounding = roundingOf(op.getRmode());
    if (!rounding)
      return op.emitOpError() << "rounds as " << stringifyRoundMode(op.getRmode())
                              << ", which has no place in a program; expected a mode that rounds "
                                 "to the nearest";
    instr_.rounding = *rounding;
    return vector(op.getDst(), {op.getSrc()}, op.getTmp());
  }

  LogicalResult scalar(Value value) {
    FloatAttr number;
    if (!matchPattern(value, m_Constant(&number)))
      return op_->emitOpError() << "has a computed scalar; expected a constant";
    instr_.scalar = number.getValueAsDouble();
    return success();
  }

  PipeOpInterface op_;
  ProgramExprs& exprs_;
  ProgramTiles& tiles_;
  Instr instr_;
};

} // namespace

FailureOr<Instr> tileInstr(PipeOpInterface op, ProgramExprs& exprs, ProgramTiles& tiles) {
  return InstrMaker(op, exprs, tiles).make();
}

} // namespace ptotune::emit
