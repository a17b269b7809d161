// The hazard checker: runs a program in timing fidelity and proves, without data, that every read
// sees the bytes that were written for it, whatever the delays.
//
// What orders two operations (and nothing else does)
//   - a pipe executes in order what was issued to it; operations of PIPE_V may overlap and are
//     ordered by a barrier or a flag between them
//   - an operation follows every TPOP, TALLOC and closing of a TPipe that was issued before it
//   - a wait follows the set that it takes, and with it everything before the set on its pipe:
//     event flags, FFTS flags (of both AIVs where the AIC waits), unit flags
// The k-th wait of a flag takes its k-th signal in every run, so one run decides for all delays.
//
// Who owns bytes
//   - bytes of a FIFO slot belong to the tile for which the producer has stored them
//   - bytes of a buffer belong to the tile of the stage that has written them, unless they were
//     first written outside all tiles: then they are running state, and every tile may read them
//   - bytes that an instruction used as scratch belong to nobody
#pragma once

#include "runners/sim/Simulator.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ptotune::sim {

enum class HazardKind : std::uint8_t {
  unwritten,          // a read of bytes that nobody has written
  wrongTile,          // a read of bytes that surely hold another tile's data
  unorderedRead,      // a read that may come before the write of what it reads
  unorderedOverwrite, // a write that may come before the last access to what it overwrites
  misuse,             // outside of a buffer, slot or tensor; an entry that is not in hand
};
std::string_view name(HazardKind kind); // "unordered read", ...

struct Hazard {
  HazardKind kind = HazardKind::unwritten;
  // `first` must come before `second` and need not. unwritten and misuse have only `second`;
  // wrongTile: `first` wrote over what `second` should have read, or left what `second` reads.
  Executed first;
  Executed second;
  // The tile that each worked for: of the FIFO where `fifo` is set, else of its stage. kUndefined
  // where there is none.
  std::int64_t firstTile = 0;
  std::int64_t secondTile = 0;

  std::string object;     // buffer, FIFO or tensor
  bool fifo = false;      // `object` is a FIFO
  std::int64_t place = 0; // copy of the buffer, slot of the FIFO
  std::int64_t begin = 0; // bytes [begin, end) of its memory or its ring
  std::int64_t end = 0;
  std::vector<std::string> text; // a summary, then a line for each operation

  bool hasFirst() const { return kind != HazardKind::unwritten && kind != HazardKind::misuse; }
};

struct HazardOptions {
  std::size_t limit = 100; // hazards that are reported
  SimOptions run;
};

struct HazardReport {
  SimResult run;
  // In the order in which the run meets them. Pairs of operations of the same cores that are at
  // odds over the same place for the same tiles are one; it names the first pair and all their
  // bytes.
  std::vector<Hazard> hazards;
  std::int64_t found = 0;      // pairs of operations at odds
  std::int64_t operations = 0; // checked

  bool clean() const { return run.outcome == Outcome::finished && found == 0; }
  std::string text() const; // outcome and hazards, several lines
  // Adds those of the launch behind this one; the run stays.
  void append(HazardReport next);
};

// Of all launches. The run is the first one's, with what became of the others.
HazardReport findHazards(const program::Program& program, const SocProfile& soc,
                         const Problem& problem, const HazardOptions& options = {});

// A delay assignment under which the second operation of a hazard comes before the first: the first
// one starts later than the rest needs. Empty where the run as it is shows the hazard.
Delays exposing(const HazardReport& report, const Hazard& hazard);

} // namespace ptotune::sim
