#include "codegen/passes/Passes.h"
#include "codegen/passes/sync/Tokens.h"
#include "codegen/passes/sync/VectorBarriers.h"

#include <llvm/ADT/DenseMap.h>
#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/IR/Builders.h>

#include <set>

namespace mlir::pto {
namespace {

using namespace sync;

// Different buffers over the same bytes would need a common token.
LogicalResult requireSeparateBytes(func::FuncOp function, ArrayRef<BufferAccesses> buffers) {
  for (size_t i = 0; i < buffers.size(); ++i)
    for (size_t j = i + 1; j < buffers.size(); ++j) {
      if (!buffers[i].range.overlaps(buffers[j].range))
        continue;
      SmallVector<Pipe> pipes = buffers[i].pipes();
      llvm::append_range(pipes, buffers[j].pipes());
      if (llvm::all_equal(pipes))
        continue;
      return function.emitOpError()
             << "has buffers '" << buffers[i].name << "' and '" << buffers[j].name
             << "' over the same bytes, used by several pipes; expected bytes of their own";
    }
  return success();
}

// Writes the flags of tokens into the IR.
class FlagWriter {
public:
  explicit FlagWriter(func::FuncOp function) : b_(function.getContext()), function_(function) {}

  int sets = 0;
  int waits = 0;

  void write(const Token& token) {
    for (const Use& use : token.uses) {
      writeUse(token, use);
      // Behind the flags of the use, so that a loop's token is taken back before it goes on.
      for (const CarriedLoop& loop : use.loops)
        writeLoop(token, use.copy, loop);
    }
  }

  // Tokens that return are at home when the function begins, and taken back when it ends.
  void writeHome(ArrayRef<Token> tokens) {
    Operation* first = nullptr;
    Operation* last = nullptr;
    for (const Token& token : tokens)
      for (const Use& use : token.uses) {
        Block& body = function_.getBody().front();
        Operation* op = body.findAncestorOpInBlock(*use.phases.front().first);
        Operation* end = body.findAncestorOpInBlock(*use.phases.back().last);
        first = !first || op->isBeforeInBlock(first) ? op : first;
        last = !last || last->isBeforeInBlock(end) ? end : last;
      }
    if (!first || llvm::none_of(tokens, [](const Token& token) { return token.returns; }))
      return;
    // Flags of uses in the function's own body stand outside of the operations.
    b_.setInsertionPoint(beforeFlags(first));
    b_.create<StageOp>(b_.getUnknownLoc(), "copies free");
    for (const Token& token : tokens)
      forEachCopy(token, [&](const Copy& copy) { set(token, token.home(), copy); });
    b_.setInsertionPointAfter(behindFlags(last));
    b_.create<StageOp>(b_.getUnknownLoc(), "copies back");
    for (const Token& token : tokens)
      forEachCopy(token, [&](const Copy& copy) { wait(token, token.home(), copy); });
  }

private:
  void writeUse(const Token& token, const Use& use) {
    const Pipe firstPipe = use.phases.front().pipe;
    const Pipe lastPipe = use.phases.back().pipe;
    writePhases(token, use.copy, use.phases);
    if (!token.returns)
      return;
    // The token arrives on `begin` and leaves from `end`, whatever the pipes of this use.
    b_.setInsertionPoint(use.phases.front().first);
    wait(token, token.home(), use.copy);
    set(token, {token.begin, firstPipe}, use.copy);
    wait(token, {token.begin, firstPipe}, use.copy);
    b_.setInsertionPointAfter(use.phases.back().last);
    set(token, {lastPipe, token.end}, use.copy);
    wait(token, {lastPipe, token.end}, use.copy);
    set(token, token.home(), use.copy);
  }

  void writeLoop(const Token& token, const Copy& copy, const CarriedLoop& carried) {
    const PipePair round = {carried.phases.back().pipe, carried.phases.front().pipe};
    writePhases(token, copy, carried.phases);
    b_.setInsertionPoint(carried.phases.front().first);
    wait(token, round, copy);
    b_.setInsertionPointAfter(carried.phases.back().last);
    set(token, round, copy);
    b_.setInsertionPoint(carried.loop);
    set(token, round, copy);
    b_.setInsertionPointAfter(carried.loop);
    wait(token, round, copy);
  }

  void writePhases(const Token& token, const Copy& copy, ArrayRef<Phase> phases) {
    for (size_t i = 1; i < phases.size(); ++i) {
      const PipePair pair = {phases[i - 1].pipe, phases[i].pipe};
      b_.setInsertionPointAfter(phases[i - 1].last);
      set(token, pair, copy);
      b_.setInsertionPoint(phases[i].first);
      wait(token, pair, copy);
    }
  }

  template <typename Visit> void forEachCopy(const Token& token, Visit&& visit) {
    if (token.returns)
      for (int64_t copy = 0; copy < token.copies; ++copy)
        visit(Copy{Value(), copy});
  }

  // A pipe is in order with itself.
  void set(const Token& token, const PipePair& pair, const Copy& copy) {
    if (pair.source == pair.target)
      return;
    flag<SetFlagOp, SetFlagDynOp>(token, pair, copy);
    ++sets;
  }

  void wait(const Token& token, const PipePair& pair, const Copy& copy) {
    if (pair.source == pair.target)
      return;
    flag<WaitFlagOp, WaitFlagDynOp>(token, pair, copy);
    ++waits;
  }

  template <typename FlagOp, typename FlagDynOp>
  void flag(const Token& token, const PipePair& pair, const Copy& copy) {
    const Location loc = b_.getUnknownLoc();
    const int64_t firstId = token.firstId.at(pair);
    // Copies that share ids: 0 where each has its own.
    const int64_t shared = token.shares ? token.copies : 0;
    if (copy.computed)
      b_.create<FlagDynOp>(loc, pair.source, pair.target, eventOf(copy.computed, shared, firstId));
    else
      b_.create<FlagOp>(
          loc, pair.source, pair.target,
          static_cast<Event>(firstId + (shared == 0 ? copy.constant : copy.constant % shared)));
  }

  // The copy's number, modulo `shared` where copies share ids, plus the token's first id; computed
  // once behind the number.
  Value eventOf(Value number, int64_t shared, int64_t firstId) {
    if (firstId == 0 && shared == 0)
      return number;
    Value& event = events_[{number, {shared, firstId}}];
    if (event)
      return event;
    const OpBuilder::InsertionGuard guard(b_);
    b_.setInsertionPointAfterValue(number);
    const Location loc = b_.getUnknownLoc();
    event = number;
    if (shared != 0)
      event = b_.create<arith::RemUIOp>(loc, event, b_.create<arith::ConstantIndexOp>(loc, shared));
    if (firstId != 0)
      event = b_.create<arith::AddIOp>(loc, event, b_.create<arith::ConstantIndexOp>(loc, firstId));
    return event;
  }

  static bool isFlag(Operation* op) {
    return op && isa<SetFlagOp, WaitFlagOp, SetFlagDynOp, WaitFlagDynOp>(op);
  }
  static Operation* beforeFlags(Operation* op) {
    while (isFlag(op->getPrevNode()))
      op = op->getPrevNode();
    return op;
  }
  static Operation* behindFlags(Operation* op) {
    while (isFlag(op->getNextNode()))
      op = op->getNextNode();
    return op;
  }

  OpBuilder b_;
  func::FuncOp function_;
  llvm::DenseMap<std::pair<Value, std::pair<int64_t, int64_t>>, Value> events_;
};

LogicalResult insertFlags(func::FuncOp function, const ptotune::SocProfile& soc, SyncStats& stats) {
  const FailureOr<SmallVector<BufferAccesses>> buffers = collectAccesses(function);
  if (failed(buffers) || failed(requireSeparateBytes(function, *buffers)))
    return failure();
  FailureOr<SmallVector<Token>> tokens = makeTokens(function, *buffers);
  if (failed(tokens))
    return failure();
  joinTokens(*tokens);
  if (failed(allocateEvents(function, *tokens, soc)))
    return failure();
  FlagWriter writer(function);
  for (const Token& token : *tokens)
    writer.write(token);
  writer.writeHome(*tokens);
  stats.setFlags += writer.sets;
  stats.waitFlags += writer.waits;
  for (const Token& token : *tokens)
    stats.eventIds += static_cast<int>(token.copies * token.firstId.size());
  return success();
}

} // namespace

LogicalResult insertSync(ModuleOp module, const ptotune::SocProfile& soc, SyncStats* stats) {
  SyncStats own;
  SyncStats& counts = stats ? *stats : own;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!kernelKind(function))
      continue;
    if (failed(insertFlags(function, soc, counts)))
      return failure();
    const FailureOr<int> barriers = insertVectorBarriers(function);
    if (failed(barriers))
      return failure();
    counts.vectorBarriers += *barriers;
  }
  return success();
}

} // namespace mlir::pto
