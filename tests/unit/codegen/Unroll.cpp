#include "Unroll.h"

#include <algorithm>
#include <stdexcept>

namespace ptotune::program {
namespace {

class Unroller {
public:
  Unroller(const Program& program, const CoreArguments& arguments)
      : program_(program), arguments_(arguments),
        variables_(static_cast<std::size_t>(program.variables)) {}

  void run(const Body& body) {
    for (const Node& node : body) {
      if (const auto* instr = std::get_if<Instr>(&node)) {
        steps.push_back(resolve(*instr));
        continue;
      }
      const Loop& loop = *std::get<std::unique_ptr<Loop>>(node);
      std::int64_t& variable = variables_.at(static_cast<std::size_t>(loop.variable));
      const std::int64_t upper = value(loop.upper);
      const std::int64_t step = value(loop.step);
      for (std::int64_t i = value(loop.lower); i < upper; i += step) {
        variable = i;
        run(loop.body);
      }
    }
  }

  std::vector<Step> steps;

private:
  std::int64_t value(ExprId id) const {
    if (id < 0)
      return 0;
    const Expr& e = program_.exprs.at(static_cast<std::size_t>(id));
    switch (e.kind) {
    case ExprKind::constant:
      return e.value;
    case ExprKind::s0:
      return arguments_.s0;
    case ExprKind::s1:
      return arguments_.s1;
    case ExprKind::blockIdx:
      return arguments_.blockIdx;
    case ExprKind::blockNum:
      return arguments_.blockNum;
    case ExprKind::subblockIdx:
      return arguments_.subblockIdx;
    case ExprKind::variable:
      return variables_.at(static_cast<std::size_t>(e.value));
    case ExprKind::add:
      return value(e.lhs) + value(e.rhs);
    case ExprKind::sub:
      return value(e.lhs) - value(e.rhs);
    case ExprKind::mul:
      return value(e.lhs) * value(e.rhs);
    case ExprKind::div:
      return value(e.lhs) / value(e.rhs);
    case ExprKind::rem:
      return value(e.lhs) % value(e.rhs);
    case ExprKind::min:
      return std::min(value(e.lhs), value(e.rhs));
    case ExprKind::max:
      return std::max(value(e.lhs), value(e.rhs));
    }
    throw std::logic_error("expression of no kind");
  }

  Step resolve(const Instr& instr) const {
    Step step;
    step.instr = &instr;
    step.event = value(instr.event);
    step.row = value(instr.row);
    step.col = value(instr.col);
    step.viewRow = value(instr.view.rowOffset);
    step.viewCol = value(instr.view.colOffset);
    step.dstCopy = value(instr.dst.copy);
    for (std::size_t i = 0; i < instr.src.size(); ++i)
      step.srcCopy[i] = value(instr.src[i].copy);
    step.scratchCopy = value(instr.scratch.copy);
    step.tile = instr.tile < 0 ? -1 : value(instr.tile);
    return step;
  }

  const Program& program_;
  const CoreArguments& arguments_;
  std::vector<std::int64_t> variables_;
};

} // namespace

Bytes bytesOf(const Program& program, const TileRef& tile, std::int64_t copy) {
  const BufferInfo& buffer = program.buffers.at(static_cast<std::size_t>(tile.buffer));
  const std::int64_t begin = buffer.address + copy * buffer.stride + tile.byteOffset;
  const bool strided = tile.layout == Layout::rowMajor && tile.leadingDim != tile.cols;
  const std::int64_t elements =
      strided ? static_cast<std::int64_t>(tile.rows - 1) * tile.leadingDim + tile.cols
              : static_cast<std::int64_t>(tile.rows) * tile.cols;
  return {buffer.memory, begin, begin + elements * bytesOf(tile.dtype)};
}

std::vector<Step> unroll(const Program& program, Core core, const CoreArguments& arguments) {
  Unroller unroller(program, arguments);
  unroller.run(core == Core::cube ? program.cube : program.vector);
  return std::move(unroller.steps);
}

} // namespace ptotune::program
