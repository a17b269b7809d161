// What the engine tells: events to its listener, failures to its caller.
#include "runners/sim/Engine.h"

#include <fmt/format.h>

#include <utility>

namespace ptotune::sim {

namespace {

program::InstrKind instrKind(StepKind kind) {
  switch (kind) {
  case StepKind::talloc:
    return program::InstrKind::talloc;
  case StepKind::tpush:
    return program::InstrKind::tpush;
  case StepKind::tpop:
    return program::InstrKind::tpop;
  default:
    return program::InstrKind::tfree;
  }
}

} // namespace

Executed Engine::executed(const CoreState& core, const Entry& entry) const {
  const Step& step = core.code->steps[static_cast<std::size_t>(entry.step)];
  return {core.index, step.pipe, step.instr, entry.sequence, entry.tile};
}

FlagName Engine::flagName(const CoreState& core, const Wait& flag) const {
  if (flag.what == WaitFor::ffts)
    return {FlagKind::ffts, core.index, Pipe::s, Pipe::s, flag.index};
  if (flag.what == WaitFor::unitFull)
    return {FlagKind::unit, core.index, Pipe::m, Pipe::fix, flag.index};
  if (flag.what == WaitFor::unitFree)
    return {FlagKind::unit, core.index, Pipe::fix, Pipe::m, flag.index};
  const FlagPair& pair = core.code->pairs[static_cast<std::size_t>(flag.index / code_.eventIds)];
  return {FlagKind::event, core.index, pair.source, pair.target, flag.index % code_.eventIds};
}

void Engine::tellFifo(const CoreState& core, const Step& step, std::int64_t index) {
  if (listener_ == nullptr)
    return;
  const std::int64_t slots = code_.fifos[static_cast<std::size_t>(step.index)].shape.slots;
  listener_->on(FifoEvent{executed(core, current(core)), instrKind(step.kind), step.index, index,
                          index % slots, core.now});
}

void Engine::tellTaken(const CoreState& core, const Entry& entry, const Wait& flag, Tick at,
                       const Arrival& by) {
  const std::int32_t instr = code_.of(by.core).steps[static_cast<std::size_t>(by.step)].instr;
  listener_->on(TakenEvent{executed(core, entry), flagName(core, flag), at, by.core, instr});
}

void Engine::overflow(int core, const Wait& flag, const Arrival& arrival) {
  const std::int32_t operand = flag.what == WaitFor::eventFlag ? flag.index : -1;
  const std::string what =
      fmt::format("{} {} at cycle {:.2f}: {}", coreName(arrival.core),
                  describe(code_, arrival.core, arrival.step, arrival.tile, operand),
                  toCycles(arrival.time), flagText(machine_, core, flag));
  if (flag.what == WaitFor::ffts)
    fail(Outcome::protocolError, fmt::format("{} of {} stands at {} already, its limit", what,
                                             coreName(core), code_.fftsCounterMax));
  else
    fail(Outcome::protocolError, what + " is set already");
}

std::string Engine::hereText(const CoreState& core) const {
  const Entry entry = current(core);
  return fmt::format("{} {}", coreName(core.index),
                     describe(code_, core.index, entry.step, entry.tile));
}

void Engine::fail(Outcome outcome, std::string text) {
  if (!failure_)
    failure_ = Failure{outcome, std::move(text)};
}

} // namespace ptotune::sim
