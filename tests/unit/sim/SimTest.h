// What the simulator's tests share: a listener that keeps every event, and lookups in it.
#pragma once

#include "runners/sim/Simulator.h"
#include "tests/support/ProgramBuilder.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace ptotune::sim {

using program::ExprKind;
using program::Phase;
using test::BodyBuilder;
using test::ProgramBuilder;
using test::roundSoc;

struct Recorder : Listener {
  std::vector<IssuedEvent> issued;
  std::vector<FinishedEvent> finished;
  std::vector<StallEvent> stalls;
  std::vector<SignalEvent> signals;
  std::vector<TakenEvent> taken;
  std::vector<FifoEvent> fifos;

  void on(const IssuedEvent& event) override { issued.push_back(event); }
  void on(const FinishedEvent& event) override { finished.push_back(event); }
  void on(const StallEvent& event) override { stalls.push_back(event); }
  void on(const SignalEvent& event) override { signals.push_back(event); }
  void on(const TakenEvent& event) override { taken.push_back(event); }
  void on(const FifoEvent& event) override { fifos.push_back(event); }

  // Start of the `nth` execution of instruction `instr` of a core, in cycles.
  double start(int core, std::int32_t instr, int nth = 0) const {
    return toCycles(find(core, instr, nth).start);
  }
  double end(int core, std::int32_t instr, int nth = 0) const {
    return toCycles(find(core, instr, nth).end);
  }
  FinishedEvent find(int core, std::int32_t instr, int nth) const {
    for (const FinishedEvent& event : finished)
      if (event.what.core == core && event.what.instr == instr && nth-- == 0)
        return event;
    ADD_FAILURE() << "core " << core << " did not execute instruction " << instr;
    return {};
  }
};

inline Problem problemOf(std::int64_t s0, std::int64_t s1 = 0) {
  Problem problem;
  problem.s0 = s0;
  problem.s1 = s1;
  return problem;
}

struct Simulated {
  SimResult result;
  Recorder seen;
};

inline Simulated run(const ProgramBuilder& builder, const SocProfile& soc, std::int64_t s0 = 1,
                     std::int64_t s1 = 0, const SimOptions& options = {}) {
  Simulated run;
  run.result = simulate(builder.program, soc, problemOf(s0, s1), options, &run.seen);
  return run;
}

inline std::string nameOf(const SimResult& result) {
  return std::string(name(result.outcome));
}

} // namespace ptotune::sim
