// Moves a Machine on in time.
//
// The engine evaluates instructions one after the other instead of keeping a queue of future
// events. That gives exactly the times of an event-driven run, because nothing in the machine is
// decided by who comes first:
//   - each pipe is in order, and a duration is known at issue, so an instruction starts at the
//     maximum of its issue time, the end of the pipe's previous one and the arrival of its flag;
//   - every flag has one sender in order (a pipe of one core; both AIVs joined number by number)
//     and one waiter in order, so wait number k takes signal number k whatever the order in which
//     the two are evaluated.
// Every time is therefore a fixed expression, of maxima and sums, over times of earlier
// instructions, and any order of evaluation that follows those dependences computes the same
// numbers. A unit whose flag is not known yet is left standing and taken up again when it is; cores
// meet only in FFTS flags and are advanced in turn, each until it stands or has come round a loop.
// When none of them moves, the run has ended or hangs.
#pragma once

#include "runners/sim/Decisions.h"
#include "runners/sim/Machine.h"
#include "runners/sim/Repetition.h"
#include "runners/sim/Simulator.h"

#include <optional>
#include <string>

namespace ptotune::sim {

class Engine {
public:
  // With `repeats`, what repeats is not run again but extrapolated, exactly; a listener would not
  // hear of it.
  Engine(Machine& machine, Listener* listener, std::optional<Repeats> repeats = std::nullopt)
      : machine_(machine), code_(*machine.code), listener_(listener),
        decisions_(repeats.has_value()) {
    if (repeats)
      repetition_.emplace(machine_, decisions_, *repeats);
  }

  struct Failure {
    Outcome outcome;
    std::string text;
  };

  // Runs until no unit can go on. Returns what stopped the run before, if anything did.
  std::optional<Failure> run();
  // What was extrapolated; null when nothing might be.
  const Repetition* repetition() const { return repetition_ ? &*repetition_ : nullptr; }

private:
  bool advance(CoreState& core);
  bool perform(CoreState& core, const Step& step);
  void issue(CoreState& core, const Step& step);
  bool enqueue(CoreState& core, const Step& step, std::int32_t operand);
  bool enqueueSelected(CoreState& core, const Step& step);
  bool acquire(CoreState& core, const Step& step, StallReason reason);
  bool performFifo(CoreState& core, const Step& step);
  bool drain(CoreState& core, const Step& step, FifoEnd& end, const FifoShape& shape);

  bool execute(CoreState& core, const Entry& entry);
  bool waitEvent(CoreState& core, PipeState& pipe, const Entry& entry);
  void work(CoreState& core, PipeState& pipe, const Entry& entry, const Wait& flag,
            const Arrival* by);
  bool multiply(CoreState& core, PipeState& pipe, const Entry& entry, const Step& step);
  bool store(CoreState& core, PipeState& pipe, const Entry& entry, const Step& step);
  void send(CoreState& core, PipeState& pipe, const Entry& entry, const Step& step);
  Tick come(CoreState& core, PipeState& pipe, const Entry& entry);
  void settle(CoreState& core);
  void wake(CoreState& core, WaitFor what, std::int32_t index);
  void handOver(CoreState& core, const Entry& entry, WaitFor flag, Arrival& at, Tick time);

  void stall(const CoreState& core, PipeState& pipe, const Entry& entry, StallReason reason,
             Tick from, Tick to);
  void overflow(int core, const Wait& flag, const Arrival& arrival);
  void fail(Outcome outcome, std::string text);
  std::string hereText(const CoreState& core) const; // the instruction at hand
  Entry current(const CoreState& core) const;
  Executed executed(const CoreState& core, const Entry& entry) const;
  FlagName flagName(const CoreState& core, const Wait& flag) const;
  void tellFifo(const CoreState& core, const Step& step, std::int64_t index);
  void tellTaken(const CoreState& core, const Entry& entry, const Wait& flag, Tick at,
                 const Arrival& by);

  Machine& machine_;
  const Code& code_;
  Listener* listener_;
  Decisions decisions_;
  std::optional<Repetition> repetition_;
  std::optional<Failure> failure_;
};

} // namespace ptotune::sim
