// What a run did, kept for those who draw it: traces, Gantt charts, the parts of its time.
//
// Vocabulary
//   issue   one instruction on the scalar unit, with what it works on; numbered by
//   Executed::sequence work    a pipe at work on one instruction stall   a unit that could have
//   worked and waited flow    a signal and the wait that took it
#pragma once

#include "codegen/program/Program.h"
#include "runners/sim/Events.h"
#include "runners/sim/Ring.h"
#include "space/Soc.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace ptotune::sim {

struct Issue {
  Executed what;
  Tick start = 0; // its issue slot on the scalar unit
  Tick end = 0;
  std::int64_t block = kUndefined; // of the loop "block"; kUndefined outside of it
  std::int64_t copy = 0;           // of the buffer that it works on
  std::int64_t entry = kUndefined; // FIFO's tile index: of its slot, of TALLOC to TFREE
};

struct Work {
  Executed what;
  Tick start = 0;
  Tick end = 0;
};

struct Flow {
  FlagName flag;
  Executed from;
  Executed to;
  Tick sent = 0;
  Tick taken = 0;
};

class Recording : public Listener {
public:
  // `program` must outlive the object.
  Recording(const program::Program& program, const SocProfile& soc);

  void on(const IssuedEvent& event) override;
  void on(const FinishedEvent& event) override;
  void on(const StallEvent& event) override { stalls_.push_back(event); }
  void on(const SignalEvent& event) override;
  void on(const TakenEvent& event) override;
  void on(const FifoEvent& event) override;

  const program::Program& program() const { return program_; }
  double clockHz() const { return clockHz_; }
  const program::Instr& instr(const Executed& what) const {
    return *listings_[what.core == 0 ? 0 : 1][static_cast<std::size_t>(what.instr)];
  }

  // Of one core, by sequence.
  const std::vector<Issue>& issues(int core) const {
    return issues_[static_cast<std::size_t>(core)];
  }
  const Issue& issue(const Executed& what) const {
    return issues(what.core)[static_cast<std::size_t>(what.sequence)];
  }
  // In the order of each pipe's time. Instructions that take no time are not among the works.
  const std::vector<Work>& works() const { return works_; }
  const std::vector<StallEvent>& stalls() const { return stalls_; }
  // A flag that was set before its pipe did anything has no flow, nor has a signal that nobody
  // took. A unit flag's flow leads to the first that takes it.
  const std::vector<Flow>& flows() const { return flows_; }

  Tick end() const { return end_; } // of everything

  double microseconds(Tick ticks) const { return toCycles(ticks) / clockHz_ * 1e6; }

private:
  using FlagKey = std::tuple<FlagKind, int, Pipe, Pipe, std::int64_t>;
  struct Signal {
    Executed what;
    Tick sent = 0;
  };
  void addFlow(const Signal& from, const TakenEvent& to);
  // The queue between a sender and a taker; FFTS flags have one for each pair of cores.
  Ring<Signal>& pending(const FlagName& flag, int from, int to);

  const program::Program& program_;
  double clockHz_;
  Tick issueTicks_;
  std::array<std::vector<const program::Instr*>, 2> listings_;
  std::array<std::vector<std::int32_t>, 2> blockVariables_; // by instruction; -1 outside
  std::array<std::vector<Issue>, kCoreCount> issues_;
  std::array<std::vector<std::int64_t>, kCoreCount> entries_; // by core and FIFO, taken last
  std::array<std::array<bool, kPipeCount>, kCoreCount> worked_{};
  std::vector<Work> works_;
  std::vector<StallEvent> stalls_;
  std::vector<Flow> flows_;
  std::map<std::tuple<FlagKey, int, int>, Ring<Signal>> pending_;
  Tick end_ = 0;
};

// The tile or view that an instruction is about: where it loads from is `view`, where its result
// or what it stores lies is `buffer`; "" where there is none.
struct Subject {
  std::string buffer;
  std::string view;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t bytes = 0;
};
Subject subjectOf(const program::Program& program, const program::Instr& instr);

// "TLOAD", "TPOP qk", "SET_FLAG PIPE_M -> PIPE_MTE1"
std::string instrName(const program::Program& program, const program::Instr& instr);
// "event flag PIPE_M -> PIPE_MTE1 #1", "data of qk", "free slot of qk", "unit flag PIPE_M ->
// PIPE_FIX #0"
std::string flagName(const program::Program& program, const FlagName& flag);

} // namespace ptotune::sim
