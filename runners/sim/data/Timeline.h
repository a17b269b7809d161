// The data effects of a run in the order of its time.
//
// An operation reads its operands when it starts and writes its result when it ends. On PIPE_V,
// whose operations may overlap, the result is there when the pipe is next drained by a barrier or a
// signal, which is the latest that the ISA allows.
//
// That order is right: if one operation certainly precedes another, its end is not later than the
// other's start, and where both are the same moment the engine told of it first. So the order is
// one of those that the machine may take, and a program whose accesses are all ordered computes the
// same in any of them. An access that is not ordered shows its race, for the delays of this run.
#pragma once

#include "runners/sim/Events.h"
#include "runners/sim/Ring.h"
#include "runners/sim/data/Operands.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ptotune::sim {

class Timeline : public Listener {
public:
  Timeline(const program::Program& program, const SocProfile& soc, const Problem& problem)
      : operands_(program, soc, problem) {}

  void on(const IssuedEvent& event) override;
  void on(const FinishedEvent& event) override;
  void on(const FifoEvent& event) override { operands_.follow(event); }

  struct Effect {
    Tick time = 0;
    std::size_t operation = 0;
    bool writes = false;
  };
  const Operation& operation(std::size_t number) const { return operations_[number]; }
  // All effects, in order; call once the run has ended.
  std::vector<Effect> effects();
  // The first operand that has no place, or "".
  const std::string& fault() const { return fault_; }

private:
  struct Times {
    Tick start = 0;
    Tick end = 0;
  };
  void drain(int core, Tick time);

  Operands operands_;
  std::array<Ring<Operation>, kCoreCount * kPipeCount> issued_; // by core and pipe
  std::vector<Operation> operations_;
  std::vector<Times> times_;                                   // by operation
  std::array<std::vector<std::size_t>, kCoreCount> undrained_; // on PIPE_V
  Tick last_ = 0;
  std::string fault_;
};

} // namespace ptotune::sim
