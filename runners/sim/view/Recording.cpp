#include "runners/sim/view/Recording.h"

#include "runners/sim/data/Operands.h"

#include <fmt/format.h>

#include <algorithm>

namespace ptotune::sim {
namespace {

using program::InstrKind;

constexpr const char* kBlockLoop = "block";

// The variable of the enclosing block loop, for every instruction in listing order.
void collectBlocks(const program::Body& body, std::int32_t variable,
                   std::vector<std::int32_t>& into) {
  for (const program::Node& node : body) {
    if (const auto* loop = std::get_if<std::unique_ptr<program::Loop>>(&node))
      collectBlocks((*loop)->body, (*loop)->name == kBlockLoop ? (*loop)->variable : variable,
                    into);
    else
      into.push_back(variable);
  }
}

const program::TileRef& tileOf(const program::Instr& instr) {
  return instr.dst.buffer >= 0 ? instr.dst : instr.src[0];
}

} // namespace

Recording::Recording(const program::Program& program, const SocProfile& soc)
    : program_(program), clockHz_(soc.clockHz), issueTicks_(toTicks(soc.scalarIssueCycles)),
      listings_{listing(program.cube), listing(program.vector)} {
  collectBlocks(program.cube, -1, blockVariables_[0]);
  collectBlocks(program.vector, -1, blockVariables_[1]);
  for (auto& entries : entries_)
    entries.assign(program.fifos.size(), kUndefined);
}

void Recording::on(const IssuedEvent& event) {
  const Executed& what = event.what;
  const auto core = static_cast<std::size_t>(what.core);
  const program::Instr& instruction = instr(what);
  Issue issue{.what = what, .start = event.time - issueTicks_, .end = event.time};
  const std::int32_t block =
      blockVariables_[what.core == 0 ? 0 : 1][static_cast<std::size_t>(what.instr)];
  if (block >= 0)
    issue.block = event.values->variable(block);
  if (instruction.kind == InstrKind::op) {
    if (const program::TileRef& tile = tileOf(instruction); tile.copy >= 0)
      issue.copy = event.values->evaluate(tile.copy);
    const program::ViewRef& view = instruction.view;
    if (view.valid() && view.tensor == program::Tensor::none && view.fifo >= 0)
      issue.entry = entries_[core][static_cast<std::size_t>(view.fifo)];
  }
  end_ = std::max(end_, event.time);
  issues_[core].push_back(issue);
}

void Recording::on(const FinishedEvent& event) {
  end_ = std::max(end_, event.end);
  if (event.end <= event.start)
    return;
  worked_[static_cast<std::size_t>(event.what.core)][static_cast<std::size_t>(event.what.pipe)] =
      true;
  works_.push_back({event.what, event.start, event.end});
}

void Recording::on(const FifoEvent& event) {
  const auto core = static_cast<std::size_t>(event.what.core);
  issues_[core][static_cast<std::size_t>(event.what.sequence)].entry = event.index;
  if (event.kind == InstrKind::talloc || event.kind == InstrKind::tpop)
    entries_[core][static_cast<std::size_t>(event.fifo)] = event.index;
}

Ring<Recording::Signal>& Recording::pending(const FlagName& flag, int from, int to) {
  const bool ffts = flag.kind == FlagKind::ffts;
  const FlagKey key{flag.kind, ffts ? 0 : flag.core, flag.source, flag.target, flag.id};
  return pending_[{key, from, to}];
}

void Recording::on(const SignalEvent& event) {
  const Signal signal{event.what, event.sent};
  const int core = event.what.core;
  if (event.flag.kind == FlagKind::event) {
    pending(event.flag, core, core).push(signal);
    return;
  }
  if (event.flag.kind == FlagKind::unit) {
    Ring<Signal>& last = pending(event.flag, core, core);
    while (!last.empty()) // nobody took the one before
      last.pop();
    last.push(signal);
    return;
  }
  if (core != 0) {
    pending(event.flag, core, 0).push(signal);
    return;
  }
  for (int aiv = 1; aiv < kCoreCount; ++aiv)
    pending(event.flag, 0, aiv).push(signal);
}

void Recording::addFlow(const Signal& from, const TakenEvent& to) {
  const auto core = static_cast<std::size_t>(from.what.core);
  if (worked_[core][static_cast<std::size_t>(from.what.pipe)])
    flows_.push_back({to.flag, from.what, to.what, from.sent, to.time});
}

void Recording::on(const TakenEvent& event) {
  const int core = event.what.core;
  const bool joins = event.flag.kind == FlagKind::ffts && core == 0;
  const bool crosses = event.flag.kind == FlagKind::ffts;
  for (int sender = crosses ? (joins ? 1 : 0) : core;
       sender <= (crosses ? (joins ? kCoreCount - 1 : 0) : core); ++sender) {
    Ring<Signal>& queue = pending(event.flag, sender, core);
    if (queue.empty())
      continue; // the unit flag's further takers
    addFlow(queue.front(), event);
    queue.pop();
  }
}

Subject subjectOf(const program::Program& program, const program::Instr& instr) {
  Subject subject;
  if (instr.kind != InstrKind::op)
    return subject;
  const program::TileRef& tile = tileOf(instr);
  if (tile.buffer >= 0) {
    subject.buffer = program.buffers[static_cast<std::size_t>(tile.buffer)].name;
    subject.rows = tile.rows;
    subject.cols = tile.cols;
    subject.bytes = subject.rows * subject.cols * bytesOf(tile.dtype);
  }
  const program::ViewRef& view = instr.view;
  if (view.valid()) {
    constexpr std::array<const char*, 8> tensors = {"",    "q",        "k",        "v",
                                                    "out", "part_out", "part_max", "part_sum"};
    subject.view = view.tensor == program::Tensor::none
                       ? program.fifos[static_cast<std::size_t>(view.fifo)].name
                       : tensors[static_cast<std::size_t>(view.tensor)];
    subject.rows = view.rows;
    subject.cols = view.cols;
    subject.bytes = subject.rows * subject.cols * bytesOf(view.dtype);
  }
  if (subject.rows == 0) { // an instruction without operands
    subject.rows = instr.shape.rows;
    subject.cols = instr.shape.cols;
    subject.bytes = subject.rows * subject.cols * instr.shape.bytes;
  }
  return subject;
}

std::string instrName(const program::Program& program, const program::Instr& instr) {
  const auto fifo = [&](const char* call) {
    return fmt::format("{} {}", call, program.fifos[static_cast<std::size_t>(instr.fifo)].name);
  };
  switch (instr.kind) {
  case InstrKind::op:
    return name(instr.shape.op);
  case InstrKind::setFlag:
    return fmt::format("SET_FLAG {} -> {}", name(instr.source), name(instr.target));
  case InstrKind::waitFlag:
    return fmt::format("WAIT_FLAG {} -> {}", name(instr.source), name(instr.target));
  case InstrKind::barrier:
    return "PIPE_BARRIER";
  case InstrKind::open:
    return fifo("open");
  case InstrKind::close:
    return fifo("close");
  case InstrKind::talloc:
    return fifo("TALLOC");
  case InstrKind::tpush:
    return fifo("TPUSH");
  case InstrKind::tpop:
    return fifo("TPOP");
  case InstrKind::tfree:
    return fifo("TFREE");
  }
  return "";
}

std::string flagName(const program::Program& program, const FlagName& flag) {
  switch (flag.kind) {
  case FlagKind::event:
    return fmt::format("event flag {} -> {} #{}", name(flag.source), name(flag.target), flag.id);
  case FlagKind::unit:
    return fmt::format("unit flag {} -> {} #{}", name(flag.source), name(flag.target), flag.id);
  case FlagKind::ffts:
    break;
  }
  for (const program::FifoInfo& fifo : program.fifos) {
    if (flag.id == fifo.flagBase)
      return fmt::format("data of {}", fifo.name);
    if (flag.id == fifo.flagBase + 1)
      return fmt::format("free slot of {}", fifo.name);
  }
  return fmt::format("FFTS flag {}", flag.id);
}

} // namespace ptotune::sim
