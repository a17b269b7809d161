#include "runners/sim/data/Operands.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ptotune::sim {

using program::BufferInfo;
using program::FifoInfo;
using program::Instr;
using program::InstrKind;
using program::Tensor;
using program::TileRef;
using program::ViewRef;

namespace {

constexpr std::int64_t kVectorCores = kCoreCount - 1;

// An offset that was left out is 0.
std::int64_t valueOr0(const Values& values, program::ExprId id) {
  return id < 0 ? 0 : values[Values::slot(id)];
}

std::int64_t bytesOf(Tensor tensor, const program::Program& program, const Problem& problem) {
  if (const program::TensorInfo& info = program.tensors[static_cast<std::size_t>(tensor)];
      info.rows >= 0 && info.cols >= 0) {
    const Values values(program.exprs, program.variables, {problem.s0, problem.s1, 0, 1, 0});
    return values.evaluate(info.rows) * values.evaluate(info.cols) * program::bytesOf(info.dtype);
  }
  constexpr std::int64_t kF16 = 2;
  constexpr std::int64_t kF32 = 4;
  switch (tensor) {
  case Tensor::q:
    return problem.s0 * problem.head * kF16;
  case Tensor::k:
  case Tensor::v:
    return problem.s1 * problem.head * kF16;
  case Tensor::out:
    return problem.s0 * problem.head * kF32;
  case Tensor::partOut:
    return program.parts * problem.s0 * problem.head * kF32;
  case Tensor::partMax:
  case Tensor::partSum:
    return program.parts * problem.s0 * kF32;
  case Tensor::a: // of a program that does not view them
  case Tensor::b:
  case Tensor::c:
  case Tensor::none:
    break;
  }
  return 0;
}

bool contains(const Run& room, const Run& bytes) {
  return bytes.offset >= room.offset && bytes.offset + bytes.bytes <= room.offset + room.bytes;
}

Run hullOf(const TileRef& tile, std::int64_t fractal) {
  // In every layout the corner is the last element.
  const std::int64_t last = elementOf(tile, fractal, tile.rows - 1, tile.cols - 1);
  return {0, (last + 1) * program::bytesOf(tile.dtype)};
}

Run hullOf(const ViewRef& view) {
  const std::int64_t last = elementOf(view, view.rows - 1, view.cols - 1);
  return {0, (last + 1) * program::bytesOf(view.dtype)};
}

} // namespace

Spaces::Spaces(const program::Program& program, const Problem& problem)
    : bytes_(static_cast<std::size_t>(kFirstRing) + program.fifos.size()) {
  for (const BufferInfo& buffer : program.buffers)
    for (int core = 0; core < kCoreCount; ++core) {
      std::int64_t& bytes = bytes_[static_cast<std::size_t>(local(core, buffer.memory))];
      bytes = std::max(bytes, buffer.address + buffer.stride * (buffer.copies - 1) + buffer.bytes);
    }
  for (std::size_t t = 1; t <= program::kTensorCount; ++t) {
    const auto tensor = static_cast<Tensor>(t);
    bytes_[static_cast<std::size_t>(Spaces::tensor(tensor))] = bytesOf(tensor, program, problem);
  }
  for (std::size_t f = 0; f < program.fifos.size(); ++f)
    bytes_[static_cast<std::size_t>(ring(static_cast<std::int32_t>(f)))] =
        program.fifos[f].slotBytes * program.fifos[f].slots;
}

std::vector<const Instr*> listing(const program::Body& body) {
  std::vector<const Instr*> instrs;
  for (const program::Node& node : body) {
    if (const auto* instr = std::get_if<Instr>(&node)) {
      instrs.push_back(instr);
      continue;
    }
    const auto inner = listing(std::get<std::unique_ptr<program::Loop>>(node)->body);
    instrs.insert(instrs.end(), inner.begin(), inner.end());
  }
  return instrs;
}

Operands::Operands(const program::Program& program, const SocProfile& soc, const Problem& problem)
    : program_(program), spaces_(program, problem), fractal_(std::max(soc.fractal, 1)),
      listings_{listing(program.cube), listing(program.vector)} {
  for (auto& ends : ends_)
    ends.resize(program.fifos.size());
}

void Operands::follow(const IssuedEvent& event) {
  const int core = event.what.core;
  const Instr& opened = instr(core, event.what.instr);
  if (opened.kind != InstrKind::open)
    return;
  End& end = ends_[static_cast<std::size_t>(core)][static_cast<std::size_t>(opened.fifo)];
  end = {end.round + 1, 0, 0};
  ++rounds_[static_cast<std::size_t>(core)];
}

void Operands::follow(const FifoEvent& event) {
  End& end = ends_[static_cast<std::size_t>(event.what.core)][static_cast<std::size_t>(event.fifo)];
  const bool takes = event.kind == InstrKind::talloc || event.kind == InstrKind::tpop;
  ++(takes ? end.taken : end.done);
}

TileAt Operands::resolve(const TileRef& tile, const Values& values, Operation& op) const {
  if (tile.buffer < 0)
    return {};
  const BufferInfo& buffer = program_.buffers[static_cast<std::size_t>(tile.buffer)];
  TileAt at{&tile, Spaces::local(op.what.core, buffer.memory), valueOr0(values, tile.copy), 0};
  Run bytes = hullOf(tile, fractal_);
  bytes.offset = tile.byteOffset;
  const bool hasCopy = at.copy >= 0 && at.copy < buffer.copies;
  at.base = buffer.address + (hasCopy ? at.copy * buffer.stride : 0) + tile.byteOffset;
  if (hasCopy && contains({0, buffer.bytes}, bytes))
    return at;
  op.faults.push_back(
      {Misuse::outside,
       at.space,
       {at.base, bytes.bytes},
       tile.buffer,
       at.copy,
       0,
       hasCopy ? fmt::format("bytes {} to {} of {}, which has {}", bytes.offset,
                             bytes.offset + bytes.bytes, buffer.name, buffer.bytes)
               : fmt::format("copy {} of {}, which has {}", at.copy, buffer.name, buffer.copies)});
  return {};
}

// Finds the bytes of the entry that the core holds; false where it holds none.
bool Operands::entryOf(const ViewRef& view, ViewAt& at, Run& room, Operation& op) const {
  const FifoInfo& fifo = program_.fifos[static_cast<std::size_t>(view.fifo)];
  const End& end =
      ends_[static_cast<std::size_t>(op.what.core)][static_cast<std::size_t>(view.fifo)];
  at.space = Spaces::ring(view.fifo);
  at.entry = end.taken - 1;
  at.round = end.round;
  const bool vector = op.what.core != 0;
  const bool half = vector && fifo.splitRows;
  const std::int64_t slot = at.entry < 0 ? 0 : at.entry % fifo.slots;
  room.bytes = half ? fifo.slotBytes / kVectorCores : fifo.slotBytes;
  room.offset = slot * fifo.slotBytes + (half ? (op.what.core - 1) * room.bytes : 0);
  const bool produces = (fifo.producer == Core::vector) == vector;
  if (at.entry < 0)
    op.faults.push_back(
        {Misuse::noEntry, at.space, room, view.fifo, slot, 0,
         fmt::format("no entry of {} is {}", fifo.name, produces ? "reserved" : "popped")});
  else if (end.done > at.entry)
    op.faults.push_back({Misuse::retired, at.space, room, view.fifo, slot, at.entry,
                         fmt::format("tile {} of {} was {} before", at.entry, fifo.name,
                                     produces ? "committed (TPUSH)" : "freed (TFREE)")});
  return at.entry >= 0;
}

ViewAt Operands::resolve(const ViewRef& view, const Values& values, Operation& op) const {
  if (!view.valid())
    return {};
  ViewAt at;
  at.view = &view;
  Run room;
  std::int64_t slot = 0;
  if (view.tensor == Tensor::none) {
    if (!entryOf(view, at, room, op))
      return {};
    slot = at.entry % program_.fifos[static_cast<std::size_t>(view.fifo)].slots;
  } else {
    at.space = Spaces::tensor(view.tensor);
    room.bytes = spaces_.bytes(at.space);
  }
  const std::int64_t row = valueOr0(values, view.rowOffset);
  const std::int64_t col = valueOr0(values, view.colOffset);
  Run bytes = hullOf(view);
  const bool known = row >= 0 && col >= 0;
  if (known)
    bytes.offset = room.offset + elementOf(view, row, col) * program::bytesOf(view.dtype);
  at.base = bytes.offset;
  if (known && contains(room, bytes))
    return at;
  op.faults.push_back({Misuse::outside, at.space, bytes, view.fifo, slot, at.entry,
                       fmt::format("bytes {} to {} of {}", bytes.offset - room.offset,
                                   bytes.offset - room.offset + bytes.bytes, room.bytes)});
  return {};
}

// A TEXTRACT stays within its source.
void Operands::extractFits(Operation& op) const {
  const TileRef* from = op.src[0].tile;
  const TileRef* to = op.dst.tile;
  if (from == nullptr || to == nullptr ||
      (op.row >= 0 && op.col >= 0 && op.row + to->rows <= from->rows &&
       op.col + to->cols <= from->cols))
    return;
  op.faults.push_back({Misuse::outside,
                       op.src[0].space,
                       {op.src[0].base, 0},
                       from->buffer,
                       op.src[0].copy,
                       0,
                       fmt::format("{}x{} at [{}, {}] of a tile of {}x{}", to->rows, to->cols,
                                   op.row, op.col, from->rows, from->cols)});
  op.src[0] = {};
}

Operation Operands::resolve(const IssuedEvent& event) const {
  const Values& values = *event.values;
  Operation op;
  op.what = event.what;
  op.instr = &instr(event.what.core, event.what.instr);
  op.round = rounds_[static_cast<std::size_t>(event.what.core)];
  op.dst = resolve(op.instr->dst, values, op);
  for (std::size_t i = 0; i < op.src.size(); ++i)
    op.src[i] = resolve(op.instr->src[i], values, op);
  op.scratch = resolve(op.instr->scratch, values, op);
  op.view = resolve(op.instr->view, values, op);
  op.row = valueOr0(values, op.instr->row);
  op.col = valueOr0(values, op.instr->col);
  if (op.instr->shape.op == Op::textract)
    extractFits(op);
  return op;
}

} // namespace ptotune::sim
