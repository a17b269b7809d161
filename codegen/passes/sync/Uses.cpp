#include "codegen/passes/sync/Uses.h"

namespace mlir::pto::sync {
namespace {

// Accesses under one operation of a block: the operation itself, or a loop around them.
struct Item {
  Operation* op;
  ArrayRef<Access> accesses;

  bool direct() const { return accesses.front().op == op; }
  Block* body() const { return &op->getRegion(0).front(); }
};

class UseFinder {
public:
  explicit UseFinder(const Copy& copy) : copy_(copy) {}

  LogicalResult find(Block* block, ArrayRef<Access> accesses) {
    const FailureOr<SmallVector<Item>> items = split(block, accesses);
    if (failed(items))
      return failure();
    Use current{copy_, {}, {}};
    for (size_t i = 0; i < items->size(); ++i) {
      const Item& item = (*items)[i];
      if (!item.direct() && selfContained(*items, i)) {
        close(current);
        if (failed(find(item.body(), item.accesses)))
          return failure();
        continue;
      }
      const bool starts = item.direct() && item.accesses.front().replaces();
      if (starts && !current.phases.empty() &&
          current.phases.back().pipe != item.accesses.front().pipe)
        close(current);
      if (failed(append(current.phases, current.loops, item)))
        return failure();
    }
    close(current);
    return success();
  }

  SmallVector<Use> uses;

private:
  FailureOr<SmallVector<Item>> split(Block* block, ArrayRef<Access> accesses) {
    SmallVector<Item> items;
    for (size_t begin = 0; begin < accesses.size();) {
      Operation* op = block->findAncestorOpInBlock(*accesses[begin].op);
      size_t end = begin + 1;
      while (end < accesses.size() && op->isProperAncestor(accesses[end].op))
        ++end;
      items.push_back({op, accesses.slice(begin, end - begin)});
      if (!items.back().direct() && (op->getNumRegions() != 1 || !op->getRegion(0).hasOneBlock())) {
        op->emitOpError() << "uses tiles in several blocks; expected loops with one block";
        return failure();
      }
      begin = end;
    }
    return items;
  }

  // Whether the item uses what was in the copy before it. A loop may run no trip, so that what
  // follows it in a body decides as well.
  static bool needsContent(const Item& item) {
    if (item.direct())
      return !item.accesses.front().replaces();
    Block* body = item.body();
    for (size_t begin = 0; begin < item.accesses.size();) {
      Operation* op = body->findAncestorOpInBlock(*item.accesses[begin].op);
      size_t end = begin + 1;
      while (end < item.accesses.size() && op->isProperAncestor(item.accesses[end].op))
        ++end;
      const Item inner{op, item.accesses.slice(begin, end - begin)};
      if (needsContent(inner))
        return true;
      if (inner.direct())
        return false;
      begin = end;
    }
    return false;
  }

  // Whether content that item `i` leaves is used after it, next trips of the block included.
  static bool contentSurvives(ArrayRef<Item> items, size_t i) {
    for (size_t step = 1; step <= items.size(); ++step) {
      const Item& next = items[(i + step) % items.size()];
      if (needsContent(next))
        return true;
      if (next.direct())
        return false;
    }
    return false;
  }

  static bool selfContained(ArrayRef<Item> items, size_t i) {
    return !needsContent(items[i]) && !contentSurvives(items, i);
  }

  void close(Use& current) {
    if (!current.phases.empty())
      uses.push_back(std::move(current));
    current = Use{copy_, {}, {}};
  }

  // Adds the item to the phases: to the last one where its pipe is the same.
  LogicalResult append(SmallVectorImpl<Phase>& phases, SmallVectorImpl<CarriedLoop>& loops,
                       const Item& item) {
    Phase phase{item.accesses.front().pipe, item.op, item.op, false, false};
    bool onePipe = true;
    for (const Access& access : item.accesses) {
      phase.reads |= access.reads;
      phase.writes |= access.writes;
      onePipe &= access.pipe == phase.pipe;
    }
    if (!onePipe) {
      CarriedLoop carried{item.op, {}};
      const FailureOr<SmallVector<Item>> inner = split(item.body(), item.accesses);
      if (failed(inner))
        return failure();
      for (const Item& part : *inner)
        if (failed(append(carried.phases, loops, part)))
          return failure();
      phase.pipe = carried.phases.front().pipe;
      loops.push_back(std::move(carried));
    }
    if (!phases.empty() && phases.back().pipe == phase.pipe) {
      phases.back().last = phase.last;
      phases.back().reads |= phase.reads;
      phases.back().writes |= phase.writes;
    } else {
      phases.push_back(phase);
    }
    return success();
  }

  Copy copy_;
};

// The last operation of the use's block that belongs to it.
Operation* lastOf(const Use& use) {
  return use.phases.back().last;
}
Operation* firstOf(const Use& use) {
  return use.phases.front().first;
}

// Whether two uses overlap in program order. Their blocks may be nested.
bool interleaved(const Use& a, const Use& b) {
  const auto inside = [](const Use& outer, const Use& inner) {
    Operation* op = outer.block()->findAncestorOpInBlock(*firstOf(inner));
    Operation* last = outer.block()->findAncestorOpInBlock(*lastOf(inner));
    return op && !last->isBeforeInBlock(firstOf(outer)) && !lastOf(outer)->isBeforeInBlock(op);
  };
  return inside(a, b) || inside(b, a);
}

} // namespace

FailureOr<SmallVector<Use>> findUses(func::FuncOp function, const CopyAccesses& accesses) {
  UseFinder finder(accesses.copy);
  if (failed(finder.find(&function.getBody().front(), accesses.accesses)))
    return failure();
  return std::move(finder.uses);
}

LogicalResult requireDisjoint(StringRef buffer, ArrayRef<Use> uses) {
  for (size_t i = 0; i < uses.size(); ++i)
    for (size_t j = i + 1; j < uses.size(); ++j) {
      if (uses[i].copy == uses[j].copy || !mayAlias(uses[i].copy, uses[j].copy) ||
          !interleaved(uses[i], uses[j]))
        continue;
      InFlightDiagnostic diagnostic = firstOf(uses[j])->emitOpError()
                                      << "uses a copy of buffer '" << buffer
                                      << "' that may still be in use; expected copies that differ";
      diagnostic.attachNote(firstOf(uses[i])->getLoc()) << "the other use begins here";
      return diagnostic;
    }
  return success();
}

bool oneAtATime(ArrayRef<Use> uses) {
  for (size_t i = 0; i < uses.size(); ++i)
    for (size_t j = i + 1; j < uses.size(); ++j)
      if (interleaved(uses[i], uses[j]))
        return false;
  return true;
}

} // namespace mlir::pto::sync
