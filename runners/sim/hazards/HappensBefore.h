// Vector clocks over the pipes of the three cores, advanced by the events of a run.
//
// Vocabulary
//   chain   a pipe of a core: what it executes has an order
//   stamp   an operation's chain and its number on it, from 1
//   clock   for every chain, the number of its last operation that has certainly finished
#pragma once

#include "runners/sim/Events.h"
#include "runners/sim/Ring.h"

#include <array>
#include <cstdint>
#include <map>
#include <vector>

namespace ptotune::sim {

struct Stamp {
  std::int32_t chain = -1;
  std::int32_t number = 0;
};

class HappensBefore {
public:
  HappensBefore();

  void on(const IssuedEvent& event);
  void on(const SignalEvent& event);
  void on(const TakenEvent& event);
  // An instruction that is no tile operation has finished.
  void passed(const Executed& what, bool barrier);

  // A tile operation starts: afterwards before() speaks of it. The stamp is its own.
  Stamp begin(const Executed& what);
  // Whether the operation with this stamp has certainly finished when the one begun last on
  // `chain` starts.
  bool before(const Stamp& earlier, std::int32_t chain) const {
    return clocks_[static_cast<std::size_t>(chain)][static_cast<std::size_t>(earlier.chain)] >=
           earlier.number;
  }
  // It ends.
  void end(const Stamp& stamp);

private:
  static constexpr std::size_t kChains = kCoreCount * kPipeCount;
  using Clock = std::array<std::int32_t, kChains>;

  // An instruction that was issued, and what the scalar unit knew then.
  struct Issue {
    std::int64_t sequence = 0;
    std::int32_t known = 0; // index into known_ of the core
  };

  static std::int32_t chainOf(int core, Pipe pipe) {
    return core * static_cast<std::int32_t>(kPipeCount) + static_cast<std::int32_t>(pipe);
  }
  Clock& clock(std::int32_t chain) { return clocks_[static_cast<std::size_t>(chain)]; }
  static void join(Clock& into, const Clock& from);
  // Brings what was known at issue to the pipe.
  void enter(const Executed& what);
  // Everything on the chain so far, as a flag carries it away.
  Clock sent(std::int32_t chain) const;
  void take(Clock& into, std::int64_t flag);

  std::array<Clock, kChains> clocks_{};
  std::array<std::int32_t, kChains> begun_{};        // operations on the chain
  std::array<std::vector<Clock>, kCoreCount> known_; // versions of the scalar unit's clock
  std::array<Ring<Issue>, kChains> issues_;
  std::map<std::int64_t, Ring<Clock>> flags_; // signals that nobody has taken, by flag
  std::map<std::int64_t, Clock> unitFlags_;   // the last signal
};

} // namespace ptotune::sim
