#include "runners/sim/hazards/Accesses.h"

namespace ptotune::sim {

using program::Instr;
using program::TileRef;

namespace {

bool accumulates(const Instr& instr) {
  return instr.shape.op == Op::tmatmulAcc;
}

} // namespace

AccessTable::AccessTable(const program::Program& program, const Operands& operands)
    : program_(program), operands_(operands) {
  for (std::size_t tensor = 1; tensor <= program::kTensorCount; ++tensor)
    tensors_.emplace_back(program::name(static_cast<program::Tensor>(tensor)));
  plans_[0].resize(listing(program.cube).size());
  plans_[1].resize(listing(program.vector).size());
}

const std::string& AccessTable::objectName(std::int32_t space, std::int32_t object) const {
  if (Spaces::isTensor(space))
    return tensors_[static_cast<std::size_t>(space - Spaces::tensor(program::Tensor::q))];
  return Spaces::isRing(space) ? program_.fifos[static_cast<std::size_t>(object)].name
                               : program_.buffers[static_cast<std::size_t>(object)].name;
}

AccessTable::Plan& AccessTable::planOf(const Operation& op) {
  const Instr& instr = *op.instr;
  Plan& plan = plans_[op.what.core == 0 ? 0 : 1][static_cast<std::size_t>(op.what.instr)];
  const bool extracts = instr.shape.op == Op::textract;
  if (plan.known && (!extracts || (plan.row == op.row && plan.col == op.col)))
    return plan;
  plan = {true, {}, op.row, op.col};
  const std::int64_t fractal = operands_.fractal();
  for (std::size_t i = 0; i < instr.src.size(); ++i) {
    const TileRef& tile = instr.src[i];
    if (tile.buffer < 0)
      plan.runs.emplace_back();
    else if (extracts)
      plan.runs.push_back(runsOf(tile, fractal, {op.row, op.col, instr.dst.rows, instr.dst.cols}));
    else
      plan.runs.push_back(runsOf(tile, fractal));
  }
  for (const TileRef* tile : {&instr.dst, &instr.scratch})
    plan.runs.push_back(tile->buffer < 0 ? std::vector<Run>() : runsOf(*tile, fractal));
  plan.runs.push_back(instr.view.valid() ? runsOf(instr.view) : std::vector<Run>());
  return plan;
}

void AccessTable::add(Touch touch, const TileAt& at, std::size_t& next, const Plan& plan) {
  const std::vector<Run>& runs = plan.runs[next++];
  if (at.tile != nullptr)
    accesses_.push_back(
        {touch, at.space, at.base, at.copy, &objectName(at.space, at.tile->buffer), &runs});
}

void AccessTable::addView(Touch touch, const ViewAt& at, std::size_t& next, const Plan& plan) {
  const std::vector<Run>& runs = plan.runs[next++];
  if (at.view == nullptr)
    return;
  std::int64_t slot = 0;
  if (Spaces::isRing(at.space))
    slot = at.entry % program_.fifos[static_cast<std::size_t>(at.view->fifo)].slots;
  accesses_.push_back(
      {touch, at.space, at.base, slot, &objectName(at.space, at.view->fifo), &runs});
}

const std::vector<Access>& AccessTable::of(const Operation& op) {
  const Plan& plan = planOf(op);
  accesses_.clear();
  std::size_t next = 0;
  for (const TileAt& source : op.src)
    add(Touch::read, source, next, plan);
  if (accumulates(*op.instr)) {
    std::size_t result = next;
    add(Touch::read, op.dst, result, plan);
  }
  const bool loads = op.instr->shape.op == Op::tload;
  std::size_t view = next + 2;
  if (loads)
    addView(Touch::read, op.view, view, plan);
  add(Touch::write, op.dst, next, plan);
  add(Touch::scratch, op.scratch, next, plan);
  if (!loads)
    addView(Touch::write, op.view, view, plan);
  return accesses_;
}

} // namespace ptotune::sim
