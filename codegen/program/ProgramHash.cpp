#include "codegen/program/Program.h"

#include <bit>
#include <string>
#include <type_traits>
#include <unordered_map>

namespace ptotune::program {
namespace {

// Writes what the target's semantics read into a byte string. Expressions are written as trees and
// tiles by their place in memory, so that neither the order of Program::exprs nor names and order
// of Program::buffers matter. Loop variables are numbered in the order in which their loops open.
class Writer {
public:
  explicit Writer(const Program& program) : program_(program) {
    trees_.reserve(program.exprs.size());
  }

  std::string write() {
    number(program_.rowsPerBlock);
    number(program_.unitsPerBlock);
    number(program_.parts);
    number(program_.fifos.size());
    for (const FifoInfo& fifo : program_.fifos)
      write(fifo);
    write(program_.cube);
    write(program_.vector);
    if (program_.next)
      bytes_ += Writer(*program_.next).write();
    return std::move(bytes_);
  }

private:
  template <typename T> void number(T value) {
    static_assert(std::is_trivially_copyable_v<T>);
    if constexpr (std::is_enum_v<T>) {
      bytes_.push_back(static_cast<char>(value));
    } else {
      const auto wide = static_cast<std::uint64_t>(value);
      bytes_.append(reinterpret_cast<const char*>(&wide), sizeof wide);
    }
  }

  void expr(ExprId id) {
    if (id < 0)
      bytes_.push_back('-');
    else
      bytes_ += tree(id);
  }

  // The expression's tree as text, or its hash where the text grows long.
  const std::string& tree(ExprId id) {
    if (const auto found = trees_.find(id); found != trees_.end())
      return found->second;
    const Expr& e = program_.exprs[static_cast<std::size_t>(id)];
    std::string text(1, static_cast<char>('a' + static_cast<int>(e.kind)));
    if (e.kind == ExprKind::constant)
      text += std::to_string(e.value);
    else if (e.kind == ExprKind::variable)
      text += std::to_string(variables_.at(e.value));
    if (e.lhs >= 0)
      text += '(' + tree(e.lhs) + ',' + tree(e.rhs) + ')';
    text += ';';
    if (text.size() > 64)
      text = Hash::of(text).hex();
    return trees_.emplace(id, std::move(text)).first->second;
  }

  void write(const FifoInfo& fifo) {
    number(fifo.producer);
    number(fifo.flagBase);
    number(fifo.slotBytes);
    number(fifo.slots);
    number(fifo.syncPeriod);
    number(fifo.splitRows);
    number(fifo.popsTiles ? fifo.localSlots : -1);
    number(fifo.pushesAccTiles ? static_cast<int>(fifo.unitFlag) : -1);
  }

  void write(const TileRef& tile) {
    if (tile.buffer < 0) {
      bytes_.push_back('-');
      return;
    }
    const BufferInfo& buffer = program_.buffers[static_cast<std::size_t>(tile.buffer)];
    const Expr* copy =
        tile.copy < 0 ? nullptr : &program_.exprs[static_cast<std::size_t>(tile.copy)];
    const bool fixed = !copy || copy->kind == ExprKind::constant;
    const std::int64_t first = copy && fixed ? copy->value * buffer.stride : 0;
    number(buffer.memory);
    number(buffer.address + first + tile.byteOffset);
    number(fixed ? 0 : buffer.stride);
    expr(fixed ? -1 : tile.copy);
    number(tile.rows);
    number(tile.cols);
    number(tile.leadingDim);
    number(tile.dtype);
    number(tile.layout);
  }

  void write(const ViewRef& view) {
    if (!view.valid()) {
      bytes_.push_back('-');
      return;
    }
    number(view.tensor);
    number(view.fifo);
    expr(view.rowOffset);
    expr(view.colOffset);
    number(view.rows);
    number(view.cols);
    number(view.rowStride);
    number(view.colStride);
    number(view.dtype);
  }

  void writeOp(const Instr& instr) {
    const OpShape& shape = instr.shape;
    number(shape.op);
    number(shape.from);
    number(shape.to);
    number(shape.rows);
    number(shape.cols);
    number(shape.depth);
    number(shape.bytes);
    write(instr.dst);
    for (const TileRef& tile : instr.src)
      write(tile);
    write(instr.scratch);
    write(instr.view);
    number(std::bit_cast<std::uint64_t>(instr.scalar));
    expr(instr.row);
    expr(instr.col);
    number(instr.phase);
    number(instr.rounding);
  }

  void write(const Instr& instr) {
    number(instr.kind);
    number(instr.pipe);
    switch (instr.kind) {
    case InstrKind::op:
      return writeOp(instr);
    case InstrKind::setFlag:
    case InstrKind::waitFlag:
      number(instr.source);
      number(instr.target);
      return expr(instr.event);
    case InstrKind::barrier:
      return;
    case InstrKind::open:
    case InstrKind::close:
    case InstrKind::talloc:
    case InstrKind::tpush:
    case InstrKind::tpop:
    case InstrKind::tfree:
      return number(instr.fifo);
    }
  }

  void write(const Loop& loop) {
    bytes_.push_back('{');
    expr(loop.lower);
    expr(loop.upper);
    expr(loop.step);
    variables_.emplace(loop.variable, static_cast<int>(variables_.size()));
    write(loop.body);
    bytes_.push_back('}');
  }

  void write(const Body& body) {
    number(body.size());
    for (const Node& node : body) {
      if (const auto* loop = std::get_if<std::unique_ptr<Loop>>(&node))
        write(**loop);
      else
        write(std::get<Instr>(node));
    }
  }

  const Program& program_;
  std::string bytes_;
  std::unordered_map<ExprId, std::string> trees_;
  std::unordered_map<std::int64_t, int> variables_; // loop variable -> number in order of opening
};

} // namespace

Hash programHash(const Program& program) {
  return Hash::of(Writer(program).write());
}

} // namespace ptotune::program
