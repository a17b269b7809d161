// The event graph of a schedule under the TPipe protocol: one arc per ordering that hardware and
// library really enforce, and nothing else.
//
// Vocabulary
//   event    an operation of the schedule; it is issued, then executed
//   issue    the scalar unit of a core issues in program order; a blocking event holds it back
//   chain    what executes in a total order: the scalar unit or one pipe of one core
//   credit   a free signal of the consumer that lets the producer reuse slots
//   clock    for an event, the last event of every chain that certainly precedes it
//
// Both vector cores run one program, a cube-to-vector signal reaches both, and a vector-to-cube
// signal counts once both have given it. So one vector chain stands for the two: every path through
// it exists on either core.
#pragma once

#include "space/Schedule.h"
#include "space/Verdict.h"

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
