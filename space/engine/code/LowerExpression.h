// From expressions to steps.
#pragma once

#include "space/engine/code/Lowering.h"

#include <span>

namespace ptotune::engine {

// Adds the steps and conditions of expressions to what is being lowered. Vocabulary: a *part* is
// the value of a subexpression and the step that is 1 where it faults. Operands that Python would
// not evaluate do not fault; their values are computed all the same and chosen away.
class ExpressionLowering {
public:
  ExpressionLowering(const Model& model, Lowered& out)
      : model_(model), out_(out), steps_(out.steps) {}

  // The conditions of a constraint. `and` at the top makes conditions of their own, so that each is
  // decided as early as it can be. One that faults rejects, and where it would not have been
  // evaluated the one before it rejects already.
  void conditions(const Expression& expression);
  // The condition that a derived parameter can be computed.
  void defined(const Expression& expression);

  static constexpr StepId kNever = kNoStep; // a fault that cannot happen
  struct Part {
    StepId value = kNoStep;
    StepId fault = kNever;
  };

private:
  using Id = std::uint32_t; // of a node

  void add(StepId root);
  void split(const Expression& e, Id index);

  Part part(const Expression& e, Id index);
  // The same as 1 or 0.
  Part truth(const Expression& e, Id index);
  // The same, converted when a real is wanted.
  Part as(Type type, const Expression& e, Id index);

  Part parameter(std::uint32_t index);
  Part chosen(Part condition, Part yes, Part no);
  Part extreme(const Expression& e, const Node& node, std::span<const Id> operands);
  Part isIn(const Expression& e, std::span<const Id> operands);
  Part unary(const Expression& e, const Node& node, Id operand);
  Part binary(const Expression& e, const Node& node, Id left, Id right);
  Part integerBinary(Op op, Part a, Part b);
  Part realBinary(Op op, Part a, Part b);
  Part subtract(Part left, Part right);
  Part division(Op op, Part a, Part b);
  Part checked(StepOp op, StepOp overflow, StepId a, StepId b, StepId fault);

  StepId both(StepId a, StepId b) { return steps_.make(StepOp::bitAnd, a, b); }
  StepId no(StepId a) { return steps_.make(StepOp::isZero, a); }
  // kNever for a fault that is the constant 0.
  StepId settled(StepId fault) const;
  StepId anyFault(StepId a, StepId b);
  // `fault`, counted only where `guard` is 1.
  StepId faultWhere(StepId guard, StepId fault);
  bool isNonZero(StepId real) const;

  const Model& model_;
  Lowered& out_;
  Steps& steps_;
};

} // namespace ptotune::engine
