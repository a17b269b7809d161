#include "runners/sim/Engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

namespace ptotune::sim {

namespace {

// Instructions that the scalar unit executes itself.
bool isScalar(StepKind kind) {
  return kind == StepKind::open || kind == StepKind::close || kind == StepKind::talloc ||
         kind == StepKind::tpop;
}

} // namespace

// --- Scalar unit -------------------------------------------------------------------------------

std::optional<Engine::Failure> Engine::run() {
  bool moved = true;
  while (moved && !failure_) {
    moved = false;
    for (CoreState& core : machine_.cores)
      moved |= advance(core);
    if (repetition_ && moved && !failure_)
      repetition_->look();
  }
  return failure_;
}

// Runs one core until its scalar unit stands, begins another iteration or ends; true when it moved.
bool Engine::advance(CoreState& core) {
  bool moved = false;
  const std::int64_t iterations = core.scalar.iterations();
  while (!failure_) {
    const Step* step = core.scalar.fetch();
    if (core.scalar.iterations() != iterations)
      return true;
    if (step == nullptr || !perform(core, *step))
      break;
    if (listener_ != nullptr && isScalar(step->kind))
      listener_->on(FinishedEvent{executed(core, current(core)), core.now, core.now});
    core.issued = false;
    core.wait = {};
    core.scalar.advance();
    moved = true;
  }
  if (core.scalar.state() == ScalarUnit::State::badLoop)
    fail(Outcome::invalid,
         fmt::format("{}: {} has no trips to count", coreName(core.index), core.scalar.loopText()));
  return moved;
}

void Engine::issue(CoreState& core, const Step& step) {
  core.now += code_.issue;
  core.issued = true;
  ++core.sequence;
  ++core.pipe(step.pipe).tally.instructions;
  core.pipe(Pipe::s).tally.busy += code_.issue;
  if (listener_ != nullptr)
    listener_->on(IssuedEvent{executed(core, current(core)), core.now, &core.scalar.values()});
}

// Issues the instruction at hand; false when it keeps the scalar unit standing.
bool Engine::perform(CoreState& core, const Step& step) {
  if (!core.issued)
    issue(core, step);
  switch (step.kind) {
  case StepKind::op:
  case StepKind::barrier:
    return enqueue(core, step, 0);
  case StepKind::matmul:
  case StepKind::store:
  case StepKind::setFlag:
  case StepKind::waitFlag:
    return enqueueSelected(core, step);
  default:
    return performFifo(core, step);
  }
}

// An instruction that works on one event flag or one copy of an accumulator.
bool Engine::enqueueSelected(CoreState& core, const Step& step) {
  const std::int64_t chosen = step.value == Values::kNoSlot ? 0 : core.scalar.values()[step.value];
  if (chosen >= 0 && chosen < step.range)
    return enqueue(core, step, step.index + static_cast<std::int32_t>(chosen));
  fail(Outcome::invalid,
       fmt::format("{}: {} is out of range; expected 0 to {}", hereText(core),
                   chosen == kUndefined ? "an undefined id" : fmt::format("id {}", chosen),
                   step.range - 1));
  return false;
}

// Hands an instruction to its pipe. PIPE_S executes at once or keeps the scalar unit.
bool Engine::enqueue(CoreState& core, const Step& step, std::int32_t operand) {
  Entry entry = current(core);
  entry.operand = operand;
  PipeState& pipe = core.pipe(step.pipe);
  if (step.pipe == Pipe::s) {
    pipe.free = core.now;
    if (!execute(core, entry)) {
      core.wait = pipe.wait;
      return false;
    }
    core.now = pipe.free;
  } else if (!pipe.queue.empty() || !execute(core, entry)) {
    pipe.queue.push(entry);
    core.standing |= 1u << static_cast<unsigned>(step.pipe);
  }
  if (core.awake != 0)
    settle(core);
  return true;
}

// Takes one signal of an FFTS flag; the scalar unit stands until it is there.
bool Engine::acquire(CoreState& core, const Step& step, StallReason reason) {
  Counter& counter = machine_.cross.counter(core.index, step.flag);
  const Wait flag{WaitFor::ffts, step.flag};
  if (!counter.ready()) {
    core.wait = flag;
    return false;
  }
  const Entry entry = current(core);
  const Arrival by = counter.next();
  const Tick at = decisions_.later(core.now, by.time);
  stall(core, core.pipe(Pipe::s), entry, reason, core.now, at);
  if (listener_ != nullptr)
    tellTaken(core, entry, flag, at, by);
  if (const auto late = counter.take(at, decisions_))
    overflow(core.index, flag, *late);
  core.now = at;
  return true;
}

// The consumer gives a credit for every P tiles; a producer that closes takes those it did not
// need, so that the counter ends at zero.
bool Engine::drain(CoreState& core, const Step& step, FifoEnd& end, const FifoShape& shape) {
  const bool produces = code_.fifos[static_cast<std::size_t>(step.index)].producer ==
                        (core.index == 0 ? Core::cube : Core::vector);
  while (produces && end.creditsLeft(shape) > 0) {
    if (!acquire(core, step, StallReason::drain))
      return false;
    ++end.credits;
  }
  end.open = false;
  return true;
}

bool Engine::performFifo(CoreState& core, const Step& step) {
  FifoEnd& end = core.fifos[static_cast<std::size_t>(step.index)];
  const FifoShape& shape = code_.fifos[static_cast<std::size_t>(step.index)].shape;
  if (end.open == (step.kind == StepKind::open)) {
    fail(Outcome::protocolError, fmt::format("{}: the TPipe is {}", hereText(core),
                                             end.open ? "open already" : "not open"));
    return false;
  }
  switch (step.kind) {
  case StepKind::open:
    end = FifoEnd{};
    end.open = true;
    return true;
  case StepKind::close:
    return drain(core, step, end, shape);
  case StepKind::talloc:
    if (end.allocWaits(shape)) {
      if (!acquire(core, step, StallReason::credit))
        return false;
      ++end.credits;
    }
    tellFifo(core, step, end.tile);
    ++end.tile;
    return true;
  case StepKind::tpop:
    if (!acquire(core, step, StallReason::data))
      return false;
    tellFifo(core, step, end.tile);
    ++end.tile;
    return true;
  default:
    break;
  }
  // TPUSH and TFREE: of a tile that was allocated, or popped, and not yet given on.
  if (end.done == end.tile) {
    fail(Outcome::protocolError,
         fmt::format("{}: of tile {} of the FIFO, which was not {}", hereText(core), end.done,
                     step.kind == StepKind::tpush ? "allocated" : "popped"));
    return false;
  }
  tellFifo(core, step, end.done);
  ++end.done;
  if (step.kind == StepKind::tfree && !end.freeSignals(shape))
    return true;
  return enqueue(core, step, 0);
}

// --- Pipes -------------------------------------------------------------------------------------

// Executes an instruction whose pipe has done everything before it; false when its flag is not
// known, and then nothing has changed.
bool Engine::execute(CoreState& core, const Entry& entry) {
  const Step& step = core.code->steps[static_cast<std::size_t>(entry.step)];
  PipeState& pipe = core.pipe(step.pipe);
  switch (step.kind) {
  case StepKind::op:
    work(core, pipe, entry, {}, nullptr);
    return true;
  case StepKind::matmul:
    return multiply(core, pipe, entry, step);
  case StepKind::store:
    return store(core, pipe, entry, step);
  case StepKind::waitFlag:
    return waitEvent(core, pipe, entry);
  case StepKind::barrier:
    pipe.free = come(core, pipe, entry);
    break;
  default:
    send(core, pipe, entry, step);
    break;
  }
  if (listener_ != nullptr)
    listener_->on(FinishedEvent{executed(core, entry), pipe.free, pipe.free});
  return true;
}

// When an instruction is issued and the pipe is free; what the pipe idled before is on the scalar
// unit.
Tick Engine::come(CoreState& core, PipeState& pipe, const Entry& entry) {
  if (!decisions_.above(entry.issued - pipe.free))
    return pipe.free;
  stall(core, pipe, entry, StallReason::issue, pipe.free, entry.issued);
  return entry.issued;
}

// Keeps the pipe busy for the cost of the instruction, from when its unit flag is there.
void Engine::work(CoreState& core, PipeState& pipe, const Entry& entry, const Wait& flag,
                  const Arrival* by) {
  Tick start = come(core, pipe, entry);
  if (by != nullptr && by->step >= 0) {
    const Tick ready = start;
    start = decisions_.later(ready, by->time);
    stall(core, pipe, entry, StallReason::unitFlag, ready, start);
    if (listener_ != nullptr)
      tellTaken(core, entry, flag, start, *by);
  }
  if (machine_.late != nullptr)
    start += machine_.late->of(core.index, entry.sequence);
  const Tick cost = core.costs[entry.step];
  if (pipe.tally.first < 0)
    pipe.tally.first = start;
  pipe.free = start + cost;
  pipe.tally.busy += cost;
  if (listener_ != nullptr)
    listener_->on(FinishedEvent{executed(core, entry), start, pipe.free});
}

bool Engine::multiply(CoreState& core, PipeState& pipe, const Entry& entry, const Step& step) {
  Accumulator& acc = core.accumulators[static_cast<std::size_t>(entry.operand)];
  if (!acc.free()) {
    pipe.wait = {WaitFor::unitFree, entry.operand};
    return false;
  }
  ++acc.uses;
  work(core, pipe, entry, {WaitFor::unitFree, entry.operand}, &acc.stored);
  if (step.last) {
    ++acc.finals;
    handOver(core, entry, WaitFor::unitFull, acc.handedOver, pipe.free);
  }
  return true;
}

bool Engine::store(CoreState& core, PipeState& pipe, const Entry& entry, const Step& step) {
  Accumulator& acc = core.accumulators[static_cast<std::size_t>(entry.operand)];
  if (acc.free()) {
    pipe.wait = {WaitFor::unitFull, entry.operand};
    return false;
  }
  ++acc.uses;
  work(core, pipe, entry, {WaitFor::unitFull, entry.operand}, &acc.handedOver);
  if (step.last) {
    ++acc.stores;
    handOver(core, entry, WaitFor::unitFree, acc.stored, pipe.free);
  }
  return true;
}

// Sets one side of an accumulator's unit flag; it has no latency of its own.
void Engine::handOver(CoreState& core, const Entry& entry, WaitFor flag, Arrival& at, Tick time) {
  at = {time, core.index, entry.step, entry.tile};
  wake(core, flag, entry.operand);
  if (listener_ != nullptr)
    listener_->on(
        SignalEvent{executed(core, entry), flagName(core, {flag, entry.operand}), time, time});
}

bool Engine::waitEvent(CoreState& core, PipeState& pipe, const Entry& entry) {
  Counter& flag = core.events[static_cast<std::size_t>(entry.operand)];
  const Wait name{WaitFor::eventFlag, entry.operand};
  if (!flag.ready()) {
    pipe.wait = name;
    return false;
  }
  const Tick ready = come(core, pipe, entry);
  const Arrival by = flag.next();
  const Tick at = decisions_.later(ready, by.time);
  stall(core, pipe, entry, StallReason::eventFlag, ready, at);
  if (const auto late = flag.take(at, decisions_))
    overflow(core.index, name, *late);
  pipe.free = at;
  if (listener_ != nullptr) {
    tellTaken(core, entry, name, at, by);
    listener_->on(FinishedEvent{executed(core, entry), at, at});
  }
  return true;
}

// set_flag, and the signals of TPUSH and TFREE.
void Engine::send(CoreState& core, PipeState& pipe, const Entry& entry, const Step& step) {
  const Tick sent = come(core, pipe, entry);
  pipe.free = sent;
  const bool local = step.kind == StepKind::setFlag;
  const Tick arrives = sent + (local ? code_.eventFlag : code_.crossCoreFlag);
  const Wait flag =
      local ? Wait{WaitFor::eventFlag, entry.operand} : Wait{WaitFor::ffts, step.flag};
  if (listener_ != nullptr)
    listener_->on(SignalEvent{executed(core, entry), flagName(core, flag), sent, arrives});
  const Arrival arrival{arrives, core.index, entry.step, entry.tile};
  if (!local) {
    const int full = machine_.cross.signal(arrival, step.flag, decisions_);
    if (full >= 0)
      overflow(full, flag, arrival);
    return;
  }
  if (!core.events[static_cast<std::size_t>(entry.operand)].arrive(arrival, decisions_))
    overflow(core.index, flag, arrival);
  wake(core, WaitFor::eventFlag, entry.operand);
}

void Engine::wake(CoreState& core, WaitFor what, std::int32_t index) {
  for (unsigned left = core.standing; left != 0; left &= left - 1) {
    const auto p = static_cast<unsigned>(std::countr_zero(left));
    const Wait& wait = core.pipes[p].wait;
    if (wait.what == what && wait.index == index)
      core.awake |= 1u << p;
  }
}

// Lets the pipes go on whose flag has come; they may wake others on their way.
void Engine::settle(CoreState& core) {
  while (core.awake != 0) {
    const auto p = static_cast<unsigned>(std::countr_zero(core.awake));
    core.awake &= ~(1u << p);
    Ring<Entry>& queue = core.pipes[p].queue;
    while (!queue.empty() && execute(core, queue.front()))
      queue.pop();
    if (queue.empty())
      core.standing &= ~(1u << p);
  }
}

void Engine::stall(const CoreState& core, PipeState& pipe, const Entry& entry, StallReason reason,
                   Tick from, Tick to) {
  if (to <= from)
    return;
  pipe.tally.stalls[static_cast<std::size_t>(reason)] += to - from;
  if (listener_ != nullptr)
    listener_->on(StallEvent{executed(core, entry), reason, from, to});
}

Entry Engine::current(const CoreState& core) const {
  const std::int32_t position = core.scalar.position();
  const Step& step = core.code->steps[static_cast<std::size_t>(position)];
  return {core.now, position, 0, core.scalar.values()[step.tile], core.sequence - 1};
}

} // namespace ptotune::sim
