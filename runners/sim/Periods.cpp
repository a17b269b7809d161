#include "runners/sim/Periods.h"

#include <cstdlib>
#include <numeric>
#include <optional>

namespace ptotune::sim {

using program::Expr;
using program::ExprId;
using program::ExprKind;

namespace {

// Larger periods than this repeat too seldom to matter; with larger factors values might overflow.
constexpr std::int64_t kLargest = 1 << 20;

struct Growth {
  std::int64_t period = 1;
  std::int64_t by = 0; // over one period
};

class Growths {
public:
  Growths(const std::vector<Expr>& exprs, std::int32_t variable)
      : exprs_(exprs), variable_(variable), known_(exprs.size()), growths_(exprs.size()) {}

  std::optional<Growth> of(ExprId id) {
    const auto i = static_cast<std::size_t>(id);
    if (!known_[i]) {
      known_[i] = true;
      growths_[i] = bounded(compute(exprs_[i]));
    }
    return growths_[i];
  }

private:
  static std::optional<Growth> bounded(std::optional<Growth> growth) {
    if (growth && (growth->period > kLargest || std::abs(growth->by) > kLargest))
      return std::nullopt;
    return growth;
  }
  std::optional<std::int64_t> constant(ExprId id) const {
    const Expr& expr = exprs_[static_cast<std::size_t>(id)];
    if (expr.kind == ExprKind::constant && std::abs(expr.value) <= kLargest)
      return expr.value;
    return std::nullopt;
  }
  // Both over a common period.
  static std::pair<Growth, Growth> together(const Growth& a, const Growth& b) {
    const std::int64_t period = std::lcm(a.period, b.period);
    return {{period, a.by * (period / a.period)}, {period, b.by * (period / b.period)}};
  }

  std::optional<Growth> compute(const Expr& expr) {
    if (expr.kind < ExprKind::variable)
      return Growth{};
    if (expr.kind == ExprKind::variable)
      return Growth{1, expr.value == variable_ ? 1 : 0};
    const std::optional<Growth> lhs = of(expr.lhs);
    const std::optional<Growth> rhs = of(expr.rhs);
    if (!lhs || !rhs)
      return std::nullopt;
    const auto [a, b] = together(*lhs, *rhs);
    switch (expr.kind) {
    case ExprKind::add:
      return Growth{a.period, a.by + b.by};
    case ExprKind::sub:
      return Growth{a.period, a.by - b.by};
    case ExprKind::mul:
      return product(expr, a, b);
    case ExprKind::div:
    case ExprKind::rem:
      return quotient(expr, a, b);
    default: // min, max
      return a.by == b.by ? std::optional(a) : std::nullopt;
    }
  }

  std::optional<Growth> product(const Expr& expr, const Growth& a, const Growth& b) const {
    if (a.by == 0 && b.by == 0)
      return a;
    if (const auto factor = constant(expr.rhs))
      return Growth{a.period, a.by * *factor};
    if (const auto factor = constant(expr.lhs))
      return Growth{b.period, b.by * *factor};
    return std::nullopt;
  }

  // Both are undefined below zero, so the dividend must not fall.
  std::optional<Growth> quotient(const Expr& expr, const Growth& a, const Growth& b) const {
    if (a.by == 0 && b.by == 0)
      return a;
    const auto divisor = constant(expr.rhs);
    if (!divisor || *divisor < 1 || a.by < 0)
      return std::nullopt;
    const std::int64_t rounds = *divisor / std::gcd(*divisor, a.by);
    return Growth{a.period * rounds, expr.kind == ExprKind::div ? a.by * rounds / *divisor : 0};
  }

  const std::vector<Expr>& exprs_;
  std::int32_t variable_;
  std::vector<bool> known_;
  std::vector<std::optional<Growth>> growths_;
};

} // namespace

std::int64_t periodOf(const std::vector<Expr>& exprs, std::int32_t variable,
                      std::span<const ExprId> selecting, std::span<const ExprId> labels) {
  Growths growths(exprs, variable);
  std::int64_t period = 1;
  const auto add = [&](ExprId id, bool selects) {
    const std::optional<Growth> growth = growths.of(id);
    const bool fits = growth && (!selects || growth->by == 0);
    period = fits && period > 0 ? std::lcm(period, growth->period) : 0;
    if (period > kLargest)
      period = 0;
  };
  for (const ExprId id : selecting)
    add(id, true);
  for (const ExprId id : labels)
    add(id, false);
  return period;
}

} // namespace ptotune::sim
