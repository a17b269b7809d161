// Synchronisation state of the virtual Ascend: event flags and FFTS counters, and the unit flag of
// an accumulator. State only; when things happen is the engine's business.
#pragma once

#include "runners/sim/Decisions.h"
#include "runners/sim/Ring.h"
#include "runners/sim/State.h"
#include "runners/sim/Time.h"

#include <cstdint>
#include <optional>

namespace ptotune::sim {

// One signal on its way to a flag, and who sent it.
struct Arrival {
  Tick time = 0;         // at the waiting side: sent, plus the latency of the flag
  std::int32_t core = 0; // 0 AIC, 1 and 2 its AIVs
  std::int32_t step = 0; // of that core's code
  std::int64_t tile = 0;

  void visit(StateVisitor auto& state) {
    state.discrete(core);
    state.discrete(step);
    state.linear(time, Role::time);
    state.linear(tile, Role::label);
  }
};

// A counting flag. Signals raise it when they arrive, a wait lowers it by one; it stands at the
// waiting side, so its value changes at arrival. A counter that would pass `max` is an error: an
// event flag has max 1, an FFTS flag the width of the hardware's counter.
//
// Signals come in the order of their arrival times, waits in the order of theirs, but a signal may
// become known before or after a wait that follows it in time. Signal k (from 0) overflows exactly
// when wait k-max happens after it: both calls compare the pair as soon as both are known. A wait
// at the very tick of an arrival comes first.
class Counter {
public:
  explicit Counter(std::int64_t max = 1) : max_(max) {}

  // True when signal number `taken()` is known.
  bool ready() const { return !pending_.empty(); }
  const Arrival& next() const { return pending_.front(); }
  std::int64_t taken() const { return taken_; }
  std::size_t outstanding() const { return pending_.size(); }
  const Arrival& at(std::size_t i) const { return pending_[i]; } // i < outstanding()
  std::int64_t max() const { return max_; }

  // Returns false when the signal finds the counter at its maximum.
  bool arrive(const Arrival& arrival, Decisions& decisions) {
    while (!waits_.empty() && !decisions.above(waits_.front() - arrival.time))
      waits_.pop();
    const std::int64_t index = taken_ + static_cast<std::int64_t>(pending_.size());
    const std::int64_t freedBy = index - max_; // the wait that must come first
    pending_.push(arrival);
    last_ = arrival.time;
    return freedBy < taken_ - static_cast<std::int64_t>(waits_.size()) || freedBy >= taken_;
  }

  // Takes the next signal at `at`, not before it arrived. Returns the signal that had found the
  // counter at its maximum until then, if there was one.
  std::optional<Arrival> take(Tick at, Decisions& decisions) {
    pending_.pop();
    ++taken_;
    if (decisions.above(at - last_))
      waits_.push(at);
    const auto filling = static_cast<std::size_t>(max_ - 1);
    if (pending_.size() > filling && decisions.above(at - pending_[filling].time))
      return pending_[filling];
    return std::nullopt;
  }

  void visit(StateVisitor auto& state) {
    state.linear(taken_, Role::owner);
    state.linear(last_, Role::time);
    state.discrete(static_cast<std::int64_t>(pending_.size()));
    for (std::size_t i = 0; i < pending_.size(); ++i)
      pending_[i].visit(state);
    state.discrete(static_cast<std::int64_t>(waits_.size()));
    for (std::size_t i = 0; i < waits_.size(); ++i)
      state.linear(waits_[i], Role::time);
  }

private:
  std::int64_t max_;
  std::int64_t taken_ = 0;
  Ring<Arrival> pending_; // known signals not yet taken
  Tick last_ = 0;         // arrival of the last signal
  // Times of the last waits that came after the last signal's arrival: the only ones that a signal
  // still to come may precede.
  Ring<Tick> waits_;
};

// The unit flag of one copy of an accumulator. The cube pipe opens a result with its first
// accumulating instruction and hands it over with the final one; the fixpipe gives the copy back
// when its final store is done.
struct Accumulator {
  std::int64_t finals = 0; // results handed over
  std::int64_t stores = 0; // results stored
  Arrival handedOver;      // the last final matmul, at its end
  Arrival stored;          // the last final store, at its end
  std::int64_t uses = 0;   // instructions that have looked at it

  bool free() const { return finals == stores; }

  void visit(StateVisitor auto& state) {
    state.discrete(finals - stores);
    state.linear(finals, Role::count);
    state.linear(stores, Role::count);
    state.linear(uses, Role::owner);
    handedOver.visit(state);
    stored.visit(state);
  }
};

} // namespace ptotune::sim
