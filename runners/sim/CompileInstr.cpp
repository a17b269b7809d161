// The instructions of a Program in flat form.
#include "runners/sim/Compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ptotune::sim {

using program::ExprId;
using program::Instr;
using program::InstrKind;
using program::Phase;

void Compiler::addInstr(const Instr& instr) {
  Step step;
  Note note;
  step.instr = instrs_++;
  where_ = fmt::format(", {} body, instruction {}{}{}", name(core_), step.instr,
                       instr.stage.empty() ? "" : " of ", instr.stage);
  step.tile = use(instr.tile);
  if (instr.tile >= 0)
    labels_.push_back(instr.tile);
  step.pipe = instr.pipe;
  note.stage = stageIndex(instr.stage);
  switch (instr.kind) {
  case InstrKind::op:
    addOp(instr, step, note);
    break;
  case InstrKind::setFlag:
  case InstrKind::waitFlag:
    addFlag(instr, step);
    break;
  case InstrKind::barrier:
    step.kind = StepKind::barrier;
    break;
  default:
    addFifo(instr, step);
    break;
  }
  emit(step, note);
  where_.clear();
}

void Compiler::addOp(const Instr& instr, Step& step, Note& note) {
  const OpShape& shape = instr.shape;
  note.op = shape.op;
  if (instr.pipe != pipeOf(shape))
    fail(fmt::format("{} stands on {}; expected {}", name(shape.op), name(instr.pipe),
                     name(pipeOf(shape))));
  const bool moves = shape.op == Op::tload || shape.op == Op::tstore;
  if ((moves || shape.op == Op::textract) && soc_.bandwidth(shape.from, shape.to) <= 0)
    fail(fmt::format("{} moves {} to {}; SoC '{}' has no such path", name(shape.op),
                     name(shape.from), name(shape.to), soc_.name));
  note.cycles = cycles(soc_, shape);
  note.gm = moves && (shape.from == Memory::gm || shape.to == Memory::gm);
  note.stores = note.gm && shape.to == Memory::gm;
  note.bytes = note.gm ? shape.rows * shape.cols * shape.bytes : 0;
  addShared(instr.view);
  if (instr.phase != Phase::none)
    addPhase(instr, step);
  if (reads_ == Reads::operands)
    useOperands(instr);
}

// A row of K or of V belongs to one key.
void Compiler::addShared(const program::ViewRef& view) {
  if (!view.valid() || (view.tensor != program::Tensor::k && view.tensor != program::Tensor::v))
    return;
  std::int64_t& bytes = rowBytes_[view.tensor == program::Tensor::k ? 0 : 1];
  bytes = std::max(bytes, std::max(view.rowStride, view.colStride) * bytesOf(view.dtype));
  code_->sharedBytesPerKey = rowBytes_[0] + rowBytes_[1];
}

void Compiler::useOperands(const Instr& instr) {
  for (const ExprId id :
       {instr.dst.copy, instr.src[0].copy, instr.src[1].copy, instr.src[2].copy, instr.scratch.copy,
        instr.view.rowOffset, instr.view.colOffset, instr.row, instr.col})
    use(id);
}

void Compiler::addPhase(const Instr& instr, Step& step) {
  const bool stores = instr.shape.op == Op::tstore;
  if (!stores && instr.shape.op != Op::tmatmul && instr.shape.op != Op::tmatmulAcc)
    fail(fmt::format("{} has a phase; expected a matmul or a store", name(instr.shape.op)));
  const program::TileRef& tile = stores ? instr.src[0] : instr.dst;
  if (tile.buffer < 0 || static_cast<std::size_t>(tile.buffer) >= program_.buffers.size()) {
    fail(fmt::format("{} has a phase but no accumulator", name(instr.shape.op)));
    return;
  }
  const program::BufferInfo& buffer = program_.buffers[static_cast<std::size_t>(tile.buffer)];
  if (buffer.copies < 1)
    fail(fmt::format("accumulator '{}' has {} copies", buffer.name, buffer.copies));
  const auto [entry, added] =
      accumulatorOf_.try_emplace(tile.buffer, static_cast<std::int32_t>(out_->accumulators.size()));
  if (added) {
    out_->accumulators.push_back({buffer.name, out_->accumulatorCount, buffer.copies});
    out_->accumulatorCount += buffer.copies;
  }
  step.kind = stores ? StepKind::store : StepKind::matmul;
  step.last = instr.phase == Phase::final;
  step.index = out_->accumulators[static_cast<std::size_t>(entry->second)].first;
  step.range = buffer.copies;
  step.value = select(tile.copy); // no slot: copy 0
}

void Compiler::addFlag(const Instr& instr, Step& step) {
  const bool sets = instr.kind == InstrKind::setFlag;
  std::vector<FlagPair>& pairs = out_->pairs;
  const auto found = std::find_if(pairs.begin(), pairs.end(), [&](const FlagPair& pair) {
    return pair.source == instr.source && pair.target == instr.target;
  });
  const auto pair = static_cast<std::int32_t>(found - pairs.begin());
  if (found == pairs.end())
    pairs.push_back({instr.source, instr.target});
  step.kind = sets ? StepKind::setFlag : StepKind::waitFlag;
  step.pipe = sets ? instr.source : instr.target;
  step.index = pair * code_->eventIds;
  step.range = code_->eventIds;
  step.value = require(instr.event, "the event id");
}

void Compiler::signalledBy(std::int32_t flag, Pipe pipe) {
  const auto [entry, added] = signalling_.try_emplace(flag, core_, pipe);
  if (!added && entry->second != std::pair(core_, pipe))
    fail(fmt::format("FFTS flag {} is signalled on {} and on {}; expected one pipe, whose order is "
                     "the order of its signals",
                     flag, name(entry->second.second), name(pipe)));
}

void Compiler::addFifo(const Instr& instr, Step& step) {
  if (instr.fifo < 0 || static_cast<std::size_t>(instr.fifo) >= code_->fifos.size()) {
    fail(fmt::format("there is no FIFO {}", instr.fifo));
    return;
  }
  const FifoCode& fifo = code_->fifos[static_cast<std::size_t>(instr.fifo)];
  const bool produces = fifo.producer == core_;
  const auto side = [&](bool producer, const char* what) {
    if (produces != producer)
      fail(fmt::format("{} of FIFO '{}' on its {}", what, fifo.name,
                       produces ? "producer" : "consumer"));
  };
  step.index = instr.fifo;
  switch (instr.kind) {
  case InstrKind::open:
    step.kind = StepKind::open;
    step.pipe = Pipe::s;
    break;
  case InstrKind::close:
    step.kind = StepKind::close;
    step.pipe = Pipe::s;
    step.flag = fifo.freeFlag;
    break;
  case InstrKind::talloc:
    side(true, "TALLOC");
    step.kind = StepKind::talloc;
    step.pipe = Pipe::s;
    step.flag = fifo.freeFlag;
    break;
  case InstrKind::tpush:
    side(true, "TPUSH");
    step.kind = StepKind::tpush;
    step.flag = fifo.readyFlag;
    signalledBy(step.flag, step.pipe);
    break;
  case InstrKind::tpop:
    side(false, "TPOP");
    step.kind = StepKind::tpop;
    step.pipe = Pipe::s;
    step.flag = fifo.readyFlag;
    break;
  default:
    side(false, "TFREE");
    step.kind = StepKind::tfree;
    step.flag = fifo.freeFlag;
    signalledBy(step.flag, step.pipe);
    break;
  }
}

} // namespace ptotune::sim
