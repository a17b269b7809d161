#include "codegen/emit/ProgramExprs.h"

#include "codegen/dialect/PtoDialect.h"

#include <llvm/ADT/TypeSwitch.h>
#include <mlir/Dialect/Arith/IR/Arith.h>

namespace ptotune::emit {

using namespace mlir;
using program::ExprId;
using program::ExprKind;

ExprId ProgramExprs::make(ExprKind kind, std::int64_t value, ExprId lhs, ExprId rhs) {
  const auto [entry, isNew] =
      made_.try_emplace({kind, value, lhs, rhs}, static_cast<ExprId>(program_.exprs.size()));
  if (isNew)
    program_.exprs.push_back({kind, value, lhs, rhs});
  return entry->second;
}

FailureOr<ExprId> ProgramExprs::of(Value value) {
  if (const auto found = known_.find(value); found != known_.end())
    return found->second;
  const FailureOr<ExprId> computed = compute(value);
  if (succeeded(computed))
    known_[value] = *computed;
  return computed;
}

FailureOr<ExprId> ProgramExprs::offset(Value value) {
  if (pto::constantOf(value) == 0)
    return ExprId(-1);
  return of(value);
}

FailureOr<ExprId> ProgramExprs::compute(Value value) {
  if (const auto number = pto::constantOf(value))
    return constant(*number);
  Operation* op = value.getDefiningOp();
  if (!op) {
    emitError(value.getLoc()) << "parameter has no meaning in a program; expected s0 or s1";
    return failure();
  }
  const auto binary = [&](ExprKind kind) -> FailureOr<ExprId> {
    const FailureOr<ExprId> lhs = of(op->getOperand(0));
    const FailureOr<ExprId> rhs = of(op->getOperand(1));
    if (failed(lhs) || failed(rhs))
      return failure();
    return make(kind, 0, *lhs, *rhs);
  };
  return llvm::TypeSwitch<Operation*, FailureOr<ExprId>>(op)
      .Case<arith::AddIOp>([&](auto) { return binary(ExprKind::add); })
      .Case<arith::SubIOp>([&](auto) { return binary(ExprKind::sub); })
      .Case<arith::MulIOp>([&](auto) { return binary(ExprKind::mul); })
      .Case<arith::DivUIOp, arith::DivSIOp>([&](auto) { return binary(ExprKind::div); })
      .Case<arith::RemUIOp, arith::RemSIOp>([&](auto) { return binary(ExprKind::rem); })
      .Case<arith::MinUIOp, arith::MinSIOp>([&](auto) { return binary(ExprKind::min); })
      .Case<arith::MaxUIOp, arith::MaxSIOp>([&](auto) { return binary(ExprKind::max); })
      .Case<arith::IndexCastOp>([&](auto cast) { return of(cast.getIn()); })
      .Case<pto::GetBlockIdxOp>([&](auto) { return make(ExprKind::blockIdx); })
      .Case<pto::GetBlockNumOp>([&](auto) { return make(ExprKind::blockNum); })
      .Case<pto::GetSubblockIdxOp>([&](auto) { return make(ExprKind::subblockIdx); })
      .Default([](Operation* other) -> FailureOr<ExprId> {
        other->emitError() << "'" << other->getName()
                           << "' has no place in a program; expected index arithmetic";
        return failure();
      });
}

} // namespace ptotune::emit
