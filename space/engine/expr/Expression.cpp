#include "space/engine/expr/Expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ptotune::engine {
namespace {

bool isBoolean(Op op) {
  return op == Op::isFalse || op == Op::toTruth || op == Op::isIn ||
         (op >= Op::less && op <= Op::notEqual);
}

bool isBitwise(Op op) {
  return op == Op::bitNot || (op >= Op::shiftLeft && op <= Op::bitXor);
}

constexpr std::uint64_t kMostVisits = 20'000;

bool isEquality(Op op) {
  return op == Op::equal || op == Op::notEqual || op == Op::isIn;
}

} // namespace

void ExpressionBuilder::complain(Complaint complaint) {
  if (!complaint_)
    complaint_ = std::move(complaint);
}

std::uint32_t ExpressionBuilder::push(const Node& node, std::uint64_t visits) {
  expression_.nodes.push_back(node);
  visits_.push_back(visits);
  return static_cast<std::uint32_t>(expression_.nodes.size() - 1);
}

std::uint32_t ExpressionBuilder::literal(Type type, Cell cell, std::uint32_t at,
                                         std::uint32_t end) {
  const bool nonNegative = type == Type::real ? realOf(cell) >= 0 : cell >= 0;
  return push({.op = Op::literal,
               .type = type,
               .nonNegative = nonNegative,
               .at = at,
               .length = end - at,
               .cell = cell},
              1);
}

std::uint32_t ExpressionBuilder::parameter(const Symbol& symbol, std::uint32_t at,
                                           std::uint32_t end) {
  if (symbol.kind == Symbol::Kind::constant)
    return literal(symbol.type, symbol.cell, at, end);
  expression_.parameters.push_back(symbol.index);
  return push({.op = Op::parameter,
               .type = symbol.type,
               .nonNegative = symbol.nonNegative,
               .at = at,
               .length = end - at,
               .cell = symbol.index},
              1);
}

bool ExpressionBuilder::checkOperands(Op op, std::span<const std::uint32_t> operands,
                                      std::uint32_t at) {
  const bool anyText = std::ranges::any_of(
      operands, [&](std::uint32_t operand) { return node(operand).type == Type::text; });
  const bool allText = std::ranges::all_of(
      operands, [&](std::uint32_t operand) { return node(operand).type == Type::text; });
  const bool anyReal = std::ranges::any_of(
      operands, [&](std::uint32_t operand) { return node(operand).type == Type::real; });
  if (isBitwise(op) && anyReal) {
    complain({at, "a bit operation on a real", "integers", ""});
    return false;
  }
  if (!anyText)
    return true;
  if (isEquality(op) && !allText) {
    complain({at, "a text is compared with a number", "two texts or two numbers", ""});
    return false;
  }
  const bool branches = op == Op::choose && node(operands[0]).type != Type::text &&
                        node(operands[1]).type == Type::text &&
                        node(operands[2]).type == Type::text;
  if (isEquality(op) || branches)
    return true;
  complain({at, "a text stands where a number is needed", "a number",
            "texts can be compared with ==, != and in"});
  return false;
}

Type ExpressionBuilder::typeOf(Op op, std::span<const std::uint32_t> operands) const {
  if (isBoolean(op) || isBitwise(op) || op == Op::toInteger)
    return Type::integer;
  if (op == Op::toReal || op == Op::divide)
    return Type::real;
  if (op == Op::choose)
    operands = operands.subspan(1);
  Type type = Type::integer;
  for (const std::uint32_t operand : operands)
    type = std::max(type, node(operand).type);
  if (op == Op::power && type == Type::integer && !node(operands[1]).nonNegative)
    return Type::real;
  return type;
}

bool ExpressionBuilder::nonNegative(Op op, std::span<const std::uint32_t> operands) const {
  const auto isNonNegative = [&](std::uint32_t operand) { return node(operand).nonNegative; };
  switch (op) {
  case Op::absolute:
    return true;
  case Op::negate:
  case Op::subtract:
  case Op::bitNot:
    return false;
  case Op::modulo:
    return isNonNegative(operands[1]);
  case Op::power:
  case Op::shiftLeft:
  case Op::shiftRight:
    return isNonNegative(operands[0]);
  case Op::bitAnd:
  case Op::maximum:
    return std::ranges::any_of(operands, isNonNegative);
  case Op::choose:
    return std::ranges::all_of(operands.subspan(1), isNonNegative);
  default:
    return isBoolean(op) || std::ranges::all_of(operands, isNonNegative);
  }
}

std::uint32_t ExpressionBuilder::make(Op op, std::span<const std::uint32_t> operands,
                                      std::uint32_t at, std::uint32_t end) {
  if (complaint_ || !checkOperands(op, operands, at))
    return 0;
  const Node made{.op = op,
                  .type = typeOf(op, operands),
                  .nonNegative = nonNegative(op, operands),
                  .at = at,
                  .length = end - at,
                  .first = static_cast<std::uint32_t>(expression_.operands.size()),
                  .count = static_cast<std::uint32_t>(operands.size())};
  expression_.operands.insert(expression_.operands.end(), operands.begin(), operands.end());
  std::uint64_t visits = 1;
  for (const std::uint32_t operand : operands)
    visits += visits_[operand];
  if (visits > kMostVisits)
    complain(
        {at, "the expression is too deeply interwoven", "fewer nested chains of comparisons", ""});
  return push(made, visits);
}

std::uint32_t ExpressionBuilder::truth(std::uint32_t operand) {
  if (complaint_ || isBoolean(node(operand).op))
    return operand;
  const Node& of = node(operand);
  return make(Op::toTruth, std::array{operand}, of.at, of.at + of.length);
}

Expression ExpressionBuilder::finish(std::uint32_t root) {
  expression_.root = root;
  std::ranges::sort(expression_.parameters);
  const auto repeated = std::ranges::unique(expression_.parameters);
  expression_.parameters.erase(repeated.begin(), repeated.end());
  return std::move(expression_);
}

} // namespace ptotune::engine
