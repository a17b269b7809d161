#include "codegen/passes/sync/Accesses.h"

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/StringMap.h>
#include <llvm/ADT/StringSet.h>
#include <mlir/Dialect/Arith/IR/Arith.h>

namespace mlir::pto::sync {
namespace {

// (base + offset) % modulus; modulus 0 stands for a number without a known bound.
struct Residue {
  Value base;
  int64_t offset = 0;
  int64_t modulus = 0;
};

Residue residueOf(Value number) {
  auto rem = number.getDefiningOp<arith::RemUIOp>();
  const std::optional<int64_t> modulus = rem ? constantOf(rem.getRhs()) : std::nullopt;
  if (!modulus)
    return {number, 0, 0};
  if (auto add = rem.getLhs().getDefiningOp<arith::AddIOp>())
    if (const std::optional<int64_t> offset = constantOf(add.getRhs()))
      return {add.getLhs(), *offset % *modulus, *modulus};
  return {rem.getLhs(), 0, *modulus};
}

// Address, stride and tile of an allocation.
struct Storage {
  Operation* op;
  TileBufType tile;
  std::optional<StringRef> buffer;
  std::optional<int64_t> address;
  int64_t stride;
  int64_t copies;
};

std::optional<Storage> storage(Value root) {
  if (auto single = root.getDefiningOp<AllocTileOp>()) {
    const TileBufType tile = single.getType();
    const auto address = single.getAddress();
    const auto stride = single.getStride();
    return Storage{single, tile, single.getBuffer(), address, stride ? *stride : tile.getByteSize(),
                   1};
  }
  if (auto multi = root.getDefiningOp<AllocMultiTileOp>()) {
    const TileBufType tile = multi.getType().getTile();
    const auto address = multi.getAddress();
    const auto stride = multi.getStride();
    return Storage{multi,
                   tile,
                   multi.getBuffer(),
                   address,
                   stride ? *stride : tile.getByteSize(),
                   multi.getType().getCount()};
  }
  return std::nullopt;
}

ByteRange wholeRange(const Storage& s) {
  return {s.tile.getSpace(), *s.address,
          *s.address + s.stride * (s.copies - 1) + s.tile.getByteSize()};
}

Copy copyOf(Value tile) {
  for (Value value = tile; value;) {
    if (auto get = value.getDefiningOp<MultiTileGetOp>()) {
      if (const std::optional<int64_t> constant = constantOf(get.getIndex()))
        return {Value(), *constant};
      return {get.getIndex(), 0};
    }
    auto view = value.getDefiningOp<ViewLikeOpInterface>();
    value = view ? view.getViewSource() : Value();
  }
  return {};
}

// Narrows `range` to the rectangle of a subview, where that is known and contiguous enough to
// bound.
void narrow(ByteRange& range, SubviewOp subview) {
  const auto source = cast<TileBufType>(subview.getSource().getType());
  const std::optional<int64_t> row = constantOf(subview.getOffsets()[0]);
  const std::optional<int64_t> col = constantOf(subview.getOffsets()[1]);
  if (!row || !col || source.isBoxed())
    return;
  const bool byRows = source.getBLayout() == BLayout::row_major;
  const int64_t rows = subview.getSizes()[0];
  const int64_t cols = subview.getSizes()[1];
  const int64_t pitch = byRows ? source.getCols() : source.getRows();
  const int64_t first = byRows ? *row * pitch + *col : *col * pitch + *row;
  const int64_t last = byRows ? (*row + rows - 1) * pitch + *col + cols - 1
                              : (*col + cols - 1) * pitch + *row + rows - 1;
  const int64_t bytes = source.getElementBytes();
  range.end = range.begin + (last + 1) * bytes;
  range.begin += first * bytes;
}

// Buffers whose allocations lie in them with different distances from tile to tile: a copy of one
// may meet several of another.
llvm::StringSet<> unevenBuffers(func::FuncOp function) {
  struct Tiling {
    int64_t stride = 0;
    bool single = true; // so far every allocation has one tile
    bool even = true;
  };
  llvm::StringMap<Tiling> tilings;
  function.walk([&](Operation* op) {
    if (!isa<AllocTileOp, AllocMultiTileOp>(op))
      return;
    const std::optional<Storage> s = storage(op->getResult(0));
    if (!s->buffer)
      return;
    const auto [known, isNew] = tilings.try_emplace(*s->buffer, Tiling{s->stride});
    known->second.single &= s->copies == 1;
    known->second.even &= known->second.stride == s->stride;
  });
  llvm::StringSet<> uneven;
  for (const auto& tiling : tilings)
    if (!tiling.second.even && !tiling.second.single)
      uneven.insert(tiling.first());
  return uneven;
}

// Sorts accesses by buffer and copy. An uneven buffer is one copy.
class Collector {
public:
  explicit Collector(func::FuncOp function) : uneven_(unevenBuffers(function)) {}

  SmallVector<BufferAccesses> buffers;

  LogicalResult add(PipeOpInterface op, Value tile, bool reads, bool writes) {
    const std::optional<Storage> s = storage(storageOf(tile));
    if (!s || !s->address) {
      (void)byteRange(tile); // reports what is missing
      return failure();
    }
    BufferAccesses& buffer = bufferOf(*s);
    const Copy copy = s->buffer && uneven_.contains(*s->buffer) ? Copy{} : copyOf(tile);
    auto* entry = llvm::find_if(buffer.byCopy, [&](const auto& c) { return c.copy == copy; });
    if (entry == buffer.byCopy.end()) {
      buffer.byCopy.push_back({copy, {}});
      entry = std::prev(buffer.byCopy.end());
    }
    if (entry->accesses.empty() || entry->accesses.back().op != op)
      entry->accesses.push_back({op, op.getPipe(), false, false});
    entry->accesses.back().reads |= reads;
    entry->accesses.back().writes |= writes;
    return success();
  }

private:
  // Allocations that name one buffer are one buffer.
  BufferAccesses& bufferOf(const Storage& s) {
    auto [entry, isNew] = byAllocation_.try_emplace(s.op, buffers.size());
    if (!isNew)
      return buffers[entry->second];
    const ByteRange range = wholeRange(s);
    if (s.buffer) {
      const auto [named, isNewName] = byName_.try_emplace(*s.buffer, buffers.size());
      entry->second = named->second;
      if (!isNewName) {
        BufferAccesses& known = buffers[named->second];
        known.copies = uneven_.contains(*s.buffer) ? 1 : std::max(known.copies, s.copies);
        known.range.begin = std::min(known.range.begin, range.begin);
        known.range.end = std::max(known.range.end, range.end);
        return known;
      }
    }
    auto loc = s.op->getLoc()->findInstanceOf<NameLoc>();
    const std::string name = s.buffer ? s.buffer->str() : loc ? loc.getName().str() : "tile";
    const bool uneven = s.buffer && uneven_.contains(*s.buffer);
    buffers.push_back({name, uneven ? 1 : s.copies, range, {}});
    return buffers.back();
  }

  const llvm::StringSet<> uneven_;

  llvm::DenseMap<Operation*, size_t> byAllocation_; // number of its buffer
  llvm::StringMap<size_t> byName_;
};

} // namespace

bool mayAlias(const Copy& a, const Copy& b) {
  if (!a.computed && !b.computed)
    return a.constant == b.constant;
  if (a.computed == b.computed)
    return true;
  if (a.computed && b.computed) {
    const Residue x = residueOf(a.computed);
    const Residue y = residueOf(b.computed);
    const bool comparable = x.modulus != 0 && x.modulus == y.modulus && x.base == y.base;
    return !comparable || x.offset == y.offset;
  }
  const Residue computed = residueOf(a.computed ? a.computed : b.computed);
  const int64_t constant = a.computed ? b.constant : a.constant;
  return computed.modulus == 0 || constant < computed.modulus;
}

SmallVector<Pipe> BufferAccesses::pipes() const {
  SmallVector<Pipe> found;
  for (const CopyAccesses& copy : byCopy)
    for (const Access& access : copy.accesses)
      if (!llvm::is_contained(found, access.pipe))
        found.push_back(access.pipe);
  return found;
}

FailureOr<ByteRange> byteRange(Value tile) {
  SmallVector<Operation*> views; // from the tile to its allocation
  Value root = tile;
  while (auto view = root.getDefiningOp<ViewLikeOpInterface>()) {
    views.push_back(view);
    root = view.getViewSource();
  }
  const std::optional<Storage> s = storage(root);
  if (!s || !s->address) {
    emitError(tile.getLoc()) << "tile " << tile
                             << " has no planned address; expected pto-plan-memory to run first";
    return failure();
  }
  ByteRange range = wholeRange(*s);
  bool exact = s->copies == 1; // whether `range` is one tile
  for (Operation* view : llvm::reverse(views)) {
    if (auto get = dyn_cast<MultiTileGetOp>(view)) {
      if (const std::optional<int64_t> copy = constantOf(get.getIndex())) {
        range.begin = *s->address + *copy * s->stride;
        range.end = range.begin + s->tile.getByteSize();
        exact = true;
      }
    } else if (auto subview = dyn_cast<SubviewOp>(view); subview && exact) {
      narrow(range, subview);
    }
  }
  return range;
}

FailureOr<SmallVector<BufferAccesses>> collectAccesses(func::FuncOp function) {
  Collector collector(function);
  const WalkResult walked = function.walk<WalkOrder::PreOrder>([&](PipeOpInterface op) {
    for (const Value tile : op.getTilesRead())
      if (failed(collector.add(op, tile, true, false)))
        return WalkResult::interrupt();
    for (const Value tile : op.getTilesWritten())
      if (failed(collector.add(op, tile, false, true)))
        return WalkResult::interrupt();
    return WalkResult::advance();
  });
  if (walked.wasInterrupted())
    return failure();
  return std::move(collector.buffers);
}

} // namespace mlir::pto::sync
