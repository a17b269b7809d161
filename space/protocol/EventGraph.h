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

#include "space/protocol/Schedule.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace ptotune {

// Goes through the graph in an order of its arcs, without storing them: on one core every arc leads
// forward in program order, so each core is followed until it waits for a signal of the other one.
// Where neither can go on, there is a cycle, or a wait without a signal.
class EventGraph {
public:
  using Id = std::int32_t; // of an event: the cube's in program order, then the vector's

  struct Flags {
    std::vector<Id> pushes, pops;    // in program order
    std::vector<Id> credits, allocs; // frees that signal, TALLOCs that wait
  };

  // The accesses to a FIFO or a local ring, in program order.
  struct Accesses {
    std::vector<Id> lastRead; // by tile; -1: none
    std::vector<Id> writes;
  };

  // A signal by its flag and number.
  struct Signal {
    const std::vector<Id>& given; // what gives it, in order
    std::size_t number = 0;

    std::optional<Id> giver() const {
      return number < given.size() ? std::optional(given[number]) : std::nullopt;
    }
  };

  // `schedule` outlives the graph.
  explicit EventGraph(const Schedule& schedule);

  // Fills the clocks of all that is executed; false where a core stands.
  bool run();

  const Schedule& schedule() const { return schedule_; }
  const Event& event(Id id) const {
    const Id vector = firstOf(Core::vector);
    return id < vector ? order(Core::cube)[static_cast<std::size_t>(id)]
                       : order(Core::vector)[static_cast<std::size_t>(id - vector)];
  }
  const std::vector<Flags>& flags() const { return flags_; }    // by FIFO
  const std::vector<Accesses>& slots() const { return slots_; } // by FIFO
  const std::vector<Accesses>& rings() const { return rings_; } // by ring

  // After a run that stands: where the cores do, and the signal that they wait for, if they do.
  bool isHeld(Core core) const {
    return next_[static_cast<std::size_t>(core)] < order(core).size();
  }
  const Event& held(Core core) const { return order(core)[next_[static_cast<std::size_t>(core)]]; }
  std::optional<Signal> awaited(const Event& e) const;

  // After one that does not: whether a certainly comes before b.
  bool precedes(Id a, Id b) const {
    return clocks_[static_cast<std::size_t>(b)][chain(a)] >=
           clocks_[static_cast<std::size_t>(a)][chain(a)];
  }
  // Whether around the end of the steady part all clocks are those of a period before, shifted.
  bool recurs() const;

private:
  static constexpr std::size_t kChains = 2 * kPipeCount;
  using Clock = std::array<std::int32_t, kChains>;

  static std::size_t chainOf(Core core, Pipe pipe) {
    return static_cast<std::size_t>(core) * kPipeCount + static_cast<std::size_t>(pipe);
  }
  static void join(Clock& clock, const Clock& earlier) {
    for (std::size_t c = 0; c < kChains; ++c)
      clock[c] = std::max(clock[c], earlier[c]);
  }

  const std::vector<Event>& order(Core core) const {
    return schedule_.order[static_cast<std::size_t>(core)];
  }
  Id firstOf(Core core) const {
    return core == Core::cube ? 0 : static_cast<Id>(order(Core::cube).size());
  }
  const Flags& flagsOf(const Event& e) const { return flags_[static_cast<std::size_t>(e.object)]; }
  std::size_t chain(Id id) const { return chainOf(event(id).core, event(id).pipe); }

  void list(const Event& e, Id id);
  bool take(const Event& e, Clock& clock);
  bool advance(Core core);
  void execute(const Event& e, Id id);
  bool isDone(Id id) const { return clocks_[static_cast<std::size_t>(id)][chain(id)] > 0; }

  const Schedule& schedule_;
  std::vector<Flags> flags_;
  std::vector<Accesses> slots_, rings_;
  // The last element of each chain that certainly precedes an event, itself among them; its own
  // chain's is its position there, from 1.
  std::vector<Clock> clocks_;
  std::array<std::size_t, 2> next_{};       // by core: what is issued next
  std::array<Clock, 2> scalar_{};           // of the scalar unit
  std::array<Id, kChains> last_{};          // executed on each chain; -1: none
  std::vector<std::size_t> popped_, taken_; // by FIFO: signals that were waited for
};

} // namespace ptotune
