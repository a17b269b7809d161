#include "codegen/passes/sync/VectorBarriers.h"

#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/DenseSet.h>
#include <mlir/IR/Builders.h>

namespace mlir::pto::sync {
namespace {

struct Footprint {
  SmallVector<ByteRange, 4> reads;
  SmallVector<ByteRange, 2> writes;
};

bool anyOverlap(ArrayRef<ByteRange> a, ArrayRef<ByteRange> b) {
  for (const ByteRange& x : a)
    for (const ByteRange& y : b)
      if (x.overlaps(y))
        return true;
  return false;
}

// Operations of the vector pipe that may still be under way.
using Pending = llvm::SetVector<Operation*>;

class Placer {
public:
  // Looks up what every vector operation of the function touches.
  LogicalResult prepare(func::FuncOp function) {
    const WalkResult walked = function.walk([&](PipeOpInterface op) {
      if (op.getPipe() != Pipe::v || !op.getTileOp())
        return WalkResult::advance();
      Footprint& footprint = footprints_[op];
      for (const Value tile : op.getTilesRead())
        if (failed(add(tile, footprint.reads)))
          return WalkResult::interrupt();
      for (const Value tile : op.getTilesWritten())
        if (failed(add(tile, footprint.writes)))
          return WalkResult::interrupt();
      return WalkResult::advance();
    });
    return failure(walked.wasInterrupted());
  }

  // Decides on barriers in a block that is entered with `pending` under way; what is under way at
  // its end replaces it. A decision stays, so that going round loops comes to an end.
  void visit(Block& block, Pending& pending) {
    for (Operation& op : block) {
      if (const auto footprint = footprints_.find(&op); footprint != footprints_.end()) {
        if (barriers_.contains(&op) || dependsOnAny(footprint->second, pending)) {
          barriers_.insert(&op);
          pending.clear();
        }
        pending.insert(&op);
      } else if (auto barrier = dyn_cast<BarrierOp>(op)) {
        if (barrier.getPipe() == Pipe::v || barrier.getPipe() == Pipe::all)
          pending.clear();
      }
      for (Region& region : op.getRegions())
        for (Block& body : region)
          visitLoop(body, pending);
    }
  }

  const llvm::DenseSet<Operation*>& barriers() const { return barriers_; }

private:
  LogicalResult add(Value tile, SmallVectorImpl<ByteRange>& ranges) {
    const FailureOr<ByteRange> range = byteRange(tile);
    if (succeeded(range))
      ranges.push_back(*range);
    return range;
  }

  bool dependsOnAny(const Footprint& footprint, const Pending& pending) const {
    return llvm::any_of(pending, [&](Operation* op) {
      const Footprint& earlier = footprints_.find(op)->second;
      return anyOverlap(footprint.reads, earlier.writes) ||
             anyOverlap(footprint.writes, earlier.reads) ||
             anyOverlap(footprint.writes, earlier.writes);
    });
  }

  // A body that runs any number of times, also none.
  void visitLoop(Block& body, Pending& pending) {
    while (true) {
      Pending round = pending;
      visit(body, round);
      const size_t before = pending.size();
      pending.insert(round.begin(), round.end());
      if (pending.size() == before)
        return;
    }
  }

  llvm::DenseMap<Operation*, Footprint> footprints_;
  llvm::DenseSet<Operation*> barriers_;
};

} // namespace

FailureOr<int> insertVectorBarriers(func::FuncOp function) {
  Placer placer;
  if (failed(placer.prepare(function)))
    return failure();
  Pending pending;
  placer.visit(function.getBody().front(), pending);
  for (Operation* op : placer.barriers())
    OpBuilder(op).create<BarrierOp>(op->getLoc(), Pipe::v);
  return static_cast<int>(placer.barriers().size());
}

} // namespace mlir::pto::sync
