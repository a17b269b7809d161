// Finds out that a run repeats itself, and goes to the end of the repetition at once.
//
// A run is a program walk in which times meet only in maxima (Engine.h). Let a and b be two states
// with the same discrete numbers (State.h), and x the vector of their linear ones.
//
//   shifted     All times of b are those of a plus one shift, but for times that nothing has read
//               between them. Then the machine does behind b what it did behind a, later by the
//               shift: so often as the loops around have iterations left for it.
//   steady      Three states a, b, c follow one another with the same instructions between them,
//               the same decisions, and x(c) - x(b) = x(b) - x(a). With the decisions fixed, the
//               way from one state to the next is x -> M x + v where each row of M selects one
//               number. So M maps the difference to itself, and x grows by the same difference
//               as long as the decisions stay. Their margins grow linearly, too: the number of
//               repetitions until the first would come out otherwise is known. So parts of the
//               machine that drift against each other, until a ring is full or empty, are passed in
//               one step. A stall is a margin; its total grows by an arithmetic series.
//
// Loops nest: a repetition of an inner loop is part of what repeats in the loop around. For the
// outer loop it counts as so many decisions: its number of repetitions and its differences have to
// be the same, and the margins of its last repetition are compared as those of its first are.
// Between them margins are linear, so these two bound them.
//
// A result is the same as without, number for number. In a shifted repetition the labels in texts
// of failures are not checked: a run that does not finish is run again with steady ones only.
#pragma once

#include "runners/sim/Decisions.h"
#include "runners/sim/Events.h"
#include "runners/sim/State.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace ptotune::sim {

struct Machine;

enum class Repeats : std::uint8_t { steadyOnly, shiftedToo };

class Repetition {
public:
  Repetition(Machine& machine, Decisions& decisions, Repeats repeats)
      : machine_(machine), decisions_(decisions), repeats_(repeats) {}

  // Between two steps of the engine: takes note of the state, or skips repetitions of it.
  void look();

  std::int64_t skipped() const { return skipped_; } // instructions
  bool shifted() const { return shifted_; }         // whether a shifted repetition was skipped

private:
  struct Snapshot {
    std::uint64_t hash = 0;
    std::vector<std::int64_t> discrete;
    std::vector<std::int64_t> linear;
    std::vector<Tick> stalls;
    std::size_t margins = 0; // decisions made before
    std::size_t skips = 0;
    std::int64_t instructions = 0;
    std::array<std::int64_t, kCoreCount> left{};     // ScalarUnit::left()
    std::array<std::int64_t, kCoreCount> variable{}; // of the loop at the level, where there is one
  };
  // States at the beginning of iterations of one loop, since it was entered.
  struct Level {
    std::pair<std::int32_t, std::int64_t> at{-1, 0}; // the loop and its variable
    std::vector<Snapshot> states;                    // the first `count` are in use
    std::size_t count = 0;
  };

  class Recorder;
  class Shifter;

  void lookAt(std::size_t level);
  void record(std::size_t level, Snapshot& out);
  bool trySkip(std::size_t level, const Snapshot& b, const Snapshot& c, const Snapshot* a);
  std::int64_t tripsLeft(std::size_t level, const Snapshot& b, const Snapshot& c) const;
  bool isShifted(const Snapshot& b, const Snapshot& c) const;
  std::int64_t steadyFor(const Snapshot& a, const Snapshot& b, const Snapshot& c) const;
  void skip(std::size_t level, const Snapshot& b, const Snapshot& c, const Snapshot* a,
            std::int64_t times);
  void forgetFrom(std::size_t level);

  Machine& machine_;
  Decisions& decisions_;
  Repeats repeats_;
  std::vector<Level> levels_; // by depth of the loop, outermost first
  std::vector<Role> roles_;   // of the linear numbers of the state recorded last
  std::int64_t skipped_ = 0;
  bool shifted_ = false;
};

} // namespace ptotune::sim
