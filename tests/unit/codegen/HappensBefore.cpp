#include "HappensBefore.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>

namespace ptotune::program {
namespace {

using Clock = std::array<std::int64_t, kPipeCount>;

constexpr std::size_t kFaultsKept = 5;

std::size_t at(Pipe pipe) {
  return static_cast<std::size_t>(pipe);
}

void join(Clock& clock, const Clock& other) {
  for (std::size_t i = 0; i < clock.size(); ++i)
    clock[i] = std::max(clock[i], other[i]);
}

struct Access {
  Bytes bytes;
  bool writes = false;
  std::size_t step = 0;
  Pipe pipe = Pipe::s;
  std::int64_t time = 0; // on its pipe
  bool phased = false;   // carries a unit-flag phase
};

// An accumulator under unit flags.
struct UnitFlag {
  bool full = false; // the last matmul was final, the store is due
  Clock clock{};
};

class Checker {
public:
  Checker(const Program& program, const std::vector<Step>& steps)
      : program_(program), steps_(steps) {}

  OrderReport run() {
    for (std::size_t i = 0; i < steps_.size(); ++i)
      step(i);
    for (const auto& [flag, clock] : flags_)
      if (clock)
        fault(fmt::format("flag {} -> {} #{} is set at the end", name(std::get<0>(flag)),
                          name(std::get<1>(flag)), std::get<2>(flag)));
    return std::move(report_);
  }

private:
  void fault(std::string text) {
    if (report_.faults.size() < kFaultsKept)
      report_.faults.push_back(std::move(text));
  }

  void step(std::size_t i) {
    const Instr& instr = *steps_[i].instr;
    switch (instr.kind) {
    case InstrKind::setFlag:
      return set(i);
    case InstrKind::waitFlag:
      return wait(i);
    case InstrKind::barrier:
      ++report_.barriers;
      barrier_[at(instr.pipe)] = clock(instr.pipe)[at(instr.pipe)];
      return;
    case InstrKind::op:
      return op(i);
    default:
      return; // FIFO operations are in order on their pipe, or block the issue
    }
  }

  Clock& clock(Pipe pipe) { return clocks_[at(pipe)]; }

  auto flagOf(std::size_t i) const {
    const Instr& instr = *steps_[i].instr;
    return std::tuple(instr.source, instr.target, steps_[i].event);
  }

  void set(std::size_t i) {
    ++report_.sets;
    std::optional<Clock>& flag = flags_[flagOf(i)];
    if (flag)
      fault(fmt::format("step {}: flag set twice", i));
    flag = clock(steps_[i].instr->source);
  }

  void wait(std::size_t i) {
    ++report_.waits;
    std::optional<Clock>& flag = flags_[flagOf(i)];
    if (!flag)
      return fault(fmt::format("step {}: wait for a flag that nobody has set", i));
    join(clock(steps_[i].instr->target), *flag);
    flag.reset();
  }

  void unitFlag(std::size_t i, const Access& acc) {
    const Instr& instr = *steps_[i].instr;
    UnitFlag& flag = unitFlags_[acc.bytes.begin];
    if (instr.shape.op == Op::tstore) {
      if (!flag.full)
        fault(fmt::format("step {}: store of an accumulator that is not final", i));
      join(clock(Pipe::fix), flag.clock);
      flag = {false, clock(Pipe::fix)};
      flag.clock[at(Pipe::fix)] = acc.time;
      return;
    }
    if (flag.full)
      fault(fmt::format("step {}: matmul into an accumulator that waits for its store", i));
    if (instr.shape.op == Op::tmatmul)
      join(clock(Pipe::m), flag.clock);
    flag = {instr.phase == Phase::final, clock(Pipe::m)};
    flag.clock[at(Pipe::m)] = acc.time;
  }

  void op(std::size_t i) {
    const Step& s = steps_[i];
    const Instr& instr = *s.instr;
    std::vector<Access> accesses;
    const auto add = [&](const TileRef& tile, std::int64_t copy, bool writes) {
      if (tile.buffer >= 0)
        accesses.push_back({bytesOf(program_, tile, copy), writes, i, instr.pipe, 0, false});
    };
    add(instr.dst, s.dstCopy, true);
    add(instr.scratch, s.scratchCopy, true);
    for (std::size_t k = 0; k < instr.src.size(); ++k)
      add(instr.src[k], s.srcCopy[k], false);
    const std::int64_t time = ++clock(instr.pipe)[at(instr.pipe)];
    for (Access& access : accesses) {
      access.time = time;
      access.phased = instr.phase != Phase::none && access.bytes.memory == Memory::l0c;
      if (access.phased)
        unitFlag(i, access);
    }
    for (const Access& access : accesses)
      for (const Access& earlier : history_[access.bytes.memory])
        check(earlier, access);
    for (const Access& access : accesses)
      remember(access);
  }

  void check(const Access& earlier, const Access& later) {
    if (earlier.step == later.step || (!earlier.writes && !later.writes) ||
        !earlier.bytes.overlaps(later.bytes))
      return;
    ++report_.conflicts;
    const bool ordered = earlier.pipe != later.pipe
                             ? clock(later.pipe)[at(earlier.pipe)] >= earlier.time
                             : earlier.pipe != Pipe::v || barrier_[at(Pipe::v)] >= earlier.time;
    if (!ordered)
      fault(fmt::format("steps {} ({} on {}) and {} ({} on {}) touch the same bytes without order",
                        earlier.step, name(steps_[earlier.step].instr->shape.op),
                        name(earlier.pipe), later.step, name(steps_[later.step].instr->shape.op),
                        name(later.pipe)));
  }

  // A write that covers an earlier access and is ordered behind it stands for it from now on.
  void remember(const Access& access) {
    std::vector<Access>& history = history_[access.bytes.memory];
    if (access.writes)
      std::erase_if(history, [&](const Access& earlier) {
        return earlier.step != access.step && access.bytes.begin <= earlier.bytes.begin &&
               earlier.bytes.end <= access.bytes.end;
      });
    history.push_back(access);
  }

  const Program& program_;
  const std::vector<Step>& steps_;
  OrderReport report_;
  std::array<Clock, kPipeCount> clocks_{};
  Clock barrier_{};
  std::map<std::tuple<Pipe, Pipe, std::int64_t>, std::optional<Clock>> flags_;
  std::map<std::int64_t, UnitFlag> unitFlags_; // by address of the accumulator
  std::map<Memory, std::vector<Access>> history_;
};

} // namespace

OrderReport checkOrder(const Program& program, const std::vector<Step>& steps) {
  return Checker(program, steps).run();
}

} // namespace ptotune::program
