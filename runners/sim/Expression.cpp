#include "runners/sim/Expression.h"

#include <algorithm>

namespace ptotune::sim {

using program::Expr;
using program::ExprId;
using program::ExprKind;

namespace {

std::int64_t apply(ExprKind kind, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  switch (kind) {
  case ExprKind::add:
    return __builtin_add_overflow(a, b, &result) ? kUndefined : result;
  case ExprKind::sub:
    return __builtin_sub_overflow(a, b, &result) ? kUndefined : result;
  case ExprKind::mul:
    return __builtin_mul_overflow(a, b, &result) ? kUndefined : result;
  case ExprKind::div:
    return b > 0 && a >= 0 ? a / b : kUndefined;
  case ExprKind::rem:
    return b > 0 && a >= 0 ? a % b : kUndefined;
  case ExprKind::min:
    return std::min(a, b);
  case ExprKind::max:
    return std::max(a, b);
  default:
    return kUndefined;
  }
}

} // namespace

Values::Values(const std::vector<Expr>& exprs, std::int32_t variables, const Arguments& arguments)
    : exprs_(&exprs), arguments_(arguments),
      variables_(static_cast<std::size_t>(variables), kUndefined),
      values_(exprs.size() + 1, kUndefined) {
  for (std::size_t i = 0; i < exprs.size(); ++i)
    values_[i + 1] = compute(exprs[i], values_);
}

std::int64_t Values::compute(const Expr& expr, const std::vector<std::int64_t>& values) const {
  switch (expr.kind) {
  case ExprKind::constant:
    return expr.value;
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
    return variables_[static_cast<std::size_t>(expr.value)];
  default:
    break;
  }
  const std::int64_t a = values[static_cast<std::size_t>(slot(expr.lhs))];
  const std::int64_t b = values[static_cast<std::size_t>(slot(expr.rhs))];
  return a == kUndefined || b == kUndefined ? kUndefined : apply(expr.kind, a, b);
}

void Values::update(std::span<const ExprId> ids) {
  for (const ExprId id : ids)
    values_[static_cast<std::size_t>(slot(id))] =
        compute((*exprs_)[static_cast<std::size_t>(id)], values_);
}

std::int64_t Values::evaluate(ExprId id) const {
  if (id < 0)
    return kUndefined;
  std::vector<std::int64_t> values(static_cast<std::size_t>(id) + 2, kUndefined);
  for (std::size_t i = 0; i <= static_cast<std::size_t>(id); ++i)
    values[i + 1] = compute((*exprs_)[i], values);
  return values.back();
}

} // namespace ptotune::sim
