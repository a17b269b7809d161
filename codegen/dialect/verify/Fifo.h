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
  bool unitFlag = false;
  Value slotTensor; // the view whose type entries have; null where tiles are transferred

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

} // namespace mlir::pto
