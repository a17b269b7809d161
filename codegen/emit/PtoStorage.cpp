#include "codegen/emit/PtoStorage.h"

#include "codegen/dialect/PtoDialect.h"

#include <llvm/ADT/MapVector.h>
#include <llvm/ADT/SetVector.h>
#include <llvm/ADT/StringMap.h>
#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/IR/Builders.h>

#include <utility>

namespace ptotune::emit {

using namespace mlir;
using namespace mlir::pto;

namespace {

// A copy of an allocation, as one block names it: by a constant, or by a computed value. Null and
// 0: the only one.
using CopyName = std::pair<Value, int64_t>;

CopyName copyOf(Value tile) {
  while (auto view = tile.getDefiningOp<ViewLikeOpInterface>()) {
    if (auto get = dyn_cast<MultiTileGetOp>(view.getOperation())) {
      const auto constant = constantOf(get.getIndex());
      return constant ? CopyName(Value(), *constant) : CopyName(get.getIndex(), 0);
    }
    tile = view.getViewSource();
  }
  return {};
}

// A tile operation's use of a copy of an allocation.
struct Event {
  Operation* op = nullptr;
  Operation* allocation = nullptr;
  CopyName copy;
  bool replaces = false; // writes it and does not read it
};

// Uses of one allocation in one block, one content after the other.
struct Run {
  Operation* allocation = nullptr;
  llvm::SetVector<CopyName> copies; // in the order of their first use
  SmallVector<Operation*> ops;

  // The names take turns over `most` copies where they are used one after the other; otherwise each
  // has one of its own.
  int64_t turns(int64_t most) const {
    const auto names = static_cast<int64_t>(copies.size());
    if (names <= most)
      return names;
    llvm::SmallVector<int64_t> holder(most, -1); // the name whose content a copy holds
    for (Operation* op : ops)
      for (const Value operand : op->getOperands()) {
        const Value storage = isa<TileBufType>(operand.getType()) ? storageOf(operand) : Value();
        if (!storage || storage.getDefiningOp() != allocation)
          continue;
        const int64_t name = llvm::find(copies, copyOf(operand)) - copies.begin();
        int64_t& held = holder[name % most];
        if (name < held)
          return names;
        held = name;
      }
    return most;
  }
};

StringRef bufferOf(Operation* op) {
  if (auto single = dyn_cast<AllocTileOp>(op))
    return single.getBuffer().value_or("");
  if (auto multi = dyn_cast<AllocMultiTileOp>(op))
    return multi.getBuffer().value_or("");
  return "";
}

class Splitter {
public:
  explicit Splitter(func::FuncOp function) : function_(function) {}

  void split() {
    collect();
    for (auto& [block, events] : events_)
      for (auto& [group, inBlock] : events)
        for (const Run& run : runsOf(inBlock))
          materialize(run);
    for (Operation* op : llvm::reverse(views_))
      if (op->use_empty())
        op->erase();
    for (Operation* allocation : shared_)
      if (allocation->use_empty())
        allocation->erase();
  }

private:
  using ByGroup = llvm::MapVector<size_t, SmallVector<Event>>;

  static bool hasComputedCopies(Operation* allocation) {
    return llvm::any_of(allocation->getUsers(), [](Operation* user) {
      auto get = dyn_cast<MultiTileGetOp>(user);
      return get && !get.getConstantIndex();
    });
  }

  // Allocations that share a buffer or whose copies are computed, the uses of those that may be
  // split, and all views of tiles.
  void collect() {
    llvm::StringMap<SmallVector<Operation*>> byBuffer;
    function_.walk([&](Operation* op) {
      if (const StringRef buffer = bufferOf(op); !buffer.empty())
        byBuffer[buffer].push_back(op);
      if (isa<ViewLikeOpInterface>(op))
        views_.push_back(op);
    });
    function_.walk([&](Operation* op) {
      if (!isa<AllocTileOp, AllocMultiTileOp>(op))
        return;
      const auto sharers = byBuffer.find(bufferOf(op));
      const bool shared = sharers != byBuffer.end() && sharers->second.size() > 1;
      if (!shared && !hasComputedCopies(op))
        return;
      Operation* leader = shared ? sharers->second.front() : op;
      shared_.insert(op);
      groups_[op] = leader == op ? groups_.size() : groups_.at(leader);
    });
    llvm::SmallPtrSet<Operation*, 8> carried;
    function_.walk([&](PipeOpInterface op) { addEvents(op, carried); });
    for (auto& [block, events] : events_)
      for (auto& [group, inBlock] : events)
        llvm::erase_if(inBlock, [&](const Event& e) { return carried.contains(e.allocation); });
  }

  void addEvents(PipeOpInterface op, llvm::SmallPtrSetImpl<Operation*>& carried) {
    const auto reads = op.getTilesRead();
    llvm::DenseSet<std::pair<Operation*, CopyName>> seen;
    for (const Value operand : op->getOperands()) {
      Operation* allocation =
          isa<TileBufType>(operand.getType()) ? storageOf(operand).getDefiningOp() : nullptr;
      if (!allocation || !shared_.contains(allocation))
        continue;
      const CopyName copy = copyOf(operand);
      if (!seen.insert({allocation, copy}).second)
        continue;
      const bool isRead = llvm::any_of(reads, [&](Value tile) {
        return storageOf(tile).getDefiningOp() == allocation && copyOf(tile) == copy;
      });
      SmallVector<Event>& events = events_[op->getBlock()][groups_.at(allocation)];
      const bool first = llvm::none_of(
          events, [&](const Event& e) { return e.allocation == allocation && e.copy == copy; });
      if (first && isRead)
        carried.insert(allocation);
      events.push_back({op, allocation, copy, !isRead});
    }
  }

  static SmallVector<Run> runsOf(ArrayRef<Event> events) {
    SmallVector<Run> runs;
    llvm::DenseMap<Operation*, size_t> current; // run of an allocation
    Operation* last = nullptr;
    for (const Event& event : events) {
      const auto known = current.find(event.allocation);
      if (known == current.end() || (event.replaces && last != event.allocation)) {
        current[event.allocation] = runs.size();
        runs.push_back({event.allocation, {}, {}});
      }
      Run& run = runs[current[event.allocation]];
      run.copies.insert(event.copy);
      run.ops.push_back(event.op);
      last = event.allocation;
    }
    return runs;
  }

  // Makes the run's allocation before its first operation and moves its uses there. Within a run
  // every copy is written before it is read, so that constants can number the copies it takes.
  static void materialize(const Run& run) {
    OpBuilder b(run.ops.front());
    auto multi = dyn_cast<AllocMultiTileOp>(run.allocation);
    const TileBufType tile =
        multi ? multi.getType().getTile() : cast<AllocTileOp>(run.allocation).getType();
    const int64_t count = run.turns(multi ? multi.getType().getCount() : 1);
    Value storage;
    if (count == 1)
      storage = b.create<AllocTileOp>(run.allocation->getLoc(), tile);
    else
      storage =
          b.create<AllocMultiTileOp>(run.allocation->getLoc(), MultiTileBufType::get(tile, count));
    llvm::DenseMap<Value, Value> moved;
    for (Operation* op : run.ops)
      for (OpOperand& operand : op->getOpOperands())
        if (isa<TileBufType>(operand.get().getType()) &&
            storageOf(operand.get()).getDefiningOp() == run.allocation)
          operand.set(move(operand.get(), storage, run, count, op, moved));
  }

  // The tile over `storage`; its views are made again before `op`.
  static Value move(Value tile, Value storage, const Run& run, int64_t count, Operation* op,
                    llvm::DenseMap<Value, Value>& moved) {
    auto view = tile.getDefiningOp<ViewLikeOpInterface>();
    if (!view || (isa<MultiTileGetOp>(view.getOperation()) && count == 1))
      return storage;
    Value& result = moved[tile];
    if (result)
      return result;
    OpBuilder b(op);
    if (auto get = dyn_cast<MultiTileGetOp>(view.getOperation())) {
      const int64_t number = (llvm::find(run.copies, copyOf(tile)) - run.copies.begin()) % count;
      const Value index = b.create<arith::ConstantIndexOp>(get.getLoc(), number);
      return result = b.create<MultiTileGetOp>(get.getLoc(), storage, index);
    }
    const Value source = move(view.getViewSource(), storage, run, count, op, moved);
    Operation* again = b.clone(*view.getOperation());
    again->replaceUsesOfWith(view.getViewSource(), source);
    return moved[tile] = again->getResult(0);
  }

  func::FuncOp function_;
  llvm::SetVector<Operation*> shared_;
  llvm::DenseMap<Operation*, size_t> groups_; // allocations that share a buffer have one
  llvm::MapVector<Block*, ByGroup> events_;
  SmallVector<Operation*> views_;
};

} // namespace

void splitSharedStorage(func::FuncOp function) {
  Splitter(function).split();
}

} // namespace ptotune::emit
