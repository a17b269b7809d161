// The meaning of an expression: evaluation node by node. Compiled forms are tested against it.
#pragma once

#include "space/engine/expr/Arithmetic.h"
#include "space/engine/expr/Expression.h"

#include <span>

namespace ptotune::engine {

// The type of the cell is the expression's.
struct Outcome {
  Cell cell = 0;
  Fault fault = Fault::none;
};

// `row` holds one cell per parameter. Operands that Python would not evaluate (`a or b` with a true
// `a`) cannot fault.
Outcome evaluate(const Expression& expression, std::span<const Cell> row);
// Whether a constraint holds. One that cannot be evaluated does not.
bool holds(const Expression& expression, std::span<const Cell> row);

} // namespace ptotune::engine
