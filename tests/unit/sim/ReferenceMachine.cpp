#include "tests/unit/sim/ReferenceMachine.h"

#include <algorithm>
#include <limits>

namespace ptotune::test {

using program::ExprKind;
using program::Instr;
using program::InstrKind;
using program::Phase;

std::int64_t ReferenceMachine::value(program::ExprId id, const std::vector<std::int64_t>& variables,
                                     std::int64_t subblock) const {
  const program::Expr& e = program_.exprs.at(static_cast<std::size_t>(id));
  const auto l = [&] { return value(e.lhs, variables, subblock); };
  const auto r = [&] { return value(e.rhs, variables, subblock); };
  switch (e.kind) {
  case ExprKind::constant:
    return e.value;
  case ExprKind::s0:
    return problem_.s0;
  case ExprKind::s1:
    return problem_.s1;
  case ExprKind::blockIdx:
    return 0;
  case ExprKind::blockNum:
    return active_;
  case ExprKind::subblockIdx:
    return subblock;
  case ExprKind::variable:
    return variables.at(static_cast<std::size_t>(e.value));
  case ExprKind::add:
    return l() + r();
  case ExprKind::sub:
    return l() - r();
  case ExprKind::mul:
    return l() * r();
  case ExprKind::div:
    return l() / r();
  case ExprKind::rem:
    return l() % r();
  case ExprKind::min:
    return std::min(l(), r());
  case ExprKind::max:
    return std::max(l(), r());
  }
  return 0;
}

void ReferenceMachine::unroll(const program::Body& body, std::vector<std::int64_t>& variables,
                              std::int64_t subblock, std::vector<Item>& items) const {
  for (const program::Node& node : body) {
    if (const auto* instr = std::get_if<Instr>(&node)) {
      Item item;
      item.instr = instr;
      if (instr->event >= 0)
        item.event = value(instr->event, variables, subblock);
      const program::TileRef& tile = instr->shape.op == Op::tstore ? instr->src[0] : instr->dst;
      if (tile.copy >= 0)
        item.copy = value(tile.copy, variables, subblock);
      items.push_back(item);
      continue;
    }
    const program::Loop& loop = *std::get<std::unique_ptr<program::Loop>>(node);
    const std::int64_t upper = value(loop.upper, variables, subblock);
    const std::int64_t step = value(loop.step, variables, subblock);
    std::int64_t& v = variables.at(static_cast<std::size_t>(loop.variable));
    for (v = value(loop.lower, variables, subblock); v < upper; v += step)
      unroll(loop.body, variables, subblock, items);
  }
}

std::int64_t ReferenceMachine::cost(const Instr& instr) const {
  std::int64_t cycles = ptotune::cycles(soc_, instr.shape);
  const bool gm = (instr.shape.op == Op::tload || instr.shape.op == Op::tstore) &&
                  (instr.shape.from == Memory::gm || instr.shape.to == Memory::gm);
  if (!gm)
    return cycles;
  cycles += static_cast<std::int64_t>(soc_.transferLatencyCycles);
  const bool stores = instr.shape.to == Memory::gm;
  return cycles * static_cast<std::int64_t>(soc_.gmSharing.slowdown(stores, active_));
}

bool ReferenceMachine::takeFfts(CoreModel& core, int flag) {
  FlagModel& model = core.ffts[flag];
  if (model.count == 0)
    return false;
  --model.count;
  return true;
}

void ReferenceMachine::signal(int core, int flag) {
  const std::int64_t at = now_ + static_cast<std::int64_t>(soc_.crossCoreFlagCycles);
  ++sent_[core][flag];
  if (core == 0) {
    cores_[1].ffts[flag].coming.push_back(at);
    cores_[2].ffts[flag].coming.push_back(at);
  } else if (sent_[core][flag] <= sent_[3 - core][flag]) {
    cores_[0].ffts[flag].coming.push_back(at); // the other one has signalled before
  }
}

// The scalar unit in this cycle: begins an issue, or completes one. True when something changed.
bool ReferenceMachine::stepScalar(int index) {
  CoreModel& core = cores_[index];
  if (core.next == core.items.size())
    return false;
  if (!core.issuing) {
    core.issuing = true;
    core.issuedAt = now_ + static_cast<std::int64_t>(soc_.scalarIssueCycles);
    end_ = std::max(end_, core.issuedAt);
    return true;
  }
  if (now_ < core.issuedAt)
    return false;
  Item& item = core.items[core.next];
  const Instr& instr = *item.instr;
  const auto done = [&] {
    end_ = std::max(end_, now_);
    ++core.next;
    core.issuing = false;
    return true;
  };
  if (instr.fifo >= 0) {
    const program::FifoInfo& info = program_.fifos[static_cast<std::size_t>(instr.fifo)];
    FifoModel& end = core.fifos[instr.fifo];
    const bool produces = (info.producer == Core::cube) == (index == 0);
    switch (instr.kind) {
    case InstrKind::open:
      end = {};
      return done();
    case InstrKind::close:
      while (produces && end.credits < end.tile / info.syncPeriod) {
        if (!takeFfts(core, info.flagBase + 1))
          return false;
        ++end.credits;
      }
      return done();
    case InstrKind::talloc:
      if (end.tile >= info.slots && end.tile % info.syncPeriod == 0) {
        if (!takeFfts(core, info.flagBase + 1))
          return false;
        ++end.credits;
      }
      ++end.tile;
      return done();
    case InstrKind::tpop:
      if (!takeFfts(core, info.flagBase))
        return false;
      ++end.tile;
      return done();
    case InstrKind::tfree:
      if (end.tile % info.syncPeriod != 0)
        return done();
      break;
    default:
      break;
    }
  }
  if (instr.kind == InstrKind::waitFlag && instr.target == Pipe::s) {
    FlagModel& flag = core.events[{instr.source, instr.target, item.event}];
    if (flag.count == 0)
      return false;
    --flag.count;
    return done();
  }
  core.pipes[instr.pipe].queue.push_back(item);
  return done();
}

// Whether the front may start now; takes what it waits for.
bool ReferenceMachine::begin(int index, PipeModel& pipe) {
  CoreModel& core = cores_[index];
  const Item& item = pipe.queue.front();
  const Instr& instr = *item.instr;
  if (instr.kind == InstrKind::waitFlag) {
    FlagModel& flag = core.events[{instr.source, instr.target, item.event}];
    if (flag.count == 0)
      return false;
    --flag.count;
  }
  if (instr.kind == InstrKind::op && instr.phase != Phase::none) {
    const bool stores = instr.shape.op == Op::tstore;
    const AccModel& acc = core.accs[{stores ? instr.src[0].buffer : instr.dst.buffer, item.copy}];
    if (stores ? acc.finals == acc.stores : acc.finals > acc.stores)
      return false;
  }
  pipe.working = true;
  pipe.busyUntil = now_ + (instr.kind == InstrKind::op ? cost(instr) : 0);
  return true;
}

bool ReferenceMachine::stepPipe(int index, PipeModel& pipe) {
  CoreModel& core = cores_[index];
  if (pipe.queue.empty())
    return false;
  if (!pipe.working)
    return begin(index, pipe);
  if (now_ < pipe.busyUntil)
    return false;
  end_ = std::max(end_, now_);
  const Item item = pipe.queue.front();
  const Instr& instr = *item.instr;
  pipe.queue.pop_front();
  pipe.working = false;
  if (instr.kind == InstrKind::setFlag)
    core.events[{instr.source, instr.target, item.event}].coming.push_back(
        now_ + static_cast<std::int64_t>(soc_.eventFlagCycles));
  if (instr.kind == InstrKind::tpush)
    signal(index, program_.fifos[static_cast<std::size_t>(instr.fifo)].flagBase);
  if (instr.kind == InstrKind::tfree)
    signal(index, program_.fifos[static_cast<std::size_t>(instr.fifo)].flagBase + 1);
  if (instr.kind == InstrKind::op && instr.phase == Phase::final) {
    const bool stores = instr.shape.op == Op::tstore;
    AccModel& acc = core.accs[{stores ? instr.src[0].buffer : instr.dst.buffer, item.copy}];
    ++(stores ? acc.stores : acc.finals);
  }
  return true;
}

void ReferenceMachine::arriveAll() {
  const auto arrive = [this](FlagModel& flag) {
    while (!flag.coming.empty() && flag.coming.front() <= now_) {
      flag.coming.pop_front();
      ++flag.count;
    }
  };
  for (CoreModel& core : cores_) {
    for (auto& [key, flag] : core.events)
      arrive(flag);
    for (auto& [key, flag] : core.ffts)
      arrive(flag);
  }
}

bool ReferenceMachine::overflowed() const {
  for (const CoreModel& core : cores_) {
    for (const auto& [key, flag] : core.events)
      if (flag.count > 1)
        return true;
    for (const auto& [key, flag] : core.ffts)
      if (flag.count > soc_.fftsCounterMax)
        return true;
  }
  return false;
}

bool ReferenceMachine::clean() const {
  for (const CoreModel& core : cores_) {
    for (const auto& [key, flag] : core.events)
      if (flag.count + static_cast<std::int64_t>(flag.coming.size()) != 0)
        return false;
    for (const auto& [key, flag] : core.ffts)
      if (flag.count + static_cast<std::int64_t>(flag.coming.size()) != 0)
        return false;
    for (const auto& [key, acc] : core.accs)
      if (acc.finals != acc.stores)
        return false;
  }
  for (const auto& [flag, count] : sent_[1])
    if (const auto other = sent_[2].find(flag); other == sent_[2].end() || other->second != count)
      return false;
  for (const auto& [flag, count] : sent_[2])
    if (!sent_[1].contains(flag))
      return false;
  return true;
}

// The next cycle in which anything is due; -1 when nothing is.
std::int64_t ReferenceMachine::nextTime() const {
  std::int64_t next = std::numeric_limits<std::int64_t>::max();
  const auto due = [&](std::int64_t at) {
    if (at > now_)
      next = std::min(next, at);
  };
  for (const CoreModel& core : cores_) {
    if (core.issuing)
      due(core.issuedAt);
    for (const auto& [key, pipe] : core.pipes)
      if (pipe.working)
        due(pipe.busyUntil);
    for (const auto& [key, flag] : core.events)
      if (!flag.coming.empty())
        due(flag.coming.front());
    for (const auto& [key, flag] : core.ffts)
      if (!flag.coming.empty())
        due(flag.coming.front());
  }
  return next == std::numeric_limits<std::int64_t>::max() ? -1 : next;
}

ReferenceResult ReferenceMachine::run() {
  blocks_ = problem_.s0 / program_.rowsPerBlock;
  active_ = std::min<std::int64_t>(blocks_, soc_.cubeCores);
  for (int i = 0; i < 3; ++i) {
    std::vector<std::int64_t> variables(static_cast<std::size_t>(program_.variables));
    unroll(i == 0 ? program_.cube : program_.vector, variables, i == 2 ? 1 : 0, cores_[i].items);
  }
  for (;;) {
    bool changed = true;
    while (changed) {
      changed = false;
      arriveAll();
      for (int i = 0; i < 3; ++i) {
        changed |= stepScalar(i);
        for (auto& [name, pipe] : cores_[i].pipes)
          changed |= stepPipe(i, pipe);
      }
    }
    if (overflowed())
      return {"protocol error", end_};
    const std::int64_t next = nextTime();
    if (next < 0)
      break;
    now_ = next;
  }
  for (const CoreModel& core : cores_) {
    bool queued = core.next < core.items.size();
    for (const auto& [name, pipe] : core.pipes)
      queued |= !pipe.queue.empty();
    if (queued)
      return {"hang", end_};
  }
  return {clean() ? "finished" : "protocol error", end_};
}

} // namespace ptotune::test
