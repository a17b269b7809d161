// The whole state of a run: three cores with their units, and the FFTS flags between them. Plain
// data; the engine moves it on, the witness of a hang reads it.
#pragma once

#include "runners/sim/Code.h"
#include "runners/sim/Delays.h"
#include "runners/sim/Events.h"
#include "runners/sim/Fifo.h"
#include "runners/sim/Flags.h"
#include "runners/sim/Ring.h"
#include "runners/sim/ScalarUnit.h"
#include "runners/sim/State.h"
#include "runners/sim/Time.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ptotune::sim {

// An instruction on its way through a pipe's queue, with what was read at issue.
struct Entry {
  Tick issued = 0;
  std::int32_t step = 0;
  std::int32_t operand = 0; // event flag or accumulator, as a state index
  std::int64_t tile = 0;
  std::int64_t sequence = 0;

  void visit(StateVisitor auto& state) {
    state.discrete(step);
    state.discrete(operand);
    state.linear(issued, Role::time);
    state.linear(tile, Role::label);
    state.linear(sequence, Role::count);
  }
};

// What a unit stands at: a flag that nobody has set as far as the run is known.
enum class WaitFor : std::uint8_t { nothing, eventFlag, unitFull, unitFree, ffts };
struct Wait {
  WaitFor what = WaitFor::nothing;
  std::int32_t index = 0; // event flag or accumulator of the core; FFTS flag

  void visit(StateVisitor auto& state) {
    state.discrete(static_cast<std::int64_t>(what));
    state.discrete(index);
  }
};

struct Tally {
  std::int64_t instructions = 0;
  Tick busy = 0;
  std::array<Tick, kStallReasonCount> stalls{};
  Tick first = -1; // start of the first work; -1: none so far
};

// One in-order pipe. The queue is empty unless its front stands at a flag.
struct PipeState {
  Tick free = 0; // when everything executed so far is done
  Ring<Entry> queue;
  Wait wait; // of the queue's front
  Tally tally;

  void visit(StateVisitor auto& state) {
    state.linear(tally.instructions, Role::owner);
    state.linear(free, Role::time);
    state.linear(tally.busy, Role::count);
    for (Tick& stall : tally.stalls)
      state.stall(stall);
    state.discrete(static_cast<std::int64_t>(queue.size()));
    for (std::size_t i = 0; i < queue.size(); ++i)
      queue[i].visit(state);
    if (!queue.empty())
      wait.visit(state);
  }
};

struct CoreState {
  int index = 0;
  const CoreCode* code = nullptr;
  const Tick* costs = nullptr; // by step
  ScalarUnit scalar;
  Tick now = 0;        // of the scalar unit
  bool issued = false; // the instruction at hand has paid its issue
  Wait wait;           // of the instruction at hand
  std::int64_t sequence = 0;
  unsigned standing = 0; // pipes whose queue's front stands at a flag, as bits
  unsigned awake = 0;    // those of them whose flag has come
  std::array<PipeState, kPipeCount> pipes;
  std::vector<Counter> events; // by pair * eventIds + id
  std::vector<Accumulator> accumulators;
  std::vector<FifoEnd> fifos;

  // `level` as in ScalarUnit; `shapes` are those of the FIFOs.
  void visit(StateVisitor auto& state, std::size_t level, std::span<const FifoCode> shapes) {
    scalar.visit(state, level);
    state.discrete(issued ? 1 : 0);
    wait.visit(state);
    state.discrete(standing);
    state.discrete(awake);
    state.linear(sequence, Role::owner);
    state.linear(now, Role::time);
    for (PipeState& unit : pipes)
      unit.visit(state);
    for (Counter& event : events)
      event.visit(state);
    for (Accumulator& accumulator : accumulators)
      accumulator.visit(state);
    for (std::size_t i = 0; i < fifos.size(); ++i)
      fifos[i].visit(state, shapes[i].shape,
                     shapes[i].producer == (index == 0 ? Core::cube : Core::vector));
  }

  PipeState& pipe(Pipe p) { return pipes[static_cast<std::size_t>(p)]; }
  const PipeState& pipe(Pipe p) const { return pipes[static_cast<std::size_t>(p)]; }
};

// FFTS flags between the cores. A signal of the AIC raises a counter on each AIV; on the AIC one
// counter rises when both AIVs have signalled, at the later of the two.
class CrossCore {
public:
  CrossCore() = default;
  CrossCore(std::size_t flags, std::int64_t counterMax) : sent_(flags), ahead_(flags) {
    for (auto& side : counters_)
      side.assign(flags, Counter(counterMax));
  }

  Counter& counter(int core, std::int32_t flag) {
    return counters_[static_cast<std::size_t>(core)][static_cast<std::size_t>(flag)];
  }
  const Counter& counter(int core, std::int32_t flag) const {
    return counters_[static_cast<std::size_t>(core)][static_cast<std::size_t>(flag)];
  }
  std::size_t flags() const { return sent_.size(); }
  // Signals that `core` has sent to this flag.
  std::int64_t sent(int core, std::int32_t flag) const {
    return sent_[static_cast<std::size_t>(flag)][static_cast<std::size_t>(core)];
  }
  // True when one AIV has signalled more often than the other.
  bool unmatched(std::int32_t flag) const {
    return !ahead_[static_cast<std::size_t>(flag)].empty();
  }

  void visit(StateVisitor auto& state, std::int32_t flag) {
    const auto f = static_cast<std::size_t>(flag);
    state.discrete(sent_[f][1] - sent_[f][2]);
    state.linear(sent_[f][0], Role::count);
    state.linear(sent_[f][1], Role::owner);
    state.linear(sent_[f][2], Role::owner);
    state.discrete(static_cast<std::int64_t>(ahead_[f].size()));
    for (std::size_t i = 0; i < ahead_[f].size(); ++i)
      ahead_[f][i].visit(state);
    for (auto& side : counters_)
      side[f].visit(state);
  }

  // Returns the core whose counter the signal overflows, or -1.
  int signal(const Arrival& arrival, std::int32_t flag, Decisions& decisions) {
    const auto f = static_cast<std::size_t>(flag);
    const std::int64_t order = sent_[f][static_cast<std::size_t>(arrival.core)]++;
    if (arrival.core == 0) {
      int full = -1;
      for (int aiv = kCoreCount - 1; aiv > 0; --aiv)
        if (!counter(aiv, flag).arrive(arrival, decisions))
          full = aiv;
      return full;
    }
    // The other AIV's signal of the same number waits in `ahead`, or this one goes there.
    if (order >= sent_[f][static_cast<std::size_t>(kCoreCount - arrival.core)]) {
      ahead_[f].push(arrival);
      return -1;
    }
    const Arrival other = ahead_[f].front();
    ahead_[f].pop();
    const Arrival& later = decisions.above(other.time - arrival.time) ? other : arrival;
    return counter(0, flag).arrive(later, decisions) ? -1 : 0;
  }

private:
  std::array<std::vector<Counter>, kCoreCount> counters_;
  std::vector<std::array<std::int64_t, kCoreCount>> sent_;
  std::vector<Ring<Arrival>> ahead_;
};

struct Machine {
  const Code* code = nullptr;
  const LateStarts* late = nullptr; // null: nothing is delayed
  std::array<CoreState, kCoreCount> cores;
  CrossCore cross;

  // Everything that the rest of the run depends on. On each core the loop variable at `level` of
  // the loops around it is taken modulo its loop's period.
  void visit(StateVisitor auto& state, std::size_t level) {
    for (CoreState& core : cores)
      core.visit(state, level, code->fifos);
    for (const FifoCode& fifo : code->fifos)
      for (const std::int32_t flag : {fifo.readyFlag, fifo.freeFlag})
        cross.visit(state, flag);
  }
};

// For a machine none of whose units can go on: who waits for whom, a line each, until the cycle
// closes or the chain ends at a flag that nobody is left to set.
std::vector<std::string> explainHang(const Machine& machine);

// Signals that a finished or hanging run left behind, a line each: more of them than the flag can
// hold (`overflows`), or flags that are still set.
std::vector<std::string> explainLeftovers(const Machine& machine, bool overflows);

// "FFTS flag 1 (free slot of qk)"; `flag` as in Wait.
std::string flagText(const Machine& machine, int core, const Wait& wait);

} // namespace ptotune::sim
