// The ends of FIFOs as the verifiers see them: one description for both forms of initialisation.
#pragma once

#include "codegen/dialect/PtoDialect.h"

namespace mlir::pto {

// dir_mask: which way entries travel.
inline constexpr int64_t kCubeToVector = 1;
inline constexpr int64_t kVectorToCube = 2;

// One end of a FIFO, as aic_initialize_pipe, aiv_initialize_pipe or initialize_l2g2l_pipe gives it.
struct FifoEnd {
  Operation* op = nullptr;
  std::optional<int64_t> id; // frontend form
  std::optional<KernelKind> kind;
  int64_t dirMask = 0;
  int64_t slotSize = 0; // bytes of a whole slot, both vector halves
  std::optional<int64_t> slotNum;
  std::optional<int64_t> localSlotNum;
  std::optional<bool> nosplit;
  std::optional<int64_t> consumerSyncPeriod;
  bool unitFlag = false;
  Value slotTensor; // the view whose type entries have; null where tiles are transferred
  // Landing buffers of the consumers: this core's own, or the other core's as this one knows it.
  Value toVectorLanding;
  Value toCubeLanding;

  // The landing buffer for this direction; null where tiles are not popped.
  Value landing(int64_t direction) const {
    return direction == kCubeToVector ? toVectorLanding : toCubeLanding;
  }

  // FFTS flags that it takes: ready and free, for either direction.
  int64_t flags() const { return dirMask == (kCubeToVector | kVectorToCube) ? 4 : 2; }
  // The depth of the ring where slot_num is left out.
  int64_t depth() const { return slotNum.value_or(flags() == 4 ? 4 : 8); }
};

// Nothing for other operations. `op` is verified.
std::optional<FifoEnd> fifoEndOf(Operation* op);

// The ends that stand before `op` in the blocks around it, from the start of the function to `op`
// itself. Operations behind `op` are not verified yet. In a loop's body a FIFO is opened anew every
// trip.
llvm::SmallVector<FifoEnd, 4> fifoEndsUpTo(Operation* op);

// The ends of the function before `op` and `op` itself, in whatever block, in the order of the
// text.
llvm::SmallVector<FifoEnd, 4> fifoEndsOfFunctionUpTo(Operation* op);

// Both work on one FIFO: the same id, or the same handle. Either may be unverified.
bool sameFifo(Operation* first, Operation* second);

// The end that a transfer works on; nothing where it is not known.
std::optional<FifoEnd> fifoEndOf(FifoOpInterface transfer);

// The direction of a transfer: kCubeToVector or kVectorToCube. 0 in the handle form of a two-way
// FIFO outside a kernel function.
int64_t directionOf(FifoOpInterface transfer);

// Rules of tiles that fill or read a slot part by part. Verifiers of a transfer call them in this
// order; each reports on the operation itself.

// Offset and order of parts are said of tiles alone, and the offset is aligned.
LogicalResult verifyPartKeys(FifoOpInterface transfer);
// The tile lies inside the slot, and what is popped has a landing buffer.
LogicalResult verifyTilePlace(FifoOpInterface transfer, const FifoEnd& end);
// The parts of one slot follow each other in a block: the first takes the slot, the last gives it
// away, and those that fill it neither overlap nor leave a gap.
LogicalResult verifySlotParts(FifoOpInterface transfer);

} // namespace mlir::pto
