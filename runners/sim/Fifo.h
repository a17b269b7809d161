// The protocol state of one end of a TPipe. Rules: pto-isa include/pto/npu/a2a3/TPush.hpp,
// TAlloc.hpp, TPop.hpp and TFree.hpp (3186c381), the form that works on slots in global memory.
#pragma once

#include "runners/sim/State.h"

#include <algorithm>
#include <cstdint>

namespace ptotune::sim {

// What the protocol depends on: S slots, one free credit for every P tiles.
struct FifoShape {
  std::int64_t slots = 1;
  std::int64_t syncPeriod = 1; // as the producer counts
  std::int64_t freePeriod = 1; // as the consumer counts; only faulty builds differ
};

struct FifoEnd {
  bool open = false;
  std::int64_t tile = 0;    // next tile index: to allocate at the producer, to pop at the consumer
  std::int64_t done = 0;    // tiles pushed at the producer, freed at the consumer
  std::int64_t credits = 0; // free credits that the producer has waited for

  // Producer: whether TALLOC of the next tile waits for a free credit.
  bool allocWaits(const FifoShape& fifo) const {
    return tile >= fifo.slots && tile % fifo.syncPeriod == 0;
  }
  // Consumer: whether TFREE of the tile popped last gives a free credit.
  bool freeSignals(const FifoShape& fifo) const { return tile % fifo.freePeriod == 0; }
  // Producer: credits that the consumer gives for `tile` tiles and that nobody has waited for.
  std::int64_t creditsLeft(const FifoShape& fifo) const { return tile / fifo.syncPeriod - credits; }

  // The protocol reads a tile's index modulo the sync period, once the ring has gone around. Only
  // the producer counts credits.
  void visit(StateVisitor auto& state, const FifoShape& fifo, bool produces) {
    state.discrete(open ? 1 : 0);
    if (!open)
      return;
    state.discrete(std::min(tile, fifo.slots));
    state.discrete(tile % (produces ? fifo.syncPeriod : fifo.freePeriod));
    state.discrete(tile - done);
    state.discrete(produces ? creditsLeft(fifo) : 0);
    state.linear(tile, Role::count);
    state.linear(done, Role::count);
    state.linear(credits, Role::count);
  }
};

} // namespace ptotune::sim
