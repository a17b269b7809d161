#include "space/engine/code/GroupCode.h"

#include <algorithm>
#include <tuple>

namespace ptotune::engine {

GroupCode::GroupCode(const Lowered& lowered, std::span<const std::uint32_t> variables,
                     std::span<const Condition> conditions, std::size_t blockLevel)
    : blockLevel_(blockLevel), levels_(blockLevel) {
  for (std::size_t level = blockLevel; level < variables.size(); ++level)
    lanes_ *= lowered.variables[variables[level]].cells.size();
  padded_ = paddedLanes(lanes_);
  newScalar(kConstant, 0); // what absent operands read
  declare(lowered, variables);
  translate(lowered, conditions);
  findLive();
  finish();
}

GroupCode::Register GroupCode::newScalar(std::int32_t level, Cell cell) {
  places_.push_back({Kind::scalar, level, static_cast<std::uint32_t>(scalars_.size())});
  scalars_.push_back(cell);
  return static_cast<Register>(places_.size() - 1);
}

GroupCode::Register GroupCode::newWide(Kind kind) {
  places_.push_back({kind, kConstant, wideCount_++});
  return static_cast<Register>(places_.size() - 1);
}

// Block variables get a buffer each; the last one varies fastest.
void GroupCode::declare(const Lowered& lowered, std::span<const std::uint32_t> variables) {
  ofVariable_.assign(lowered.variables.size(), kNone);
  for (std::size_t level = 0; level < blockLevel_; ++level) {
    ofVariable_[variables[level]] = newScalar(static_cast<std::int32_t>(level), 0);
    levels_[level].variable = places_[ofVariable_[variables[level]]].slot;
  }
  laneCells_.resize((variables.size() - blockLevel_) * padded_);
  std::size_t repeat = lanes_;
  for (std::size_t level = blockLevel_; level < variables.size(); ++level) {
    const Scratch<Cell>& cells = lowered.variables[variables[level]].cells;
    ofVariable_[variables[level]] = newWide(Kind::hoisted);
    repeat /= cells.size();
    Cell* out = laneCells_.data() + (level - blockLevel_) * padded_;
    for (std::size_t lane = 0; lane < padded_; ++lane)
      out[lane] = cells[std::min(lane, lanes_ - 1) / repeat % cells.size()];
  }
}

void GroupCode::translate(const Lowered& lowered, std::span<const Condition> conditions) {
  const Steps& steps = lowered.steps;
  Scratch<StepId> needed;
  Scratch<std::uint8_t> isNeeded(steps.size());
  const auto need = [&](StepId id) {
    if (id != kNoStep && isNeeded[id] == 0) {
      isNeeded[id] = 1;
      needed.push_back(id);
    }
  };
  for (const Condition& condition : conditions)
    need(condition.root);
  for (std::size_t i = 0; i < needed.size(); ++i) {
    const Step& step = steps[needed[i]];
    if (step.isNary())
      for (const Term& term : steps.termsOf(step))
        need(term.step);
    else
      for (const StepId operand : {step.a, step.b, step.c})
        need(operand);
  }
  std::ranges::sort(needed);
  ofStep_.assign(steps.size(), kNone);
  for (const StepId id : needed)
    ofStep_[id] = translate(steps, steps[id]);
  for (const Condition& condition : conditions)
    require(ofStep_[condition.root]);
}

GroupCode::Register GroupCode::translate(const Steps& steps, const Step& step) {
  if (step.op == StepOp::constant)
    return constant(step.cell);
  if (step.op == StepOp::variable)
    return ofVariable_[static_cast<std::size_t>(step.cell)];
  if (step.isNary())
    return nary(steps, step);
  const auto of = [&](StepId id) { return id == kNoStep ? kNone : ofStep_[id]; };
  return emit(step.op, of(step.a), of(step.b), of(step.c));
}

GroupCode::Register GroupCode::constant(Cell cell) {
  return newScalar(kConstant, cell);
}

// Operands of outer variables first, by level: what is known early is combined early. Then those of
// block variables among themselves, which is done once; then the two and the rest together.
GroupCode::Register GroupCode::nary(const Steps& steps, const Step& step) {
  const auto terms = steps.termsOf(step);
  Scratch<Term> sorted(terms.begin(), terms.end());
  const auto key = [&](const Term& term) {
    const Place& place = places_[ofStep_[term.step]];
    return std::tuple(place.kind, place.level, term.negative, term.step);
  };
  std::ranges::sort(sorted, {}, key);
  const StepOp op = step.op == StepOp::sum ? StepOp::add : StepOp::multiply;
  Register total = kNone;
  bool isNegative = false;
  Register hoisted = kNone;
  bool isHoistedNegative = false;
  for (const Term& term : sorted) {
    const Register of = ofStep_[term.step];
    if (places_[of].kind == Kind::hoisted)
      hoisted = combine(op, hoisted, isHoistedNegative, of, term.negative);
    else if (places_[of].kind == Kind::scalar)
      total = combine(op, total, isNegative, of, term.negative);
  }
  if (hoisted != kNone)
    total = combine(op, total, isNegative, hoisted, isHoistedNegative);
  for (const Term& term : sorted)
    if (places_[ofStep_[term.step]].kind == Kind::lane)
      total = combine(op, total, isNegative, ofStep_[term.step], term.negative);
  return isNegative ? emit(StepOp::subtract, constant(0), total, kNone) : total;
}

// left + right, where each may count negative; the sum's sign is left in `leftNegative`.
GroupCode::Register GroupCode::combine(StepOp op, Register left, bool& leftNegative, Register right,
                                       bool rightNegative) {
  if (left == kNone) {
    leftNegative = rightNegative;
    return right;
  }
  if (leftNegative == rightNegative)
    return emit(op, left, right, kNone);
  const bool wasNegative = leftNegative;
  leftNegative = false;
  return wasNegative ? emit(StepOp::subtract, right, left, kNone)
                     : emit(StepOp::subtract, left, right, kNone);
}

GroupCode::Register GroupCode::emit(StepOp op, Register a, Register b, Register c) {
  Kind kind = Kind::scalar;
  std::int32_t level = kConstant;
  bool anyHoisted = false;
  for (const Register operand : {a, b, c}) {
    if (operand == kNone)
      continue;
    const Place& place = places_[operand];
    level = std::max(level, place.level);
    anyHoisted |= place.kind == Kind::hoisted;
    if (place.kind == Kind::lane)
      kind = Kind::lane;
  }
  if (anyHoisted && kind == Kind::scalar)
    kind = level == kConstant ? Kind::hoisted : Kind::lane;
  if (kind != Kind::scalar) {
    const Register out = newWide(kind);
    (kind == Kind::hoisted ? hoistedOps_ : wideOps_).push_back({op, a, b, c, out});
    return out;
  }
  const auto slot = [&](Register of) { return of == kNone ? 0U : places_[of].slot; };
  const Register out = newScalar(level, 0);
  const ScalarOp scalar{op, slot(a), slot(b), slot(c), places_[out].slot};
  if (level == kConstant)
    scalars_[scalar.out] = apply(op, scalars_[scalar.a], scalars_[scalar.b], scalars_[scalar.c]);
  else
    levels_[static_cast<std::size_t>(level)].ops.push_back(scalar);
  return out;
}

// A condition is checked at the level that decides it, or taken into the block's root.
void GroupCode::require(Register root) {
  const Place& place = places_[root];
  if (place.kind == Kind::scalar && place.level == kConstant)
    return; // conditions with a predicate have the constant 1
  if (place.kind == Kind::scalar)
    levels_[static_cast<std::size_t>(place.level)].checks.push_back(place.slot);
  else
    root_ = root_ == kNone ? root : emit(StepOp::bitAnd, root_, root, kNone);
}

// By level, the slots that hold something of the levels before and are read there or deeper.
void GroupCode::findLive() {
  Scratch<std::int32_t> writtenAt(scalars_.size(), kConstant);
  Scratch<std::int32_t> readAt(scalars_.size(), kConstant);
  for (const Place& place : places_)
    if (place.kind == Kind::scalar)
      writtenAt[place.slot] = place.level;
  const auto read = [&](std::uint32_t slot, std::size_t level) {
    readAt[slot] = std::max(readAt[slot], static_cast<std::int32_t>(level));
  };
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    for (const ScalarOp& op : levels_[level].ops)
      for (const std::uint32_t operand : {op.a, op.b, op.c})
        read(operand, level);
    for (const std::uint32_t check : levels_[level].checks)
      read(check, level);
  }
  for (const WideOp& op : wideOps_)
    for (const Register operand : {op.a, op.b, op.c})
      if (operand != kNone && places_[operand].kind == Kind::scalar)
        read(places_[operand].slot, blockLevel_);
  live_.resize(blockLevel_ + 1);
  for (std::size_t level = 0; level <= blockLevel_; ++level)
    for (std::uint32_t slot = 0; slot < scalars_.size(); ++slot)
      if (writtenAt[slot] >= 0 && writtenAt[slot] < static_cast<std::int32_t>(level) &&
          readAt[slot] >= static_cast<std::int32_t>(level))
        live_[level].push_back(slot);
}

LaneOp GroupCode::bind(const WideOp& op) {
  LaneOp bound{.op = op.op};
  const auto operand = [&](Register of, bool& isShared, const Cell*& cells) {
    const Place& place = places_[of == kNone ? op.a : of];
    isShared = place.kind == Kind::scalar;
    cells = isShared ? &scalars_[place.slot] : wide_.data() + place.slot * padded_;
  };
  operand(op.a, bound.aShared, bound.a);
  operand(op.b, bound.bShared, bound.b);
  operand(op.c, bound.cShared, bound.c);
  bound.out = wide_.data() + places_[op.out].slot * padded_;
  return bound;
}

// No register is made any more, so that buffers have their addresses.
void GroupCode::finish() {
  wide_.resize(wideCount_ * padded_);
  std::ranges::copy(laneCells_, wide_.begin());
  for (const WideOp& op : hoistedOps_) {
    const LaneOp bound = bind(op);
    laneLoops().run(&bound, 1, padded_);
  }
  for (const WideOp& op : wideOps_)
    laneOps_.push_back(bind(op));
}

bool GroupCode::assign(std::size_t level, Cell cell) {
  const Level& code = levels_[level];
  scalars_[code.variable] = cell;
  for (const ScalarOp& op : code.ops)
    scalars_[op.out] = apply(op.op, scalars_[op.a], scalars_[op.b], scalars_[op.c]);
  for (const std::uint32_t check : code.checks)
    if (scalars_[check] == 0)
      return false;
  return true;
}

void GroupCode::block(std::uint64_t* words) {
  if (root_ == kNone) {
    std::fill_n(words, (lanes_ + 63) / 64, ~std::uint64_t{0});
    if (lanes_ % 64 != 0)
      words[lanes_ / 64] = (std::uint64_t{1} << (lanes_ % 64)) - 1;
    return;
  }
  const LaneLoops& loops = laneLoops();
  loops.run(laneOps_.data(), laneOps_.size(), padded_);
  loops.pack(wide_.data() + places_[root_].slot * padded_, lanes_, words);
}

} // namespace ptotune::engine
