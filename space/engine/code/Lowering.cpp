#include "space/engine/code/Lowering.h"

#include "space/engine/code/LowerExpression.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace ptotune::engine {
namespace {

// The parameters that have domains, which an expression depends on: derived ones are followed.
void collectScope(const Model& model, std::span<const std::uint32_t> parameters,
                  Scratch<std::uint32_t>& scope) {
  for (const std::uint32_t parameter : parameters) {
    const auto& derived = model.parameters()[parameter].derived;
    if (derived)
      collectScope(model, derived->parameters, scope);
    else if (std::ranges::find(scope, parameter) == scope.end())
      scope.push_back(parameter);
  }
}

// Parameters that are mentioned and have a choice become variables; the others are filled in.
Status declareVariables(const Model& model, bool all, Lowered& out) {
  Scratch<std::uint32_t> mentioned;
  for (std::uint32_t parameter = 0; all && parameter < model.parameters().size(); ++parameter)
    mentioned.push_back(parameter);
  for (const Constraint& constraint : model.constraints())
    collectScope(model, constraint.scope, mentioned);
  for (const Parameter& parameter : model.parameters())
    if (parameter.derived)
      collectScope(model, parameter.derived->parameters, mentioned);
  std::erase_if(mentioned, [&](std::uint32_t p) { return out.domains[p].size() < 2; });
  std::ranges::sort(mentioned);
  if (mentioned.size() > kMostVariables)
    return Error{.message = fmt::format("{} parameters are constrained", mentioned.size()),
                 .key = "constraints",
                 .expected = fmt::format("at most {} that have a choice", kMostVariables),
                 .advice = "give some of them one value"};
  out.variableOf.assign(model.parameters().size(), std::nullopt);
  for (const std::uint32_t parameter : mentioned) {
    const auto number = static_cast<std::uint32_t>(out.variables.size());
    const Scratch<Cell>& cells = out.domains[parameter];
    const auto [least, most] = std::ranges::minmax(cells);
    out.variableOf[parameter] = number;
    out.variables.push_back({parameter, cells});
    out.variableSteps.push_back(out.steps.variable(number, least, most));
  }
  return {};
}

void lowerConstraints(const Model& model, Lowered& out) {
  ExpressionLowering lowering(model, out);
  for (std::uint32_t i = 0; i < model.constraints().size(); ++i) {
    const Constraint& constraint = model.constraints()[i];
    if (constraint.expression) {
      lowering.conditions(*constraint.expression);
      continue;
    }
    Condition condition{.root = out.steps.constant(1), .predicate = i};
    for (const std::uint32_t parameter : constraint.scope)
      if (const auto variable = out.variableOf[parameter])
        condition.variables |= std::uint64_t{1} << *variable;
    out.conditions.push_back(condition);
  }
  for (const Parameter& parameter : model.parameters())
    if (parameter.derived)
      lowering.defined(*parameter.derived);
}

// Decides conditions on one variable or none, value by value.
class Filter {
public:
  Filter(const Model& model, Lowered& out) : model_(model), out_(out) {}

  // True when a domain that had a choice has none any more.
  bool run() {
    bool closed = false;
    std::erase_if(out_.conditions, [&](const Condition& condition) {
      if (std::popcount(condition.variables) > 1)
        return false;
      closed |= narrow(condition);
      return true;
    });
    for (const Variable& variable : out_.variables)
      out_.domains[variable.parameter] = variable.cells;
    return closed;
  }

private:
  // True when a domain that had a choice has none any more.
  bool narrow(const Condition& condition) {
    if (condition.variables == 0) {
      out_.impossible |= !holds(condition, 0, 0);
      return false;
    }
    const auto number = static_cast<std::uint32_t>(std::countr_zero(condition.variables));
    Scratch<Cell>& cells = out_.variables[number].cells;
    std::erase_if(cells, [&](Cell cell) { return !holds(condition, number, cell); });
    out_.impossible |= cells.empty();
    return cells.size() < 2;
  }

  bool holds(const Condition& condition, std::uint32_t number, Cell cell) {
    if (!condition.predicate)
      return value(condition.root, cell) != 0;
    const Constraint& constraint = model_.constraints()[*condition.predicate];
    Scratch<Cell> cells;
    for (const std::uint32_t parameter : constraint.scope) {
      const bool isOpen = condition.variables != 0 && out_.variableOf[parameter] == number;
      cells.push_back(isOpen ? cell : out_.domains[parameter].front());
    }
    return constraint.predicate(cells);
  }

  // The value of a step where its one variable has the value `cell`.
  Cell value(StepId id, Cell cell) {
    const Step& step = out_.steps[id];
    if (step.op == StepOp::constant)
      return step.cell;
    if (step.op == StepOp::variable)
      return cell;
    if (step.isNary()) {
      Cell total = step.op == StepOp::sum ? 0 : 1;
      for (const Term& term : out_.steps.termsOf(step)) {
        const Cell of = value(term.step, cell);
        total = step.op == StepOp::product ? total * of : (term.negative ? total - of : total + of);
      }
      return total;
    }
    const auto operand = [&](StepId of) { return of == kNoStep ? 0 : value(of, cell); };
    return apply(step.op, operand(step.a), operand(step.b), operand(step.c));
  }

  const Model& model_;
  Lowered& out_;
};

} // namespace

Result<Lowered> lower(const Model& model, bool allVariables) {
  Scratch<Scratch<Cell>> domains;
  for (const Parameter& parameter : model.parameters())
    domains.emplace_back(parameter.cells.begin(), parameter.cells.end());
  while (true) {
    Lowered lowered;
    lowered.domains = std::move(domains);
    if (const Status declared = declareVariables(model, allVariables, lowered); !declared)
      return declared.error();
    lowerConstraints(model, lowered);
    if (lowered.impossible)
      return lowered;
    // A domain that has shrunk to one value makes simpler steps of the same constraints.
    if (!Filter(model, lowered).run() || lowered.impossible)
      return lowered;
    domains = std::move(lowered.domains);
  }
}

} // namespace ptotune::engine
