// Functional fidelity: the run that the engine times also moves data. Tiles lie at their planned
// addresses in byte arrays of UB, L1, L0A, L0B and L0C, slots in their rings, and every operation
// computes on the bytes that it finds. Memories begin as NaN, so what was not written shows.
//
// When an operation takes effect: data/Timeline.h. What it computes: data/Datapath.h.
#pragma once

#include "runners/sim/Hazards.h"
#include "runners/sim/Simulator.h"
#include "runners/sim/data/Reference.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ptotune::sim {

// What a kernel is run on and held against: its inputs, row-major, the tensor of its result, which
// is in fp32, and the answer in fp64. The inputs must outlive the case.
struct TensorData {
  program::Tensor tensor = program::Tensor::none;
  std::span<const Half> elements;
};
struct FunctionalCase {
  Problem problem; // s0 and s1 are the kernel's run-time arguments
  std::uint64_t seed = 0;
  std::vector<TensorData> inputs;
  program::Tensor out = program::Tensor::out;
  std::vector<double> reference;
};

// An attention problem with its inputs and the answer; many runs share it.
struct AttentionCase {
  Problem problem;
  std::uint64_t seed = 0;
  AttentionInputs inputs;
  std::vector<double> reference;

  AttentionCase(const Problem& ofProblem, std::uint64_t ofSeed);
  FunctionalCase data() const;
};

struct FunctionalOptions {
  std::uint64_t seed = 1; // of the inputs
  Delays delays;
  bool hazards = true; // run the checker along
  std::int64_t instructionLimit = SimOptions().instructionLimit;
  double tolerance = kTolerance; // absolute and relative
};

struct FunctionalResult {
  // Of the busiest core; of the first that did not finish, if there is one. Outcome::invalid also
  // says that an instruction has no numbers.
  SimResult run;
  // Of the first core that has any, else of the busiest; then the next launch's. Empty where it was
  // not asked for.
  HazardReport hazards;
  std::vector<float> out; // row-major; NaN where nothing was written
  Agreement agreement;
  std::uint64_t seed = 0;

  bool right() const { return run.outcome == Outcome::finished && agreement.right(); }
  std::string text() const; // seed, errors, hazards, several lines
};

// Runs all work units of the problem, core by core, and then the launches behind them.
FunctionalResult runFunctional(const program::Program& program, const SocProfile& soc,
                               const FunctionalCase& data, const FunctionalOptions& options = {});
FunctionalResult runFunctional(const program::Program& program, const SocProfile& soc,
                               const AttentionCase& attention,
                               const FunctionalOptions& options = {});
FunctionalResult runFunctional(const program::Program& program, const SocProfile& soc,
                               const Problem& problem, const FunctionalOptions& options = {});

} // namespace ptotune::sim
