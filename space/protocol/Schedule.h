// A kernel's schedule as the protocol sees it: for every core, in program order, the operations
// that touch a ring in global memory or a local ring. The event graph is built from it.
#pragma once

#include "space/Op.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace ptotune {

enum class EventKind : std::uint8_t {
  alloc, // TALLOC: may block the scalar unit for a free credit
  store, // a store into the slot
  push,  // TPUSH: signals data ready
  pop,   // TPOP: blocks the scalar unit for data ready
  load,  // a load from the slot
  free,  // TFREE: may signal a free credit
  write, // writes an entry of a local ring
  read,  // reads an entry of a local ring
  close, // ~TPipe: the producer takes the credits that are left
};

struct Event {
  Core core = Core::cube;
  Pipe pipe = Pipe::s; // that executes it; S blocks the scalar unit
  EventKind kind = EventKind::alloc;
  std::int32_t object = 0; // index into fifos, or rings for write and read
  std::int32_t tile = 0;
  const char* stage = ""; // "QK", "P", "PV", "GU"
  // Operations of the same core whose result this one needs, as indices into the core's order.
  std::array<std::int32_t, 2> needs = {-1, -1};
};

// A ring in global memory under the TPipe protocol (pto-isa include/pto/npu/a2a3, facts:
// TAlloc.hpp, TPush.hpp, TPop.hpp, TFree.hpp at 3186c381).
struct Fifo {
  const char* name = "";
  Core producer = Core::cube;
  std::int32_t slots = 0;
  std::int32_t syncPeriod = 0;

  // The producer waits for a credit before it takes the slot of tile i.
  bool allocWaits(std::int32_t i) const { return i >= slots && i % syncPeriod == 0; }
  // The consumer gives a credit when it frees tile j.
  bool freeSignals(std::int32_t j) const { return (j + 1) % syncPeriod == 0; }
  // First tile index at which the producer waits.
  std::int32_t firstWait() const { return (slots + syncPeriod - 1) / syncPeriod * syncPeriod; }
};

// A ring in a core's own memory; the entry of tile t is t % depth.
struct LocalRing {
  const char* name = "";
  std::int32_t depth = 0;
};

// The part of a key loop whose iterations repeat. Those that lie `period` apart have the same
// events and, from iteration `regular` on, the same arcs.
struct SteadyLoop {
  // By Core: where each iteration begins in program order, and where the last one ends.
  std::array<std::vector<std::int32_t>, 2> begins;
  std::int32_t period = 1;
  std::int32_t regular = 0;
  std::int32_t back = 0;  // how many iterations an arc or a reuse reaches back at most
  std::int32_t ahead = 0; // and ahead
};

struct Schedule {
  std::vector<Fifo> fifos;
  std::vector<LocalRing> rings;
  std::array<std::vector<Event>, 2> order; // by Core; both vector cores run the same one
  std::int32_t tiles = 0;
  SteadyLoop loop; // empty where nothing is to be said of longer loops
};

// "TALLOC QK tile 3"
std::string text(const Schedule& schedule, const Event& event);

} // namespace ptotune
