// What the TPipe protocol makes of a schedule, proven from its event graph: whether it is live,
// whether anything is overwritten before it is read, whether the counters stay in range, and
// whether the same holds of longer loops (docs/protocol.md).
#pragma once

#include "space/Verdict.h"
#include "space/protocol/Schedule.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ptotune {

enum class ProtocolFault : std::uint8_t {
  none,
  hang,    // a cycle of events that wait for each other
  slot,    // a slot is stored to before the old tile has certainly been read
  ring,    // an entry of a local ring is written before the old one has certainly been read
  counter, // an FFTS counter can exceed its range
};

struct ProtocolResult {
  ProtocolFault fault = ProtocolFault::none;
  std::string summary;              // one sentence
  std::vector<std::string> witness; // a line each
  std::vector<Link> links;          // the same as a drawing
  std::int64_t operand = 0;         // counter: the value it can reach
  std::int32_t tiles = 0;           // of the schedule that it was found in
  // slot, ring: tile `writer` of this FIFO or ring may overwrite tile `reader`.
  std::string object;
  std::int64_t reader = 0;
  std::int64_t writer = 0;
};

struct ProtocolProof {
  // Everything that is wrong with the schedule: a hang alone (it leaves nothing to say about the
  // rest), or the first unsafe reuse of a slot, of a ring entry, and a counter out of range. Empty:
  // proven.
  std::vector<ProtocolResult> faults;
  // Whether the same holds of every loop that is longer by whole periods of the steady part: the
  // clocks recur (docs/protocol.md, "How far to unroll"), or the schedule hangs.
  bool longerToo = false;
};
ProtocolProof analyseAll(const Schedule& schedule, int counterMax);
// The first fault, or fault none.
ProtocolResult analyse(const Schedule& schedule, int counterMax);

} // namespace ptotune
