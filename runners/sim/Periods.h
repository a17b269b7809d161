// When the iterations of a loop do the same. Expressions are looked at as functions of one loop
// variable: e(v + period) = e(v) + growth for every v. That covers what kernels compute of a tile
// index: sums, products with constants, quotients and remainders by constants.
#pragma once

#include "codegen/program/Program.h"

#include <cstdint>
#include <span>
#include <vector>

namespace ptotune::sim {

// The least number of which every multiple, added to the variable, leaves the values of `selecting`
// as they are and lets those of `labels` grow evenly; 0 when there is none that can be told.
std::int64_t periodOf(const std::vector<program::Expr>& exprs, std::int32_t variable,
                      std::span<const program::ExprId> selecting,
                      std::span<const program::ExprId> labels);

} // namespace ptotune::sim
