#include "runners/sim/Simulator.h"

#include "runners/sim/Code.h"
#include "runners/sim/Engine.h"
#include "runners/sim/Machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ptotune::sim {

double Code::missShare(std::int64_t s1, std::int64_t active) const {
  const double bytes = static_cast<double>(ringBytes) * static_cast<double>(active) +
                       static_cast<double>(sharedBytesPerKey) * static_cast<double>(s1);
  return l2Bytes > 0 && bytes > l2Bytes ? 1 - l2Bytes / bytes : 0;
}

std::vector<Tick> Code::costs(const CoreCode& body, std::int64_t s1, std::int64_t active) const {
  const double missed = missShare(s1, active);
  const double hbm = hbmBytesPerCycle > 0 ? static_cast<double>(active) / hbmBytesPerCycle : 0;
  std::vector<Tick> ticks(body.notes.size());
  for (std::size_t i = 0; i < ticks.size(); ++i) {
    const Note& note = body.notes[i];
    const auto alone = static_cast<double>(note.cycles);
    const double shared = (alone + transferLatency) * sharing.slowdown(note.stores, active);
    const double fromHbm = missed * static_cast<double>(note.bytes) * hbm;
    ticks[i] = toTicks(note.gm ? std::max(shared, fromHbm) : alone);
  }
  return ticks;
}

std::int64_t activeCores(const Code& code, const Problem& problem) {
  if (problem.s0 < 1 || problem.s0 % code.rowsPerBlock != 0)
    return 0;
  return std::min(problem.s0 / code.rowsPerBlock * code.unitsPerBlock, code.cubeCores);
}

namespace {

Machine makeMachine(const Code& code, const Arguments& arguments, const SimOptions& options,
                    const std::array<std::vector<Tick>, 2>& costs) {
  Machine machine;
  machine.code = &code;
  machine.cross = CrossCore(code.fftsNames.size(), code.fftsCounterMax);
  for (int i = 0; i < kCoreCount; ++i) {
    CoreState& core = machine.cores[static_cast<std::size_t>(i)];
    Arguments own = arguments;
    own.subblockIdx = std::max(i - 1, 0);
    core.index = i;
    core.code = &code.of(i);
    core.costs = costs[i == 0 ? 0 : 1].data();
    core.scalar = ScalarUnit(code, i, own, options.instructionLimit);
    core.events.resize(core.code->pairs.size() * static_cast<std::size_t>(code.eventIds));
    core.accumulators.resize(static_cast<std::size_t>(core.code->accumulatorCount));
    core.fifos.resize(code.fifos.size());
  }
  return machine;
}

bool ended(const Machine& machine) {
  return std::all_of(machine.cores.begin(), machine.cores.end(), [](const CoreState& core) {
    return core.scalar.state() == ScalarUnit::State::ended && core.standing == 0;
  });
}

// What became of a run in which no unit can go on any more.
void judge(const Machine& machine, const SimOptions& options,
           std::optional<Engine::Failure> failure, SimResult& result) {
  if (failure) {
    result.outcome = failure->outcome;
    result.detail = {std::move(failure->text)};
    return;
  }
  result.detail = explainLeftovers(machine, true);
  if (!result.detail.empty()) {
    result.outcome = Outcome::protocolError;
    return;
  }
  for (const CoreState& core : machine.cores)
    if (core.scalar.state() == ScalarUnit::State::limit) {
      result.outcome = Outcome::limit;
      result.detail = {fmt::format("{} has not ended after {} instructions and loop iterations",
                                   coreName(core.index), options.instructionLimit)};
      return;
    }
  if (!ended(machine)) {
    result.outcome = Outcome::hang;
    result.detail = explainHang(machine);
    return;
  }
  result.detail = explainLeftovers(machine, false);
  result.outcome = result.detail.empty() ? Outcome::finished : Outcome::protocolError;
}

void addTimes(const Code& code, const Machine& machine, SimResult& result) {
  for (const CoreState& core : machine.cores) {
    Tick end = core.now;
    for (const PipeState& pipe : core.pipes)
      end = std::max(end, pipe.free);
    result.cores[static_cast<std::size_t>(core.index)].endCycle = toCycles(end);
    result.ticks = std::max(result.ticks, end);
  }
  result.cycles = toCycles(result.ticks);
  result.coreSeconds = result.cycles / code.clockHz;
  result.seconds = result.coreSeconds + code.launchSeconds;
  for (const CoreState& core : machine.cores) {
    CoreStats& stats = result.cores[static_cast<std::size_t>(core.index)];
    stats.instructions = core.sequence;
    result.instructions += core.sequence;
    for (std::size_t p = 0; p < kPipeCount; ++p) {
      const Tally& tally = core.pipes[p].tally;
      PipeStats& out = stats.pipes[p];
      out.instructions = tally.instructions;
      out.busyCycles = toCycles(tally.busy);
      out.busyShare = result.cycles > 0 ? out.busyCycles / result.cycles : 0;
      for (std::size_t r = 0; r < kStallReasonCount; ++r)
        out.stallCycles[r] = toCycles(tally.stalls[r]);
    }
  }
}

void addParts(const Code& code, const Machine& machine, SimResult& result) {
  const Tally* critical = nullptr;
  const PipeState* pipe = nullptr;
  for (const CoreState& core : machine.cores)
    for (std::size_t p = 0; p < kPipeCount; ++p)
      if (const Tally& tally = core.pipes[p].tally;
          tally.first >= 0 && (critical == nullptr || tally.busy > critical->busy)) {
        critical = &tally;
        pipe = &core.pipes[p];
        result.parts.core = core.index;
        result.parts.pipe = static_cast<Pipe>(p);
      }
  const auto seconds = [&code](Tick ticks) { return toCycles(ticks) / code.clockHz; };
  result.parts.launch = code.launchSeconds;
  if (critical == nullptr) {
    result.parts.fill = result.coreSeconds;
    return;
  }
  result.parts.fill = seconds(critical->first);
  result.parts.steady = seconds(critical->busy);
  result.parts.waiting = seconds(pipe->free - critical->first - critical->busy);
  result.parts.drain = seconds(result.ticks - pipe->free);
}

// Runs one core to the end. False when the text of a failure may name other tiles than a full run.
bool runCore(const Code& code, const Problem& problem, const SimOptions& options,
             Listener* listener, std::optional<Repeats> repeats, SimResult& result) {
  const std::array<std::vector<Tick>, 2> costs = {
      code.costs(code.cores[0], problem.s1, result.activeCores),
      code.costs(code.cores[1], problem.s1, result.activeCores)};
  const Arguments arguments{problem.s0, problem.s1, result.core, result.activeCores, 0};
  Machine machine = makeMachine(code, arguments, options, costs);
  const LateStarts late(options.delays);
  if (!options.delays.empty())
    machine.late = &late;
  Engine engine(machine, listener, repeats);
  judge(machine, options, engine.run(), result);
  addTimes(code, machine, result);
  addParts(code, machine, result);
  const Repetition* repetition = engine.repetition();
  if (repetition != nullptr)
    result.extrapolated = repetition->skipped();
  return result.outcome == Outcome::finished || repetition == nullptr || !repetition->shifted();
}

SimResult invalid(std::string text) {
  SimResult result;
  result.outcome = Outcome::invalid;
  result.detail = {std::move(text)};
  return result;
}

} // namespace

SimResult simulateLaunch(const Code& code, const Problem& problem, const SimOptions& options,
                         Listener* listener) {
  const std::int64_t active = activeCores(code, problem);
  if (active == 0)
    return invalid(fmt::format("s0 = {} is not a positive multiple of the {} rows of a block",
                               problem.s0, code.rowsPerBlock));
  if (options.blockIdx < SimOptions::kBusiest || options.blockIdx >= active)
    return invalid(fmt::format("blockIdx = {}; expected 0 to {}", options.blockIdx, active - 1));

  SimResult result;
  result.blocks = problem.s0 / code.rowsPerBlock * code.unitsPerBlock;
  result.activeCores = active;
  result.core =
      options.blockIdx == SimOptions::kBusiest ? busiestCore(code, problem) : options.blockIdx;
  result.waves = (result.blocks - result.core + active - 1) / active;
  if (!options.extrapolate || listener != nullptr || !options.delays.empty()) {
    runCore(code, problem, options, listener, std::nullopt, result);
    return result;
  }
  SimResult quick = result;
  if (runCore(code, problem, options, nullptr, Repeats::shiftedToo, quick))
    return quick;
  runCore(code, problem, options, nullptr, Repeats::steadyOnly, result);
  return result;
}

SimResult simulate(const Code& code, const Problem& problem, const SimOptions& options,
                   Listener* listener) {
  SimResult result = simulateLaunch(code, problem, options, listener);
  if (!code.next || result.outcome != Outcome::finished)
    return result;
  SimOptions behind; // the delays and the core are of the first launch
  behind.instructionLimit = options.instructionLimit;
  behind.extrapolate = options.extrapolate;
  auto next = std::make_shared<const SimResult>(simulate(*code.next, problem, behind));
  result.seconds += next->seconds;
  if (next->outcome != Outcome::finished) {
    result.outcome = next->outcome;
    result.detail = next->detail;
  }
  result.next = std::move(next);
  return result;
}

SimResult simulate(const program::Program& program, const SocProfile& soc, const Problem& problem,
                   const SimOptions& options, Listener* listener) {
  const Result<std::shared_ptr<const Code>> code = compile(program, soc);
  if (!code)
    return invalid(code.error().text());
  return simulate(**code, problem, options, listener);
}

} // namespace ptotune::sim
