#include "runners/sim/Functional.h"

#include "runners/sim/Code.h"
#include "runners/sim/data/Datapath.h"
#include "runners/sim/data/Timeline.h"
#include "runners/sim/hazards/Checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace ptotune::sim {

namespace {

// Hands events to two listeners.
class Both : public Listener {
public:
  Both(Listener& first, Listener* second) : first_(first), second_(second) {}

  void on(const IssuedEvent& event) override { tell(event); }
  void on(const FinishedEvent& event) override { tell(event); }
  void on(const StallEvent& event) override { tell(event); }
  void on(const SignalEvent& event) override { tell(event); }
  void on(const TakenEvent& event) override { tell(event); }
  void on(const FifoEvent& event) override { tell(event); }

private:
  template <typename Event> void tell(const Event& event) {
    first_.on(event);
    if (second_ != nullptr)
      second_->on(event);
  }

  Listener& first_;
  Listener* second_;
};

SimResult invalid(std::string text) {
  SimResult result;
  result.outcome = Outcome::invalid;
  result.detail = {std::move(text)};
  return result;
}

// The first instruction that has no numbers, or "". Later launches too.
std::string objection(const program::Program& program) {
  for (const Core core : {Core::cube, Core::vector}) {
    const auto instrs = listing(core == Core::cube ? program.cube : program.vector);
    for (std::size_t i = 0; i < instrs.size(); ++i) {
      if (instrs[i]->kind != program::InstrKind::op)
        continue;
      if (const std::string text = Datapath::objection(*instrs[i]); !text.empty())
        return fmt::format("program '{}', {} body, instruction {}: {} {}", program.name, name(core),
                           i, name(instrs[i]->shape.op), text);
    }
  }
  return program.next ? objection(*program.next) : "";
}

// One core's blocks.
class CoreRun {
public:
  CoreRun(const program::Program& program, const SocProfile& soc, const Problem& problem,
          const FunctionalOptions& options)
      : timeline_(program, soc, problem) {
    if (options.hazards)
      checker_.emplace(program, soc, problem, HazardOptions().limit);
  }

  SimResult simulate(const Code& code, const Problem& problem, const SimOptions& options) {
    Both both(timeline_, checker_ ? &*checker_ : nullptr);
    SimResult result = simulateLaunch(code, problem, options, &both);
    if (result.outcome == Outcome::finished && !timeline_.fault().empty())
      return invalid(timeline_.fault());
    return result;
  }

  // What the finished run does to the data.
  void execute(Storage& storage, Datapath& datapath) {
    storage.beginCore();
    std::vector<std::vector<float>> results;
    for (const Timeline::Effect& effect : timeline_.effects()) {
      if (effect.operation >= results.size())
        results.resize(effect.operation + 1);
      std::vector<float>& values = results[effect.operation];
      const Operation& op = timeline_.operation(effect.operation);
      if (!effect.writes) {
        values = datapath.compute(op);
        continue;
      }
      datapath.commit(op, values);
      values = {};
    }
  }

  HazardReport hazards(const SimResult& run) const {
    return checker_ ? checker_->report(run) : HazardReport{};
  }

private:
  Timeline timeline_;
  std::optional<HazardChecker> checker_;
};

// Runs all work units of one launch, core by core. False where a core did not finish.
bool runLaunch(const program::Program& program, const Code& code, const SocProfile& soc,
               const Problem& problem, const FunctionalOptions& options, Storage& storage,
               FunctionalResult& result) {
  Datapath datapath(storage, std::max<std::int64_t>(soc.fractal, 1), soc.vectorRepeatBytes);
  const std::int64_t cores = activeCores(code, problem);
  const std::int64_t busiest = cores > 0 ? busiestCore(code, problem) : 0;
  SimOptions simOptions{options.instructionLimit, 0, options.delays};
  for (; simOptions.blockIdx == 0 || simOptions.blockIdx < cores; ++simOptions.blockIdx) {
    CoreRun core(program, soc, problem, options);
    SimResult run = core.simulate(code, problem, simOptions);
    const bool finished = run.outcome == Outcome::finished;
    HazardReport hazards = core.hazards(run);
    if (!finished ||
        (result.hazards.found == 0 && (simOptions.blockIdx == busiest || hazards.found > 0)))
      result.hazards = std::move(hazards);
    if (simOptions.blockIdx == busiest || !finished)
      result.run = std::move(run);
    if (!finished)
      return false;
    core.execute(storage, datapath);
  }
  return true;
}

// A launch and those behind it. What a launch leaves in the tensors is there for the next.
void runLaunches(const program::Program& program, const Code& code, const SocProfile& soc,
                 const Problem& problem, const FunctionalOptions& options, Storage& storage,
                 program::Tensor out, FunctionalResult& result) {
  if (!runLaunch(program, code, soc, problem, options, storage, result) || !program.next) {
    result.out = storage.read(out);
    return;
  }
  Storage behind(Spaces(*program.next, problem));
  behind.takeTensors(storage);
  FunctionalOptions nextOptions = options;
  nextOptions.delays.fixed.clear(); // they name operations of the first launch
  FunctionalResult next;
  runLaunches(*program.next, *code.next, soc, problem, nextOptions, behind, out, next);
  result.out = std::move(next.out);
  result.run.seconds += next.run.seconds;
  if (next.run.outcome != Outcome::finished) {
    result.run.outcome = next.run.outcome;
    result.run.detail = next.run.detail;
  }
  result.hazards.append(std::move(next.hazards));
  result.run.next = std::make_shared<const SimResult>(std::move(next.run));
}

} // namespace

AttentionCase::AttentionCase(const Problem& ofProblem, std::uint64_t ofSeed)
    : problem(ofProblem), seed(ofSeed), inputs(attentionInputs(ofProblem, ofSeed)),
      reference(attention(ofProblem, inputs)) {}

FunctionalCase AttentionCase::data() const {
  return {problem,
          seed,
          {{program::Tensor::q, inputs.q},
           {program::Tensor::k, inputs.k},
           {program::Tensor::v, inputs.v}},
          program::Tensor::out,
          reference};
}

FunctionalResult runFunctional(const program::Program& program, const SocProfile& soc,
                               const AttentionCase& attention, const FunctionalOptions& options) {
  return runFunctional(program, soc, attention.data(), options);
}

FunctionalResult runFunctional(const program::Program& program, const SocProfile& soc,
                               const FunctionalCase& data, const FunctionalOptions& options) {
  const Problem& problem = data.problem;
  FunctionalResult result;
  result.seed = data.seed;
  const auto code = compile(program, soc, Reads::operands);
  if (!code) {
    result.run = invalid(code.error().text());
    return result;
  }
  if (std::string text = objection(program); !text.empty()) {
    result.run = invalid(std::move(text));
    return result;
  }
  Storage storage(Spaces(program, problem));
  for (const TensorData& input : data.inputs)
    storage.fill(input.tensor, input.elements);
  runLaunches(program, **code, soc, problem, options, storage, data.out, result);
  result.agreement = compare(result.out, data.reference, options.tolerance);
  return result;
}

FunctionalResult runFunctional(const program::Program& program, const SocProfile& soc,
                               const Problem& problem, const FunctionalOptions& options) {
  return runFunctional(program, soc, AttentionCase(problem, options.seed), options);
}

std::string FunctionalResult::text() const {
  std::string text = fmt::format("seed {}, {}: ", seed, name(run.outcome));
  if (run.outcome != Outcome::finished)
    return text + run.detailText() + '\n';
  text += agreement.text() + '\n';
  return hazards.operations > 0 ? text + hazards.text() : text;
}

} // namespace ptotune::sim
