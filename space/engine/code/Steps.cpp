#include "space/engine/code/Steps.h"

#include <algorithm>
#include <tuple>

namespace ptotune::engine {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
// Bound of sums and products that cannot overflow in any order.
constexpr __int128 kSafe = __int128{1} << 62;

using Wide = __int128;

Wide magnitude(const Step& step) {
  const Wide least = step.least;
  const Wide most = step.most;
  return std::max(least < 0 ? -least : least, most < 0 ? -most : most);
}

std::int64_t clamp(Wide value) {
  return static_cast<std::int64_t>(std::clamp<Wide>(value, kLeast, kMost));
}

struct Range {
  Wide least;
  Wide most;
};
constexpr Range kAll = {kLeast, kMost};

bool isTruth(StepOp op) {
  return (op >= StepOp::less && op <= StepOp::isZero) ||
         (op >= StepOp::addOverflows && op <= StepOp::shiftOverflows) || op == StepOp::noInteger ||
         op == StepOp::realPowerFaults || op >= StepOp::realLess;
}

// Of the exact result, which may leave 64 bits.
Range arithmeticRange(StepOp op, const Step& a, const Step& b) {
  switch (op) {
  case StepOp::add:
    return {Wide{a.least} + b.least, Wide{a.most} + b.most};
  case StepOp::subtract:
    return {Wide{a.least} - b.most, Wide{a.most} - b.least};
  case StepOp::multiply: {
    const Wide products[] = {Wide{a.least} * b.least, Wide{a.least} * b.most,
                             Wide{a.most} * b.least, Wide{a.most} * b.most};
    return {*std::ranges::min_element(products), *std::ranges::max_element(products)};
  }
  case StepOp::divideSmall:
    return {a.least / b.most, a.most / b.least};
  case StepOp::moduloSmall:
    return {0, std::min(a.most, b.most - 1)};
  case StepOp::floorDivide:
    return {-magnitude(a) - 1, magnitude(a) + 1};
  case StepOp::floorModulo:
    return {std::min<Wide>(b.least, 0), std::max<Wide>(b.most, 0)};
  default: { // power
    const Power largest = integerPower(clamp(magnitude(a)), std::max<std::int64_t>(b.most, 0));
    if (largest.overflow || a.least < 0)
      return kAll;
    return {0, std::max<std::int64_t>(largest.value, 1)};
  }
  }
}

Range otherRange(StepOp op, const Step& a, const Step& b) {
  const bool isNonNegative = a.least >= 0 && b.least >= 0;
  switch (op) {
  case StepOp::minimum:
    return {std::min(a.least, b.least), std::min(a.most, b.most)};
  case StepOp::maximum:
    return {std::max(a.least, b.least), std::max(a.most, b.most)};
  case StepOp::bitAnd:
    if (a.least < 0 && b.least < 0)
      return kAll;
    return {0, isNonNegative ? std::min(a.most, b.most) : (a.least >= 0 ? a.most : b.most)};
  case StepOp::bitOr:
  case StepOp::bitXor:
    if (!isNonNegative)
      return kAll;
    return {0, std::bit_ceil(static_cast<std::uint64_t>(std::max(a.most, b.most)) + 1) - 1};
  case StepOp::shiftLeft:
    if (!isNonNegative || b.most > 62)
      return kAll;
    return {0, Wide{a.most} << b.most};
  case StepOp::shiftRight:
    return {std::min<std::int64_t>(a.least, 0), std::max<std::int64_t>(a.most, 0)};
  case StepOp::zeroToOne:
    return {a.least == 0 ? 1 : a.least, std::max<std::int64_t>(a.most, 1)};
  default: // absolute; of the least value it wraps
    return {a.least == kLeast ? Wide{kLeast} : 0, magnitude(a)};
  }
}

} // namespace

Steps::Steps() {
  steps_.reserve(96);
  terms_.reserve(64);
  table_.assign(256, kNoStep);
}

std::size_t Steps::slotOf(const Step& step) const {
  std::uint64_t hash = static_cast<std::uint64_t>(step.op);
  const auto mix = [&](std::uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 32;
  };
  mix(static_cast<std::uint64_t>(step.cell));
  mix((std::uint64_t{step.c} << 32) | step.b);
  if (step.isNary())
    for (const Term& term : termsOf(step))
      mix((std::uint64_t{term.step} << 1) | (term.negative ? 1 : 0));
  else
    mix(step.a);
  const std::size_t mask = table_.size() - 1;
  for (std::size_t slot = hash & mask;; slot = (slot + 1) & mask) {
    if (table_[slot] == kNoStep)
      return slot;
    const Step& other = steps_[table_[slot]];
    if (std::tie(other.op, other.cell, other.b, other.c) !=
        std::tie(step.op, step.cell, step.b, step.c))
      continue;
    if (step.isNary() ? std::ranges::equal(termsOf(other), termsOf(step)) : other.a == step.a)
      return slot;
  }
}

void Steps::grow() {
  table_.assign(table_.size() * 2, kNoStep);
  for (StepId id = 0; id < steps_.size(); ++id)
    table_[slotOf(steps_[id])] = id;
}

StepId Steps::intern(const Step& step) {
  const std::size_t slot = slotOf(step);
  if (table_[slot] != kNoStep) {
    if (step.isNary())
      terms_.resize(step.a);
    return table_[slot];
  }
  const auto id = static_cast<StepId>(steps_.size());
  table_[slot] = id;
  steps_.push_back(step);
  if (steps_.size() * 2 > table_.size())
    grow();
  return id;
}

StepId Steps::constant(Cell cell) {
  return intern({.op = StepOp::constant, .cell = cell, .least = cell, .most = cell});
}

StepId Steps::variable(std::uint32_t number, std::int64_t least, std::int64_t most) {
  return intern({.op = StepOp::variable,
                 .variables = std::uint64_t{1} << number,
                 .cell = number,
                 .least = least,
                 .most = most});
}

// A step that the operands' ranges or identity decide; kNoStep when there is none.
StepId Steps::simplified(StepOp op, StepId a, StepId b, StepId c) {
  const Step& left = steps_[a];
  const Step& right = steps_[b == kNoStep ? a : b];
  const auto decided = [&](bool isTrue, bool isFalse) {
    if (isTrue || isFalse)
      return constant(isTrue ? 1 : 0);
    return kNoStep;
  };
  const bool same = a == b;
  const bool apart = b != kNoStep && (left.most < right.least || right.most < left.least);
  switch (op) {
  case StepOp::less:
    return decided(left.most < right.least, same || left.least >= right.most);
  case StepOp::lessEqual:
    return decided(same || left.most <= right.least, left.least > right.most);
  case StepOp::equal:
    return decided(same, apart);
  case StepOp::notEqual:
    return decided(apart, same);
  case StepOp::isZero:
    return decided(false, left.least > 0 || left.most < 0);
  case StepOp::bitAnd:
    if (same || (left.op == StepOp::constant && left.cell == 1 && isBoolean(b)))
      return b;
    if (right.op == StepOp::constant && right.cell == 1 && isBoolean(a))
      return a;
    return decided(false, (left.op == StepOp::constant && left.cell == 0) ||
                              (right.op == StepOp::constant && right.cell == 0));
  case StepOp::bitOr:
    if (same || (left.op == StepOp::constant && left.cell == 0))
      return b;
    if (right.op == StepOp::constant && right.cell == 0)
      return a;
    return decided((left.op == StepOp::constant && left.cell == 1 && isBoolean(b)) ||
                       (right.op == StepOp::constant && right.cell == 1 && isBoolean(a)),
                   false);
  case StepOp::choose:
    if (left.op == StepOp::constant)
      return left.cell != 0 ? b : c;
    return b == c ? b : kNoStep;
  default:
    return kNoStep;
  }
}

void Steps::bound(Step& step) const {
  const Step& a = steps_[step.a];
  const Step& b = step.b == kNoStep ? a : steps_[step.b];
  Range range = isTruth(step.op) ? Range{0, 1} : kAll;
  if (step.op == StepOp::choose)
    range = {std::min(b.least, steps_[step.c].least), std::max(b.most, steps_[step.c].most)};
  else if (step.op >= StepOp::add && step.op <= StepOp::power)
    range = arithmeticRange(step.op, a, b);
  else if (step.op >= StepOp::minimum && step.op <= StepOp::absolute && !isTruth(step.op))
    range = otherRange(step.op, a, b);
  // What leaves 64 bits may have wrapped to anything.
  const bool fits = range.least >= kLeast && range.most <= kMost;
  step.least = fits ? static_cast<std::int64_t>(range.least) : kLeast;
  step.most = fits ? static_cast<std::int64_t>(range.most) : kMost;
}

StepId Steps::make(StepOp op, StepId a, StepId b, StepId c) {
  const auto isKnown = [&](StepId id) { return id == kNoStep || isConstant(id); };
  const auto cellOfStep = [&](StepId id) { return id == kNoStep ? 0 : steps_[id].cell; };
  if (isKnown(a) && isKnown(b) && isKnown(c))
    return constant(apply(op, cellOfStep(a), cellOfStep(b), cellOfStep(c)));
  if (const StepId known = simplified(op, a, b, c); known != kNoStep)
    return known;
  Step step{.op = op, .a = a, .b = b, .c = c};
  for (const StepId operand : {a, b, c})
    if (operand != kNoStep)
      step.variables |= steps_[operand].variables;
  bound(step);
  return intern(step);
}

// Adds a term to those gathered; a term that is itself such a sum or product gives its own terms.
void Steps::gather(StepOp op, Term term) {
  const Step& step = steps_[term.step];
  if (step.op == op) {
    const std::size_t first = step.a;
    for (std::size_t i = 0; i < step.b; ++i)
      gather(op, {terms_[first + i].step, terms_[first + i].negative != term.negative});
    return;
  }
  if (step.op != StepOp::constant)
    gathered_.push_back(term);
  else if (op == StepOp::sum)
    gatheredConstant_ += term.negative ? -Wide{step.cell} : Wide{step.cell};
  else if (__builtin_mul_overflow(gatheredConstant_, Wide{step.cell}, &gatheredConstant_))
    gatheredConstant_ = kSafe * 2;
}

StepId Steps::fromGathered(StepOp op) {
  const bool isSum = op == StepOp::sum;
  const Wide neutral = isSum ? 0 : 1;
  const Wide constantSize = gatheredConstant_ < 0 ? -gatheredConstant_ : gatheredConstant_;
  Wide bound = isSum ? constantSize : std::max<Wide>(constantSize, 1);
  for (const Term& term : gathered_) {
    const Wide size = magnitude(steps_[term.step]);
    bound = isSum ? bound + size : bound * std::max<Wide>(size, 1);
    if (bound > kSafe)
      return kNoStep;
  }
  if (bound > kSafe)
    return kNoStep;
  const auto value = static_cast<Cell>(gatheredConstant_);
  if (gathered_.empty() || (!isSum && value == 0))
    return constant(value);
  if (gathered_.size() == 1 && gatheredConstant_ == neutral && !gathered_[0].negative)
    return gathered_[0].step;
  if (gatheredConstant_ != neutral)
    gathered_.push_back({constant(value), false});
  std::ranges::sort(gathered_, {},
                    [](const Term& term) { return std::pair(term.step, term.negative); });

  Step step{.op = op,
            .a = static_cast<StepId>(terms_.size()),
            .b = static_cast<StepId>(gathered_.size())};
  Wide least = neutral;
  Wide most = neutral;
  for (const Term& term : gathered_) {
    const Step& of = steps_[term.step];
    step.variables |= of.variables;
    const Wide termLeast = term.negative ? -Wide{of.most} : Wide{of.least};
    const Wide termMost = term.negative ? -Wide{of.least} : Wide{of.most};
    if (isSum) {
      least += termLeast;
      most += termMost;
    } else {
      const Wide corners[] = {least * termLeast, least * termMost, most * termLeast,
                              most * termMost};
      least = *std::ranges::min_element(corners);
      most = *std::ranges::max_element(corners);
    }
  }
  step.least = clamp(least);
  step.most = clamp(most);
  terms_.insert(terms_.end(), gathered_.begin(), gathered_.end());
  return intern(step);
}

StepId Steps::sum(Term left, Term right) {
  gathered_.clear();
  gatheredConstant_ = 0;
  gather(StepOp::sum, left);
  gather(StepOp::sum, right);
  return fromGathered(StepOp::sum);
}

StepId Steps::product(StepId left, StepId right) {
  gathered_.clear();
  gatheredConstant_ = 1;
  gather(StepOp::product, {left, false});
  gather(StepOp::product, {right, false});
  return fromGathered(StepOp::product);
}

} // namespace ptotune::engine
