// Why a run cannot go on: the wait-for graph of the units that stand, followed from one of them.
#include "runners/sim/Machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>

namespace ptotune::sim {
namespace {

// Instructions that a walk looks ahead for the one that would set a flag.
constexpr std::int64_t kLookAhead = 10'000'000;

// A unit that stands: the scalar unit (PIPE_S) at the instruction at hand, a pipe at the front of
// its queue.
struct Unit {
  int core = 0;
  Pipe pipe = Pipe::s;
  bool operator==(const Unit&) const = default;
  bool operator<(const Unit& other) const {
    return std::tie(core, pipe) < std::tie(other.core, other.pipe);
  }
};

// An instruction that would set a flag: not yet issued (unit PIPE_S), or queued on a pipe.
struct Setter {
  Unit unit;
  std::int32_t step = 0;
  std::int64_t tile = kUndefined;
  std::int32_t operand = -1;
};

struct Link {
  Unit unit;
  std::string text;
};

const Wait& waitOf(const Machine& machine, const Unit& unit) {
  const CoreState& core = machine.cores[static_cast<std::size_t>(unit.core)];
  return unit.pipe == Pipe::s ? core.wait : core.pipe(unit.pipe).wait;
}

bool stands(const Machine& machine, const Unit& unit) {
  const CoreState& core = machine.cores[static_cast<std::size_t>(unit.core)];
  if (unit.pipe != Pipe::s)
    return !core.pipe(unit.pipe).queue.empty();
  return core.scalar.state() == ScalarUnit::State::running && core.wait.what != WaitFor::nothing;
}

std::string unitText(const Machine& machine, const Unit& unit) {
  const CoreState& core = machine.cores[static_cast<std::size_t>(unit.core)];
  const std::string who = fmt::format("{} {}", coreName(unit.core), name(unit.pipe));
  if (unit.pipe != Pipe::s) {
    const Entry& entry = core.pipe(unit.pipe).queue.front();
    return fmt::format("{} {}", who,
                       describe(*machine.code, unit.core, entry.step, entry.tile, entry.operand));
  }
  const std::int32_t at = core.scalar.position();
  const Step& step = core.code->steps[static_cast<std::size_t>(at)];
  const std::int32_t operand = core.wait.what == WaitFor::eventFlag ? core.wait.index : -1;
  return fmt::format(
      "{} {}", who,
      describe(*machine.code, unit.core, at, core.scalar.values()[step.tile], operand));
}

bool sets(const Step& step, std::int32_t operand, const Wait& wait) {
  switch (wait.what) {
  case WaitFor::eventFlag:
    return step.kind == StepKind::setFlag && operand == wait.index;
  case WaitFor::unitFull:
    return step.kind == StepKind::matmul && step.last && operand == wait.index;
  case WaitFor::unitFree:
    return step.kind == StepKind::store && step.last && operand == wait.index;
  case WaitFor::ffts:
    return (step.kind == StepKind::tpush || step.kind == StepKind::tfree) &&
           step.flag == wait.index;
  case WaitFor::nothing:
    break;
  }
  return false;
}

std::optional<Setter> queuedSetter(const Machine& machine, int index, const Wait& wait) {
  const CoreState& core = machine.cores[static_cast<std::size_t>(index)];
  for (std::size_t p = 1; p < kPipeCount; ++p) {
    const Ring<Entry>& queue = core.pipes[p].queue;
    for (std::size_t i = 0; i < queue.size(); ++i)
      if (sets(core.code->steps[static_cast<std::size_t>(queue[i].step)], queue[i].operand, wait))
        return Setter{
            {index, static_cast<Pipe>(p)}, queue[i].step, queue[i].tile, queue[i].operand};
  }
  return std::nullopt;
}

// Moves the protocol state over an instruction as if it had gone through; false for a TFREE that
// gives no credit.
bool pass(const Code& code, const Step& step, std::vector<FifoEnd>& fifos) {
  if (step.kind < StepKind::open)
    return true;
  FifoEnd& end = fifos[static_cast<std::size_t>(step.index)];
  if (step.kind == StepKind::open)
    end = FifoEnd{};
  if (step.kind == StepKind::talloc || step.kind == StepKind::tpop)
    ++end.tile;
  return step.kind != StepKind::tfree ||
         end.freeSignals(code.fifos[static_cast<std::size_t>(step.index)].shape);
}

// The first instruction ahead of the scalar unit that would set the flag.
std::optional<Setter> comingSetter(const Machine& machine, int index, const Wait& wait) {
  const CoreState& core = machine.cores[static_cast<std::size_t>(index)];
  ScalarUnit ahead = core.scalar;
  ahead.limitTo(kLookAhead);
  std::vector<FifoEnd> fifos = core.fifos;
  while (const Step* step = ahead.fetch()) {
    std::int32_t operand = -1;
    if (step->range > 0) {
      const std::int64_t chosen = step->value == Values::kNoSlot ? 0 : ahead.values()[step->value];
      if (chosen >= 0 && chosen < step->range)
        operand = step->index + static_cast<std::int32_t>(chosen);
    }
    if (pass(*machine.code, *step, fifos) && sets(*step, operand, wait))
      return Setter{{index, Pipe::s}, ahead.position(), ahead.values()[step->tile], operand};
    ahead.advance();
  }
  return std::nullopt;
}

// The core that has to set what `core` waits for. A joined FFTS flag lacks the AIV that is behind.
int senderOf(const Machine& machine, int core, const Wait& wait) {
  if (wait.what != WaitFor::ffts)
    return core;
  if (core != 0)
    return 0;
  return machine.cross.sent(2, wait.index) < machine.cross.sent(1, wait.index) ? 2 : 1;
}

std::optional<Unit> firstStanding(const Machine& machine) {
  for (int core = 0; core < kCoreCount; ++core)
    for (std::size_t p = 0; p < kPipeCount; ++p)
      if (const Unit unit{core, static_cast<Pipe>(p)}; stands(machine, unit))
        return unit;
  return std::nullopt;
}

std::string lastLink(const Machine& machine, const Unit& unit, int sender) {
  const bool ended =
      machine.cores[static_cast<std::size_t>(sender)].scalar.state() == ScalarUnit::State::ended;
  return fmt::format("{} waits for {}, which nothing on {} sets any more{}",
                     unitText(machine, unit), flagText(machine, unit.core, waitOf(machine, unit)),
                     coreName(sender), ended ? ": it has ended" : "");
}

} // namespace

std::vector<std::string> explainHang(const Machine& machine) {
  std::vector<Link> chain;
  std::vector<std::string> lines;
  std::optional<Unit> unit = firstStanding(machine);
  while (unit) {
    const auto seen = std::find_if(chain.begin(), chain.end(),
                                   [&](const Link& link) { return link.unit == *unit; });
    if (seen != chain.end()) {
      chain.erase(chain.begin(), seen);
      std::rotate(chain.begin(),
                  std::min_element(chain.begin(), chain.end(),
                                   [](const Link& a, const Link& b) { return a.unit < b.unit; }),
                  chain.end());
      chain.push_back({chain.front().unit,
                       fmt::format("{}: the cycle closes", unitText(machine, chain.front().unit))});
      break;
    }
    const Wait wait = waitOf(machine, *unit);
    const int sender = senderOf(machine, unit->core, wait);
    std::optional<Setter> setter = queuedSetter(machine, sender, wait);
    if (!setter)
      setter = comingSetter(machine, sender, wait);
    if (!setter) {
      chain.push_back({*unit, lastLink(machine, *unit, sender)});
      break;
    }
    chain.push_back(
        {*unit,
         fmt::format("{} waits for {}, next set by {} {}{}", unitText(machine, *unit),
                     flagText(machine, unit->core, wait), coreName(sender),
                     describe(*machine.code, sender, setter->step, setter->tile, setter->operand),
                     setter->unit.pipe == Pipe::s
                         ? ""
                         : fmt::format(" queued on {}", name(setter->unit.pipe)))});
    unit = setter->unit;
  }
  lines.reserve(lines.size() + chain.size());
  for (Link& link : chain)
    lines.push_back(std::move(link.text));
  return lines;
}

namespace {

void leftoverCounter(const Machine& machine, int core, const Wait& wait, const Counter& counter,
                     bool overflows, std::vector<std::string>& lines) {
  const auto limit = overflows ? static_cast<std::size_t>(counter.max()) : 0;
  if (counter.outstanding() <= limit)
    return;
  const Arrival& by = counter.at(limit);
  lines.push_back(fmt::format("{} {} at cycle {:.2f}: {} of {} {}", coreName(by.core),
                              describe(*machine.code, by.core, by.step, by.tile,
                                       wait.what == WaitFor::eventFlag ? wait.index : -1),
                              toCycles(by.time), flagText(machine, core, wait), coreName(core),
                              overflows
                                  ? fmt::format("stands at its limit of {} already", counter.max())
                                  : "is never waited for: it stays set behind the kernel"));
}

} // namespace

std::vector<std::string> explainLeftovers(const Machine& machine, bool overflows) {
  std::vector<std::string> lines;
  for (const CoreState& core : machine.cores) {
    for (std::size_t i = 0; i < core.events.size(); ++i)
      leftoverCounter(machine, core.index, {WaitFor::eventFlag, static_cast<std::int32_t>(i)},
                      core.events[i], overflows, lines);
    for (std::size_t i = 0; i < machine.cross.flags(); ++i) {
      const auto flag = static_cast<std::int32_t>(i);
      leftoverCounter(machine, core.index, {WaitFor::ffts, flag},
                      machine.cross.counter(core.index, flag), overflows, lines);
      if (!overflows && core.index == 0 && machine.cross.unmatched(flag))
        lines.push_back(fmt::format("FFTS flag {} ({}): AIV0 signalled {} times, AIV1 {} times",
                                    flag, machine.code->fftsNames[i], machine.cross.sent(1, flag),
                                    machine.cross.sent(2, flag)));
    }
    for (std::size_t i = 0; !overflows && i < core.accumulators.size(); ++i)
      if (!core.accumulators[i].free())
        lines.push_back(fmt::format(
            "{} {}: the result is never stored: its unit flag stays set behind the kernel",
            coreName(core.index),
            describe(*machine.code, core.index, core.accumulators[i].handedOver.step,
                     core.accumulators[i].handedOver.tile, static_cast<std::int32_t>(i))));
  }
  return lines;
}

} // namespace ptotune::sim
