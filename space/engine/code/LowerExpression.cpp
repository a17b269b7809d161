#include "space/engine/code/LowerExpression.h"

#include <algorithm>

namespace ptotune::engine {

using Part = ExpressionLowering::Part;

namespace {

constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
constexpr auto kMost = std::numeric_limits<std::int64_t>::max();

StepOp plain(Op op) {
  switch (op) {
  case Op::bitAnd:
    return StepOp::bitAnd;
  case Op::bitOr:
    return StepOp::bitOr;
  case Op::bitXor:
    return StepOp::bitXor;
  case Op::less:
    return StepOp::less;
  case Op::lessEqual:
    return StepOp::lessEqual;
  case Op::notEqual:
    return StepOp::notEqual;
  default:
    return StepOp::equal;
  }
}

StepOp real(Op op) {
  switch (op) {
  case Op::add:
    return StepOp::realAdd;
  case Op::subtract:
    return StepOp::realSubtract;
  case Op::multiply:
    return StepOp::realMultiply;
  case Op::divide:
    return StepOp::realDivide;
  case Op::floorDivide:
    return StepOp::realFloorDivide;
  case Op::modulo:
    return StepOp::realModulo;
  case Op::power:
    return StepOp::realPower;
  case Op::less:
    return StepOp::realLess;
  case Op::lessEqual:
    return StepOp::realLessEqual;
  case Op::notEqual:
    return StepOp::realNotEqual;
  default:
    return StepOp::realEqual;
  }
}

} // namespace

void ExpressionLowering::conditions(const Expression& expression) {
  split(expression, expression.root);
}

void ExpressionLowering::defined(const Expression& expression) {
  if (const StepId fault = part(expression, expression.root).fault; fault != kNever)
    add(no(fault));
}

void ExpressionLowering::add(StepId root) {
  if (steps_.isConstant(root))
    out_.impossible |= steps_[root].cell == 0;
  else
    out_.conditions.push_back({root, steps_[root].variables, std::nullopt});
}

StepId ExpressionLowering::settled(StepId fault) const {
  const bool isNever = fault != kNever && steps_.isConstant(fault) && steps_[fault].cell == 0;
  return isNever ? kNever : fault;
}

StepId ExpressionLowering::anyFault(StepId a, StepId b) {
  a = settled(a);
  b = settled(b);
  if (a == kNever || b == kNever)
    return a == kNever ? b : a;
  return steps_.make(StepOp::bitOr, a, b);
}

StepId ExpressionLowering::faultWhere(StepId guard, StepId fault) {
  return fault == kNever ? kNever : settled(both(guard, fault));
}

void ExpressionLowering::split(const Expression& e, Id index) {
  const Node& node = e.nodes[index];
  if (node.op == Op::bothOf) {
    split(e, e.operandsOf(node)[0]);
    split(e, e.operandsOf(node)[1]);
    return;
  }
  const Part whole = truth(e, index);
  add(whole.fault == kNever ? whole.value : both(whole.value, no(whole.fault)));
}

Part ExpressionLowering::truth(const Expression& e, Id index) {
  const Node& node = e.nodes[index];
  const auto operands = e.operandsOf(node);
  if (node.op == Op::bothOf || node.op == Op::eitherOf) {
    const Part left = truth(e, operands[0]);
    const Part right = truth(e, operands[1]);
    const bool isBoth = node.op == Op::bothOf;
    const StepId reached = isBoth ? left.value : no(left.value);
    return {steps_.make(isBoth ? StepOp::bitAnd : StepOp::bitOr, left.value, right.value),
            anyFault(left.fault, faultWhere(reached, right.fault))};
  }
  if (node.op == Op::isFalse || node.op == Op::toTruth) {
    const Part of = truth(e, operands[0]);
    return {node.op == Op::isFalse ? no(of.value) : of.value, of.fault};
  }
  const Part of = part(e, index);
  if (node.type == Type::real)
    return {steps_.make(StepOp::realNotEqual, of.value, steps_.constant(cellOf(0.0))), of.fault};
  if (steps_.isBoolean(of.value))
    return of;
  return {steps_.make(StepOp::notEqual, of.value, steps_.constant(0)), of.fault};
}

Part ExpressionLowering::as(Type type, const Expression& e, Id index) {
  const Part of = part(e, index);
  if (type != Type::real || e.nodes[index].type == Type::real)
    return of;
  const Step& step = steps_[of.value];
  const bool isExact = exactAsReal(step.least) && exactAsReal(step.most);
  StepId fault = kNever;
  if (!isExact) {
    const StepId low = steps_.make(StepOp::less, of.value, steps_.constant(-kLargestExactReal));
    const StepId high = steps_.make(StepOp::less, steps_.constant(kLargestExactReal), of.value);
    fault = steps_.make(StepOp::bitOr, low, high);
  }
  return {steps_.make(StepOp::toReal, of.value), anyFault(of.fault, fault)};
}

Part ExpressionLowering::part(const Expression& e, Id index) {
  const Node& node = e.nodes[index];
  const auto operands = e.operandsOf(node);
  switch (node.op) {
  case Op::literal:
    return {steps_.constant(node.cell)};
  case Op::parameter:
    return parameter(static_cast<std::uint32_t>(node.cell));
  case Op::isFalse:
  case Op::toTruth:
    return truth(e, index);
  case Op::bothOf:
  case Op::eitherOf: {
    const Part condition = truth(e, operands[0]);
    const Part left = as(node.type, e, operands[0]);
    const Part right = as(node.type, e, operands[1]);
    const bool isBoth = node.op == Op::bothOf;
    return chosen(condition, isBoth ? right : left, isBoth ? left : right);
  }
  case Op::choose:
    return chosen(truth(e, operands[0]), as(node.type, e, operands[1]),
                  as(node.type, e, operands[2]));
  case Op::minimum:
  case Op::maximum:
    return extreme(e, node, operands);
  case Op::isIn:
    return isIn(e, operands);
  default:
    return operands.size() == 1 ? unary(e, node, operands[0])
                                : binary(e, node, operands[0], operands[1]);
  }
}

Part ExpressionLowering::parameter(std::uint32_t index) {
  const Parameter& parameter = model_.parameters()[index];
  if (parameter.derived)
    return part(*parameter.derived, parameter.derived->root);
  if (const auto variable = out_.variableOf[index])
    return {out_.variableSteps[*variable]};
  return {steps_.constant(out_.domains[index].front())};
}

Part ExpressionLowering::chosen(Part condition, Part yes, Part no) {
  const StepId never = steps_.constant(0);
  const StepId fault =
      yes.fault == kNever && no.fault == kNever
          ? kNever
          : steps_.make(StepOp::choose, condition.value, yes.fault == kNever ? never : yes.fault,
                        no.fault == kNever ? never : no.fault);
  return {steps_.make(StepOp::choose, condition.value, yes.value, no.value),
          anyFault(condition.fault, fault)};
}

Part ExpressionLowering::extreme(const Expression& e, const Node& node,
                                 std::span<const Id> operands) {
  const bool isReal = node.type == Type::real;
  const StepOp op = node.op == Op::minimum ? (isReal ? StepOp::realMinimum : StepOp::minimum)
                                           : (isReal ? StepOp::realMaximum : StepOp::maximum);
  Part best = as(node.type, e, operands[0]);
  for (const Id operand : operands.subspan(1)) {
    const Part other = as(node.type, e, operand);
    best = {steps_.make(op, best.value, other.value), anyFault(best.fault, other.fault)};
  }
  return best;
}

// The whole list is evaluated before anything is compared.
Part ExpressionLowering::isIn(const Expression& e, std::span<const Id> operands) {
  Part found{steps_.constant(0), part(e, operands[0]).fault};
  for (const Id operand : operands.subspan(1)) {
    const Part same = binary(e, Node{.op = Op::equal}, operands[0], operand);
    found = {steps_.make(StepOp::bitOr, found.value, same.value),
             anyFault(found.fault, same.fault)};
  }
  return found;
}

Part ExpressionLowering::unary(const Expression& e, const Node& node, Id operand) {
  const Part of = part(e, operand);
  const bool isReal = e.nodes[operand].type == Type::real;
  const auto zero = [&] { return steps_.constant(isReal ? cellOf(-0.0) : 0); };
  switch (node.op) {
  case Op::negate:
    if (isReal)
      return {steps_.make(StepOp::realSubtract, zero(), of.value), of.fault};
    return subtract({zero()}, of);
  case Op::bitNot:
    return {steps_.make(StepOp::bitXor, of.value, steps_.constant(-1)), of.fault};
  case Op::absolute: {
    if (isReal)
      return {steps_.make(StepOp::realAbsolute, of.value), of.fault};
    const StepId fault = steps_[of.value].least > kLeast
                             ? kNever
                             : steps_.make(StepOp::equal, of.value, steps_.constant(kLeast));
    return {steps_.make(StepOp::absolute, of.value), anyFault(of.fault, fault)};
  }
  case Op::toReal:
    return as(Type::real, e, operand);
  default:
    if (!isReal)
      return of;
    return {steps_.make(StepOp::toInteger, of.value),
            anyFault(of.fault, steps_.make(StepOp::noInteger, of.value))};
  }
}

Part ExpressionLowering::subtract(Part left, Part right) {
  const StepId fault = anyFault(left.fault, right.fault);
  const StepId sum = steps_.sum({left.value, false}, {right.value, true});
  if (sum != kNoStep)
    return {sum, fault};
  return checked(StepOp::subtract, StepOp::subtractOverflows, left.value, right.value, fault);
}

Part ExpressionLowering::binary(const Expression& e, const Node& node, Id left, Id right) {
  const bool isReal = node.type == Type::real || e.nodes[left].type == Type::real ||
                      e.nodes[right].type == Type::real;
  const Type type = isReal ? Type::real : e.nodes[left].type;
  const Part a = as(type, e, left);
  const Part b = as(type, e, right);
  return isReal ? realBinary(node.op, a, b) : integerBinary(node.op, a, b);
}

Part ExpressionLowering::integerBinary(Op op, Part a, Part b) {
  const StepId fault = anyFault(a.fault, b.fault);
  switch (op) {
  case Op::add: {
    const StepId sum = steps_.sum({a.value, false}, {b.value, false});
    if (sum != kNoStep)
      return {sum, fault};
    return checked(StepOp::add, StepOp::addOverflows, a.value, b.value, fault);
  }
  case Op::subtract:
    return subtract(a, b);
  case Op::multiply: {
    const StepId product = steps_.product(a.value, b.value);
    if (product != kNoStep)
      return {product, fault};
    return checked(StepOp::multiply, StepOp::multiplyOverflows, a.value, b.value, fault);
  }
  case Op::floorDivide:
  case Op::modulo:
    return division(op, a, b);
  case Op::power:
    return checked(StepOp::power, StepOp::powerOverflows, a.value, b.value, fault);
  case Op::shiftLeft:
    return checked(StepOp::shiftLeft, StepOp::shiftOverflows, a.value, b.value, fault);
  case Op::shiftRight: {
    const StepId negative = steps_.make(StepOp::less, b.value, steps_.constant(0));
    return {steps_.make(StepOp::shiftRight, a.value, b.value), anyFault(fault, negative)};
  }
  default:
    return {steps_.make(plain(op), a.value, b.value), fault};
  }
}

Part ExpressionLowering::checked(StepOp op, StepOp overflow, StepId a, StepId b, StepId fault) {
  const StepId value = steps_.make(op, a, b);
  // A range that reaches the ends of 64 bits was cut there; a constant may have wrapped.
  const bool fits =
      !steps_.isConstant(value) && steps_[value].least > kLeast && steps_[value].most < kMost;
  return {value, fits ? fault : anyFault(fault, steps_.make(overflow, a, b))};
}

Part ExpressionLowering::division(Op op, Part a, Part b) {
  const Step divisor = steps_[b.value];
  StepId fault = anyFault(a.fault, b.fault);
  StepId by = b.value;
  if (divisor.least <= 0 && divisor.most >= 0) {
    fault = anyFault(fault, steps_.make(StepOp::isZero, b.value));
    by = steps_.make(StepOp::zeroToOne, b.value);
  }
  const bool isQuotient = op == Op::floorDivide;
  const Step dividend = steps_[a.value];
  const bool isSmall = dividend.least >= 0 && dividend.most < kLargestExactReal &&
                       steps_[by].least >= 1 && steps_[by].most < kLargestExactReal;
  if (isSmall)
    return {steps_.make(isQuotient ? StepOp::divideSmall : StepOp::moduloSmall, a.value, by),
            fault};
  if (isQuotient && dividend.least == kLeast && divisor.least <= -1 && divisor.most >= -1)
    fault = anyFault(fault, both(steps_.make(StepOp::equal, a.value, steps_.constant(kLeast)),
                                 steps_.make(StepOp::equal, b.value, steps_.constant(-1))));
  return {steps_.make(isQuotient ? StepOp::floorDivide : StepOp::floorModulo, a.value, by), fault};
}

Part ExpressionLowering::realBinary(Op op, Part a, Part b) {
  StepId fault = anyFault(a.fault, b.fault);
  if (op == Op::divide || op == Op::floorDivide || op == Op::modulo) {
    const StepId zero = isNonZero(b.value)
                            ? kNever
                            : steps_.make(StepOp::realEqual, b.value, steps_.constant(cellOf(0.0)));
    fault = anyFault(fault, zero);
  }
  if (op == Op::power) {
    fault = anyFault(fault, steps_.make(StepOp::realPowerFaults, a.value, b.value));
  }
  return {steps_.make(real(op), a.value, b.value), fault};
}

// An integer that cannot be zero, converted.
bool ExpressionLowering::isNonZero(StepId real) const {
  const Step& step = steps_[real];
  return step.op == StepOp::toReal && (steps_[step.a].least > 0 || steps_[step.a].most < 0);
}

} // namespace ptotune::engine
