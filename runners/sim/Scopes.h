// Which loop an expression changes with. During compilation, each use of an expression puts it
// among the updates of the innermost loop whose variable it depends on.
#pragma once

#include "runners/sim/Code.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ptotune::sim {

class Scopes {
public:
  // Both must outlive the object; `loops` grows while the body is compiled.
  Scopes(const std::vector<program::Expr>& exprs, std::vector<LoopCode>& loops)
      : exprs_(exprs), loops_(loops), usedIn_(exprs.size(), -1) {}

  // Whether a loop around this place runs the variable.
  bool inScope(std::int32_t variable) const { return depthOf(variable) >= 0; }
  void enter(std::int32_t loop);
  void leave();
  // Sees to it that the expression is up to date wherever the current loops bring us. Returns what
  // is wrong with it, or "".
  std::string use(program::ExprId id);
  // Sorts each loop's updates, operands first, without repeats.
  void finish();

private:
  std::int32_t depthOf(std::int32_t variable) const;
  std::string place(program::ExprId id, std::vector<std::int32_t>& depth);

  const std::vector<program::Expr>& exprs_;
  std::vector<LoopCode>& loops_;
  std::vector<std::int32_t> around_; // loops around, outermost first
  std::vector<std::int32_t> usedIn_; // by expression: the stretch in which it was used last
  std::int32_t stretch_ = 0;         // a number of its own between any two loop borders
};

} // namespace ptotune::sim
