// Values of a program's integer expressions during a run.
//
// An expression is computed when the last of its loop variables changes, not when it is read: a
// read is one array access. What belongs to no loop is computed once for the run.
#pragma once

#include "codegen/program/Program.h"

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace ptotune::sim {

// The value of an expression that has none: a division by zero, an overflow.
inline constexpr std::int64_t kUndefined = std::numeric_limits<std::int64_t>::min();

// What the kernel is started with.
struct Arguments {
  std::int64_t s0 = 0;
  std::int64_t s1 = 0;
  std::int64_t blockIdx = 0;
  std::int64_t blockNum = 1;
  std::int64_t subblockIdx = 0;
};

class Values {
public:
  Values() = default;
  // `exprs` must outlive the values. All variables start undefined.
  Values(const std::vector<program::Expr>& exprs, std::int32_t variables,
         const Arguments& arguments);

  // Slot of an expression, and of what stands for a missing one.
  static std::int32_t slot(program::ExprId id) { return id + 1; }
  static constexpr std::int32_t kNoSlot = 0;

  std::int64_t operator[](std::int32_t slot) const {
    return values_[static_cast<std::size_t>(slot)];
  }

  void setVariable(std::int32_t variable, std::int64_t value) {
    variables_[static_cast<std::size_t>(variable)] = value;
  }
  std::int64_t variable(std::int32_t variable) const {
    return variables_[static_cast<std::size_t>(variable)];
  }
  // Computes these expressions anew; operands before the expressions that use them.
  void update(std::span<const program::ExprId> ids);

  // Any expression at this moment, kept up to date or not; for listeners.
  std::int64_t evaluate(program::ExprId id) const;

private:
  std::int64_t compute(const program::Expr& expr, const std::vector<std::int64_t>& values) const;

  const std::vector<program::Expr>* exprs_ = nullptr;
  Arguments arguments_;
  std::vector<std::int64_t> variables_;
  std::vector<std::int64_t> values_; // by slot; slot 0 is undefined
};

} // namespace ptotune::sim
