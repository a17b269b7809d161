#include "codegen/passes/pipes/SlotCount.h"

#include <llvm/ADT/MapVector.h>
#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/SCF/IR/SCF.h>
#include <mlir/IR/Builders.h>

namespace mlir::pto::pipes {
namespace {

// A sum of values times constants, plus a constant.
class Sum {
public:
  void add(int64_t number) { constant_ += number; }
  void add(Value value, int64_t factor) {
    if (const std::optional<int64_t> number = constantOf(value))
      constant_ += *number * factor;
    else
      terms_[value] += factor;
  }
  void add(const Sum& other, int64_t factor) {
    constant_ += other.constant_ * factor;
    for (const auto& [value, times] : other.terms_)
      terms_[value] += times * factor;
  }
  std::optional<int64_t> constant() const {
    for (const auto& [value, times] : terms_)
      if (times != 0)
        return std::nullopt;
    return constant_;
  }

  // Operations that compute the sum, at the builder's place. What is added comes first.
  Value make(OpBuilder& b, Location loc) const {
    Value result;
    for (const auto& [value, times] : terms_)
      if (times > 0)
        result = plus(b, loc, result, scaled(b, loc, value, times));
    if (constant_ > 0 || !result)
      result = plus(b, loc, result,
                    b.create<arith::ConstantIndexOp>(loc, std::max<int64_t>(constant_, 0)));
    for (const auto& [value, times] : terms_)
      if (times < 0)
        result = b.create<arith::SubIOp>(loc, result, scaled(b, loc, value, -times));
    if (constant_ < 0)
      result =
          b.create<arith::SubIOp>(loc, result, b.create<arith::ConstantIndexOp>(loc, -constant_));
    return result;
  }

private:
  static Value plus(OpBuilder& b, Location loc, Value lhs, Value rhs) {
    return lhs ? b.create<arith::AddIOp>(loc, lhs, rhs).getResult() : rhs;
  }
  static Value scaled(OpBuilder& b, Location loc, Value value, int64_t times) {
    if (times == 1)
      return value;
    return b.create<arith::MulIOp>(loc, value, b.create<arith::ConstantIndexOp>(loc, times));
  }

  llvm::MapVector<Value, int64_t> terms_;
  int64_t constant_ = 0;
};

class Counter {
public:
  explicit Counter(FifoOpInterface pop) : pop_(pop) {}

  // Slots taken from behind `opened` to `at`.
  FailureOr<Sum> before(Operation* at, Operation* opened) {
    Block* block = at->getBlock();
    const bool outermost = block == opened->getBlock();
    Sum sum;
    if (!outermost) {
      auto loop = dyn_cast<scf::ForOp>(block->getParentOp());
      if (!loop)
        return uncounted(block->getParentOp());
      const FailureOr<Sum> outside = before(loop, opened);
      const FailureOr<int64_t> each = perTrip(loop);
      if (failed(outside) || failed(each))
        return failure();
      sum.add(loop.getInductionVar(), *each);
      sum.add(*outside, 1);
      sum.add(loop.getLowerBound(), -*each);
    }
    Operation* first = outermost ? opened->getNextNode() : &block->front();
    for (Operation* op = first; op != at; op = op->getNextNode())
      if (failed(addOf(op, sum)))
        return failure();
    return sum;
  }

private:
  // A pop of the same FIFO that takes a slot.
  bool takesSlot(Operation* op) {
    auto other = dyn_cast<FifoOpInterface>(op);
    return other && other.getAction() == FifoAction::tpop && other.opensSlot() &&
           other.getFifoId() == pop_.getFifoId() && other.getFifoHandle() == pop_.getFifoHandle();
  }

  LogicalResult addOf(Operation* op, Sum& sum) {
    if (takesSlot(op))
      sum.add(1);
    if (op->getNumRegions() == 0 || !op->walk([&](Operation* inner) {
                                         return takesSlot(inner) ? WalkResult::interrupt()
                                                                 : WalkResult::advance();
                                       }).wasInterrupted())
      return success();
    auto loop = dyn_cast<scf::ForOp>(op);
    if (!loop)
      return uncounted(op);
    const FailureOr<int64_t> each = perTrip(loop);
    if (failed(each))
      return failure();
    // Loops of a kernel never count down, so that this is the number of trips.
    sum.add(loop.getUpperBound(), *each);
    sum.add(loop.getLowerBound(), -*each);
    return success();
  }

  FailureOr<int64_t> perTrip(scf::ForOp loop) {
    if (constantOf(loop.getStep()) != 1)
      return uncounted(loop);
    Sum sum;
    for (Operation& op : *loop.getBody())
      if (failed(addOf(&op, sum)))
        return failure();
    if (const std::optional<int64_t> count = sum.constant())
      return *count;
    return uncounted(loop);
  }

  LogicalResult uncounted(Operation* where) {
    InFlightDiagnostic diagnostic =
        pop_->emitOpError() << "pops a tile whose slot cannot be counted; expected loops of step 1 "
                               "that take equally many slots in every trip";
    diagnostic.attachNote(where->getLoc()) << "in this operation";
    return diagnostic;
  }

  FifoOpInterface pop_;
};

} // namespace

FailureOr<Value> slotNumber(FifoOpInterface pop, Operation* opened) {
  FailureOr<Sum> sum = Counter(pop).before(pop, opened);
  if (failed(sum))
    return failure();
  // A tile of the slot at hand: that slot is counted already.
  if (!pop.opensSlot())
    sum->add(-1);
  OpBuilder b(pop);
  return sum->make(b, b.getUnknownLoc());
}

} // namespace mlir::pto::pipes
