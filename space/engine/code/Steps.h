// Constraints as a graph of small typed operations, shared among all constraints of a space.
//
// Vocabulary: a *step* computes one cell from constants, *variables* (parameters that have a
// choice) and earlier steps. A step that says whether something faults is an ordinary step with the
// value 0 or 1, so that running steps needs no exceptions: every operation is total, and what it
// gives for an operand that faults is masked out by the step beside it.
#pragma once

#include "space/engine/Scratch.h"
#include "space/engine/expr/Arithmetic.h"

#include <cstdint>
#include <span>

namespace ptotune::engine {

using StepId = std::uint32_t;
inline constexpr StepId kNoStep = ~StepId{0};

// Kinds stand together: their first and last members bound them.
enum class StepOp : std::uint8_t {
  constant,
  variable,
  // Of any number of operands, in any order: no partial result leaves 64 bits.
  sum,
  product,
  // Integers; add, subtract, multiply, shiftLeft and power wrap.
  add,
  subtract,
  multiply,
  floorDivide,
  floorModulo,
  divideSmall, // both at least 0 and below 2^53, the divisor at least 1
  moduloSmall,
  power,
  minimum,
  maximum,
  bitAnd,
  bitOr,
  bitXor,
  shiftLeft,
  shiftRight,
  less,
  lessEqual,
  equal,
  notEqual,
  isZero,
  zeroToOne, // the operand, or 1 where it is 0
  absolute,
  choose, // b where a is not 0, else c
  addOverflows,
  subtractOverflows,
  multiplyOverflows,
  powerOverflows,
  shiftOverflows,
  // Reals as bit patterns.
  toReal,
  toInteger,
  noInteger, // 1 where a real has no 64-bit integer part
  realAdd,
  realSubtract,
  realMultiply,
  realDivide,
  realFloorDivide,
  realModulo,
  realPower,
  realPowerFaults,
  realAbsolute,
  realMinimum,
  realMaximum,
  realLess,
  realLessEqual,
  realEqual,
  realNotEqual,
};

// The meaning of every step with up to three operands.
Cell apply(StepOp op, Cell a, Cell b, Cell c);

struct Step {
  StepOp op = StepOp::constant;
  StepId a = kNoStep; // of sum and product: the first operand in Steps::operands
  StepId b = kNoStep; // of sum and product: the number of operands
  StepId c = kNoStep;
  std::uint64_t variables = 0; // that it depends on, as bits
  Cell cell = 0;               // of a constant; the number of a variable
  // Every value of an integer step is in [least, most].
  std::int64_t least = 0;
  std::int64_t most = 0;

  bool isNary() const { return op == StepOp::sum || op == StepOp::product; }
};

// An operand of a sum or product. Of a sum it may count negative.
struct Term {
  StepId step = kNoStep;
  bool negative = false;

  bool operator==(const Term&) const = default;
};

// Builds steps: equal ones are shared, those of constants are computed at once, comparisons that
// the ranges of their operands decide become constants. Operands come before their users.
class Steps {
public:
  Steps();

  StepId constant(Cell cell);
  StepId variable(std::uint32_t number, std::int64_t least, std::int64_t most);
  StepId make(StepOp op, StepId a, StepId b = kNoStep, StepId c = kNoStep);
  // kNoStep when a partial result, in some order, could leave 64 bits.
  StepId sum(Term left, Term right);
  StepId product(StepId left, StepId right);

  const Step& operator[](StepId id) const { return steps_[id]; }
  std::size_t size() const { return steps_.size(); }
  std::span<const Term> termsOf(const Step& step) const { return {terms_.data() + step.a, step.b}; }
  bool isConstant(StepId id) const { return steps_[id].op == StepOp::constant; }
  bool isBoolean(StepId id) const { return steps_[id].least >= 0 && steps_[id].most <= 1; }

private:
  StepId intern(const Step& step);
  void grow();
  std::size_t slotOf(const Step& step) const;
  StepId simplified(StepOp op, StepId a, StepId b, StepId c);
  void bound(Step& step) const;
  void gather(StepOp op, Term term);
  StepId fromGathered(StepOp op);

  Scratch<Step> steps_;
  Scratch<Term> terms_;
  Scratch<StepId> table_; // open addressing
  Scratch<Term> gathered_;
  __int128 gatheredConstant_ = 0;
};

} // namespace ptotune::engine
