// From the constraints of a model to steps over its variables.
#pragma once

#include "space/engine/Model.h"
#include "space/engine/code/Steps.h"

#include <cstdint>
#include <optional>
#include <span>

namespace ptotune::engine {

// The most parameters with a choice that constraints may mention.
inline constexpr std::size_t kMostVariables = 64;

// A parameter that some constraint mentions and that has a choice.
struct Variable {
  std::uint32_t parameter = 0;
  Scratch<Cell> cells; // its domain after constraints on it alone
};

// Holds where `root` is 1; `predicate` (an index into Model::constraints) must hold too when set.
struct Condition {
  StepId root = kNoStep;
  std::uint64_t variables = 0;
  std::optional<std::uint32_t> predicate;
};

// What is left of a model when parameters without a choice are filled in.
struct Lowered {
  Steps steps;
  Scratch<Variable> variables;
  Scratch<StepId> variableSteps;                    // by variable
  Scratch<std::optional<std::uint32_t>> variableOf; // by parameter
  Scratch<Scratch<Cell>> domains;                   // by parameter, after constraints on it alone
  Scratch<Condition> conditions;
  bool impossible = false; // some constraint holds nowhere
};

// `allVariables`: parameters that no constraint mentions are variables too.
Result<Lowered> lower(const Model& model, bool allVariables);

} // namespace ptotune::engine
