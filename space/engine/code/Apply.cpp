#include "space/engine/code/Steps.h"

#include <algorithm>

namespace ptotune::engine {
namespace {

Cell wrap(std::uint64_t value) {
  return static_cast<Cell>(value);
}

Cell applyReal(StepOp op, double a, double b) {
  switch (op) {
  case StepOp::realAdd:
    return cellOf(a + b);
  case StepOp::realSubtract:
    return cellOf(a - b);
  case StepOp::realMultiply:
    return cellOf(a * b);
  case StepOp::realDivide:
    return cellOf(a / b);
  case StepOp::realFloorDivide:
    return cellOf(realFloorDivide(a, b));
  case StepOp::realModulo:
    return cellOf(realModulo(a, b));
  case StepOp::realPower:
    return cellOf(std::pow(a, b));
  case StepOp::realPowerFaults:
    return powerFault(a, b) != Fault::none ? 1 : 0;
  case StepOp::realAbsolute:
    return cellOf(std::fabs(a));
  case StepOp::realMinimum:
    return cellOf(b < a ? b : a);
  case StepOp::realMaximum:
    return cellOf(b > a ? b : a);
  case StepOp::realLess:
    return a < b ? 1 : 0;
  case StepOp::realLessEqual:
    return a <= b ? 1 : 0;
  case StepOp::realEqual:
    return a == b ? 1 : 0;
  default:
    return a != b ? 1 : 0;
  }
}

} // namespace

Cell apply(StepOp op, Cell a, Cell b, Cell c) {
  const auto ua = static_cast<std::uint64_t>(a);
  const auto ub = static_cast<std::uint64_t>(b);
  Cell ignored = 0;
  switch (op) {
  case StepOp::constant:
  case StepOp::variable:
  case StepOp::sum:
  case StepOp::product:
    return a;
  case StepOp::add:
    return wrap(ua + ub);
  case StepOp::subtract:
    return wrap(ua - ub);
  case StepOp::multiply:
    return wrap(ua * ub);
  case StepOp::floorDivide:
    return floorDivide(a, b);
  case StepOp::floorModulo:
    return floorModulo(a, b);
  case StepOp::divideSmall:
    return b == 0 ? 0 : a / b;
  case StepOp::moduloSmall:
    return b == 0 ? 0 : a % b;
  case StepOp::power:
    return integerPower(a, b).value;
  case StepOp::minimum:
    return std::min(a, b);
  case StepOp::maximum:
    return std::max(a, b);
  case StepOp::bitAnd:
    return a & b;
  case StepOp::bitOr:
    return a | b;
  case StepOp::bitXor:
    return a ^ b;
  case StepOp::shiftLeft:
    return shiftLeft(a, b);
  case StepOp::shiftRight:
    return shiftRight(a, b);
  case StepOp::less:
    return a < b ? 1 : 0;
  case StepOp::lessEqual:
    return a <= b ? 1 : 0;
  case StepOp::equal:
    return a == b ? 1 : 0;
  case StepOp::notEqual:
    return a != b ? 1 : 0;
  case StepOp::isZero:
    return a == 0 ? 1 : 0;
  case StepOp::zeroToOne:
    return a == 0 ? 1 : a;
  case StepOp::absolute:
    return a < 0 ? wrap(0 - ua) : a;
  case StepOp::choose:
    return a != 0 ? b : c;
  case StepOp::addOverflows:
    return __builtin_add_overflow(a, b, &ignored) ? 1 : 0;
  case StepOp::subtractOverflows:
    return __builtin_sub_overflow(a, b, &ignored) ? 1 : 0;
  case StepOp::multiplyOverflows:
    return __builtin_mul_overflow(a, b, &ignored) ? 1 : 0;
  case StepOp::powerOverflows:
    return integerPower(a, b).overflow ? 1 : 0;
  case StepOp::shiftOverflows:
    return shiftOverflows(a, b) ? 1 : 0;
  case StepOp::toReal:
    return cellOf(static_cast<double>(a));
  case StepOp::toInteger:
    return truncatesToInteger(realOf(a)) ? static_cast<Cell>(realOf(a)) : 0;
  case StepOp::noInteger:
    return truncatesToInteger(realOf(a)) ? 0 : 1;
  default:
    return applyReal(op, realOf(a), realOf(b));
  }
}

} // namespace ptotune::engine
