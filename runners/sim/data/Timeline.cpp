#include "runners/sim/data/Timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace ptotune::sim {

using program::InstrKind;

namespace {

std::size_t pipeIndex(const Executed& what) {
  return static_cast<std::size_t>(what.core) * kPipeCount + static_cast<std::size_t>(what.pipe);
}

} // namespace

void Timeline::on(const IssuedEvent& event) {
  operands_.follow(event);
  if (operands_.instr(event.what.core, event.what.instr).kind != InstrKind::op)
    return;
  Operation op = operands_.resolve(event);
  for (const Fault& fault : op.faults)
    if (fault.misuse != Misuse::retired && fault_.empty())
      fault_ = fmt::format("{} instruction {}, {}: {}", coreName(op.what.core), op.what.instr,
                           name(op.instr->shape.op), fault.text);
  issued_[pipeIndex(event.what)].push(op);
}

void Timeline::on(const FinishedEvent& event) {
  last_ = std::max(last_, event.end);
  const InstrKind kind = operands_.instr(event.what.core, event.what.instr).kind;
  if (kind == InstrKind::op) {
    Ring<Operation>& issued = issued_[pipeIndex(event.what)];
    if (event.what.pipe == Pipe::v)
      undrained_[static_cast<std::size_t>(event.what.core)].push_back(operations_.size());
    operations_.push_back(issued.front());
    times_.push_back({event.start, event.end});
    issued.pop();
  } else if (event.what.pipe == Pipe::v && kind != InstrKind::waitFlag) {
    drain(event.what.core, event.end);
  }
}

void Timeline::drain(int core, Tick time) {
  std::vector<std::size_t>& waiting = undrained_[static_cast<std::size_t>(core)];
  for (const std::size_t operation : waiting)
    times_[operation].end = std::max(times_[operation].end, time);
  waiting.clear();
}

std::vector<Timeline::Effect> Timeline::effects() {
  for (int core = 0; core < kCoreCount; ++core)
    drain(core, last_);
  std::vector<Effect> effects;
  effects.reserve(2 * operations_.size());
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    effects.push_back({times_[i].start, i, false});
    effects.push_back({times_[i].end, i, true});
  }
  std::sort(effects.begin(), effects.end(), [](const Effect& a, const Effect& b) {
    return std::tie(a.time, a.operation, a.writes) < std::tie(b.time, b.operation, b.writes);
  });
  return effects;
}

} // namespace ptotune::sim
