// Index values of the IR as expressions of a program.
#pragma once

#include "codegen/program/Program.h"

#include <llvm/ADT/DenseMap.h>
#include <mlir/IR/Value.h>
#include <mlir/Support/LogicalResult.h>

#include <map>
#include <tuple>

namespace ptotune::emit {

// Builds Program::exprs; equal expressions are one.
class ProgramExprs {
public:
  explicit ProgramExprs(program::Program& program) : program_(program) {}

  program::ExprId make(program::ExprKind kind, std::int64_t value = 0, program::ExprId lhs = -1,
                       program::ExprId rhs = -1);
  program::ExprId constant(std::int64_t value) { return make(program::ExprKind::constant, value); }

  // Says what a value stands for: a parameter of the function, or a loop variable.
  void bind(mlir::Value value, program::ExprId expr) { known_[value] = expr; }

  // Fails with a diagnostic where the value is not index arithmetic over bound values.
  mlir::FailureOr<program::ExprId> of(mlir::Value value);
  // The same, with -1 for the constant 0.
  mlir::FailureOr<program::ExprId> offset(mlir::Value value);

private:
  mlir::FailureOr<program::ExprId> compute(mlir::Value value);

  program::Program& program_;
  llvm::DenseMap<mlir::Value, program::ExprId> known_;
  std::map<std::tuple<program::ExprKind, std::int64_t, program::ExprId, program::ExprId>,
           program::ExprId>
      made_;
};

} // namespace ptotune::emit
