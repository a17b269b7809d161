#include "runners/sim/Scopes.h"

#include <fmt/format.h>

#include <algorithm>

namespace ptotune::sim {

using program::Expr;
using program::ExprId;
using program::ExprKind;

void Scopes::enter(std::int32_t loop) {
  around_.push_back(loop);
  ++stretch_;
}

void Scopes::leave() {
  around_.pop_back();
  ++stretch_;
}

std::int32_t Scopes::depthOf(std::int32_t variable) const {
  for (std::size_t i = around_.size(); i-- > 0;)
    if (loops_[static_cast<std::size_t>(around_[i])].variable == variable)
      return static_cast<std::int32_t>(i);
  return -1;
}

// Puts one expression, whose operands have been placed, into its loop's updates.
std::string Scopes::place(ExprId id, std::vector<std::int32_t>& depth) {
  const auto i = static_cast<std::size_t>(id);
  const Expr& expr = exprs_[i];
  usedIn_[i] = stretch_;
  if (expr.kind == ExprKind::variable) {
    depth[i] = depthOf(static_cast<std::int32_t>(expr.value));
    if (depth[i] < 0)
      return fmt::format("variable {} is read outside its loop", expr.value);
  } else if (expr.kind > ExprKind::variable) {
    depth[i] = std::max(depth[static_cast<std::size_t>(expr.lhs)],
                        depth[static_cast<std::size_t>(expr.rhs)]);
  }
  if (depth[i] >= 0)
    loops_[static_cast<std::size_t>(around_[static_cast<std::size_t>(depth[i])])].updates.push_back(
        id);
  return {};
}

std::string Scopes::use(ExprId id) {
  if (id < 0 || static_cast<std::size_t>(id) >= exprs_.size())
    return fmt::format("there is no expression {}", id);
  if (usedIn_[static_cast<std::size_t>(id)] == stretch_)
    return {};
  std::vector<bool> needed(static_cast<std::size_t>(id) + 1);
  needed.back() = true;
  for (auto i = static_cast<std::size_t>(id) + 1; i-- > 0;)
    if (needed[i] && exprs_[i].kind > ExprKind::variable) {
      needed[static_cast<std::size_t>(exprs_[i].lhs)] = true;
      needed[static_cast<std::size_t>(exprs_[i].rhs)] = true;
    }
  std::vector<std::int32_t> depth(static_cast<std::size_t>(id) + 1, -1);
  for (ExprId e = 0; e <= id; ++e)
    if (needed[static_cast<std::size_t>(e)])
      if (std::string wrong = place(e, depth); !wrong.empty())
        return wrong;
  return {};
}

void Scopes::finish() {
  for (LoopCode& loop : loops_) {
    std::sort(loop.updates.begin(), loop.updates.end());
    loop.updates.erase(std::unique(loop.updates.begin(), loop.updates.end()), loop.updates.end());
  }
}

} // namespace ptotune::sim
