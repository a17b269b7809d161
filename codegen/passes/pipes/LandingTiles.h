// Where popped tiles land: the consumer's ring of LocalSlotNum tiles in UB or L1. TPipe gives every
// tile of a slot the same place, slot number % LocalSlotNum.
#pragma once

#include "codegen/dialect/PtoDialect.h"
#include "space/Soc.h"

#include <map>

namespace mlir::pto::pipes {

// What one end of a FIFO says of the tiles that it pops.
struct LandingSite {
  Operation* opened; // the operation that opens the FIFO
  Value buffer;      // its landing buffer; null where there is none
  int64_t slotSize;
  int64_t localSlots;
};

class LandingTiles {
public:
  explicit LandingTiles(const ptotune::SocProfile& soc) : soc_(soc) {}

  // The tile that `pop` fills, in front of it. Allocates the ring on first use, beside the
  // reservation of its buffer.
  FailureOr<Value> tile(FifoOpInterface pop, const LandingSite& site);

private:
  FailureOr<Value> ring(FifoOpInterface pop, const LandingSite& site, TileBufType type);

  const ptotune::SocProfile& soc_;
  llvm::DenseMap<std::pair<Operation*, Type>, Value> rings_; // by opening operation and tile
};

} // namespace mlir::pto::pipes
