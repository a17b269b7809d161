#include "space/engine/expr/Evaluate.h"

#include <algorithm>

namespace ptotune::engine {
namespace {

Outcome integer(std::int64_t value) {
  return {value, Fault::none};
}
Outcome real(double value) {
  return {cellOf(value), Fault::none};
}
Outcome fault(Fault kind) {
  return {0, kind};
}

Outcome checked(bool overflow, std::int64_t value) {
  return overflow ? fault(Fault::overflow) : integer(value);
}

bool isTrue(Type type, Cell cell) {
  return type == Type::real ? realOf(cell) != 0 : cell != 0;
}

Outcome integerBinary(Op op, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  switch (op) {
  case Op::add:
    return checked(__builtin_add_overflow(a, b, &result), result);
  case Op::subtract:
    return checked(__builtin_sub_overflow(a, b, &result), result);
  case Op::multiply:
    return checked(__builtin_mul_overflow(a, b, &result), result);
  case Op::floorDivide:
    if (b == 0)
      return fault(Fault::division);
    return checked(b == -1 && a == std::numeric_limits<std::int64_t>::min(), floorDivide(a, b));
  case Op::modulo:
    return b == 0 ? fault(Fault::division) : integer(floorModulo(a, b));
  case Op::power: {
    const Power power = integerPower(a, b);
    return checked(power.overflow, power.value);
  }
  case Op::shiftLeft:
    if (b < 0)
      return fault(Fault::domain);
    return checked(shiftOverflows(a, b), shiftLeft(a, b));
  case Op::shiftRight:
    return b < 0 ? fault(Fault::domain) : integer(shiftRight(a, b));
  case Op::bitAnd:
    return integer(a & b);
  case Op::bitOr:
    return integer(a | b);
  case Op::bitXor:
    return integer(a ^ b);
  case Op::less:
    return integer(a < b ? 1 : 0);
  case Op::lessEqual:
    return integer(a <= b ? 1 : 0);
  case Op::notEqual:
    return integer(a != b ? 1 : 0);
  default:
    return integer(a == b ? 1 : 0);
  }
}

Outcome realBinary(Op op, double a, double b) {
  switch (op) {
  case Op::add:
    return real(a + b);
  case Op::subtract:
    return real(a - b);
  case Op::multiply:
    return real(a * b);
  case Op::divide:
    return b == 0 ? fault(Fault::division) : real(a / b);
  case Op::floorDivide:
    return b == 0 ? fault(Fault::division) : real(realFloorDivide(a, b));
  case Op::modulo:
    return b == 0 ? fault(Fault::division) : real(realModulo(a, b));
  case Op::power: {
    const Fault kind = powerFault(a, b);
    return kind == Fault::none ? real(std::pow(a, b)) : fault(kind);
  }
  case Op::less:
    return integer(a < b ? 1 : 0);
  case Op::lessEqual:
    return integer(a <= b ? 1 : 0);
  case Op::notEqual:
    return integer(a != b ? 1 : 0);
  default:
    return integer(a == b ? 1 : 0);
  }
}

class Evaluator {
public:
  Evaluator(const Expression& expression, std::span<const Cell> row)
      : expression_(expression), row_(row) {}

  Outcome run(std::uint32_t index) const {
    const Node& node = expression_.nodes[index];
    if (node.op == Op::literal)
      return {node.cell, Fault::none};
    if (node.op == Op::parameter)
      return {row_[static_cast<std::size_t>(node.cell)], Fault::none};
    const auto operands = expression_.operandsOf(node);
    switch (node.op) {
    case Op::bothOf:
    case Op::eitherOf: {
      const Outcome first = run(operands[0]);
      if (first.fault != Fault::none)
        return first;
      const bool stop = isTrue(typeOf(operands[0]), first.cell) == (node.op == Op::eitherOf);
      return as(node.type, operands[stop ? 0 : 1]);
    }
    case Op::choose: {
      const Outcome condition = run(operands[0]);
      if (condition.fault != Fault::none)
        return condition;
      return as(node.type, operands[isTrue(typeOf(operands[0]), condition.cell) ? 1 : 2]);
    }
    case Op::minimum:
    case Op::maximum:
      return extreme(node, operands);
    case Op::isIn:
      return isIn(operands);
    default:
      return operands.size() == 1 ? unary(node, operands[0])
                                  : binary(node, operands[0], operands[1]);
    }
  }

private:
  Type typeOf(std::uint32_t index) const { return expression_.nodes[index].type; }

  // The operand, converted when a real is wanted.
  Outcome as(Type type, std::uint32_t index) const {
    const Outcome outcome = run(index);
    if (outcome.fault != Fault::none || type != Type::real || typeOf(index) == Type::real)
      return outcome;
    return exactAsReal(outcome.cell) ? real(static_cast<double>(outcome.cell))
                                     : fault(Fault::overflow);
  }

  Outcome unary(const Node& node, std::uint32_t operand) const {
    const Outcome of = run(operand);
    if (of.fault != Fault::none)
      return of;
    const bool isReal = typeOf(operand) == Type::real;
    constexpr auto least = std::numeric_limits<std::int64_t>::min();
    switch (node.op) {
    case Op::negate:
      return isReal ? real(-realOf(of.cell)) : checked(of.cell == least, floorDivide(of.cell, -1));
    case Op::absolute:
      if (isReal)
        return real(std::fabs(realOf(of.cell)));
      return checked(of.cell == least, of.cell < 0 ? floorDivide(of.cell, -1) : of.cell);
    case Op::bitNot:
      return integer(~of.cell);
    case Op::isFalse:
      return integer(isTrue(typeOf(operand), of.cell) ? 0 : 1);
    case Op::toTruth:
      return integer(isTrue(typeOf(operand), of.cell) ? 1 : 0);
    case Op::toReal:
      return as(Type::real, operand);
    default:
      if (!isReal)
        return of;
      if (!truncatesToInteger(realOf(of.cell)))
        return fault(Fault::overflow);
      return integer(static_cast<std::int64_t>(realOf(of.cell)));
    }
  }

  Outcome binary(const Node& node, std::uint32_t left, std::uint32_t right) const {
    const bool isReal =
        node.type == Type::real || typeOf(left) == Type::real || typeOf(right) == Type::real;
    const Outcome a = as(isReal ? Type::real : Type::integer, left);
    if (a.fault != Fault::none)
      return a;
    const Outcome b = as(isReal ? Type::real : Type::integer, right);
    if (b.fault != Fault::none)
      return b;
    return isReal ? realBinary(node.op, realOf(a.cell), realOf(b.cell))
                  : integerBinary(node.op, a.cell, b.cell);
  }

  Outcome extreme(const Node& node, std::span<const std::uint32_t> operands) const {
    Outcome best = as(node.type, operands[0]);
    for (const std::uint32_t operand : operands.subspan(1)) {
      if (best.fault != Fault::none)
        return best;
      const Outcome other = as(node.type, operand);
      if (other.fault != Fault::none)
        return other;
      const bool isLess =
          node.type == Type::real ? realOf(other.cell) < realOf(best.cell) : other.cell < best.cell;
      const bool isMore =
          node.type == Type::real ? realOf(other.cell) > realOf(best.cell) : other.cell > best.cell;
      if (node.op == Op::minimum ? isLess : isMore)
        best = other;
    }
    return best;
  }

  // The whole list is evaluated before anything is compared.
  Outcome isIn(std::span<const std::uint32_t> operands) const {
    bool found = false;
    for (const std::uint32_t operand : operands.subspan(1)) {
      const Outcome same = binary(Node{.op = Op::equal}, operands[0], operand);
      if (same.fault != Fault::none)
        return same;
      found |= same.cell != 0;
    }
    return operands.size() > 1 ? integer(found ? 1 : 0) : withoutValue(run(operands[0]));
  }

  // 0, unless the operand faults.
  static Outcome withoutValue(Outcome of) { return of.fault == Fault::none ? integer(0) : of; }

  const Expression& expression_;
  std::span<const Cell> row_;
};

} // namespace

Outcome evaluate(const Expression& expression, std::span<const Cell> row) {
  return Evaluator(expression, row).run(expression.root);
}

bool holds(const Expression& expression, std::span<const Cell> row) {
  const Outcome outcome = evaluate(expression, row);
  return outcome.fault == Fault::none && isTrue(expression.type(), outcome.cell);
}

} // namespace ptotune::engine
