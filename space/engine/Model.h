// A constrained space as it is stated: parameters with their domains, and constraints over them.
#pragma once

#include "space/engine/expr/Evaluate.h"
#include "space/engine/expr/Parser.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ptotune::engine {

// Vocabulary: a *row* holds one cell per parameter, in the order the parameters were added; a
// *configuration* is a row whose cells come from the domains, with every derived parameter at its
// value. It is *legal* when every constraint holds.
struct Parameter {
  std::string name;
  Type type = Type::integer;
  std::vector<Cell> cells;           // the domain in search order; empty for a derived parameter
  std::optional<Expression> derived; // computed from parameters that were added before
};

// Either an expression, or a predicate over the cells of the parameters of `scope`, in that order.
struct Constraint {
  using Predicate = std::function<bool(std::span<const Cell>)>;

  std::string origin;
  std::optional<Expression> expression;
  Predicate predicate;
  std::vector<std::uint32_t> scope;
};

class Model {
public:
  // Named values that expressions may use.
  Status addConstant(std::string_view name, const Value& value);

  // Domains keep their order and hold each value once; an empty one is an error.
  Status addIntegers(std::string_view name, std::vector<std::int64_t> values);
  Status addRange(std::string_view name, std::int64_t first, std::int64_t last,
                  std::int64_t step = 1);
  // base ** least ... base ** most.
  Status addPowers(std::string_view name, std::int64_t base, int least, int most);
  Status addReals(std::string_view name, std::vector<double> values);
  Status addCategories(std::string_view name, const std::vector<std::string>& values);
  // The values of a list as parseValueList() reads it.
  Status addList(std::string_view name, std::string_view list, std::string_view origin);
  // Takes no part in the raw size. Where it cannot be computed, no configuration is legal.
  Status addDerived(std::string_view name, std::string_view expression);

  Status addConstraint(std::string_view expression, std::string_view origin);
  // The array of a space file's `constraints`; errors name the entry, counted from 0.
  Status addConstraints(std::span<const std::string> expressions,
                        std::string_view key = "constraints");
  // `parameters` are names of parameters, none derived. The predicate is pure; it is asked only for
  // values for which the expressions over its parameters hold, and the predicates added before it
  // over some of them.
  Status addPredicate(std::string_view origin, std::span<const std::string> parameters,
                      Constraint::Predicate predicate);

  std::span<const Parameter> parameters() const { return parameters_; }
  std::span<const Constraint> constraints() const { return constraints_; }
  const Names& names() const { return names_; }

  // Number of assignments before any constraint; nothing above 2^64 - 1.
  std::optional<std::uint64_t> rawSize() const;
  std::optional<std::uint32_t> indexOf(std::string_view parameter) const;
  // A cell for a value of a parameter; nothing when the type differs or the text is unknown.
  std::optional<Cell> cell(std::uint32_t parameter, const Value& value) const;
  Value value(std::uint32_t parameter, Cell cell) const;
  // Sets the derived parameters of a row; false when one cannot be computed.
  bool derive(std::span<Cell> row) const;
  bool holds(const Constraint& constraint, std::span<const Cell> row) const;
  // Decides a configuration by evaluation: the constraints that it breaks, by their index.
  std::vector<std::uint32_t> broken(std::span<const Cell> row) const;

  // The same with the first `constraints` constraints only.
  Model withFirst(std::size_t constraints) const;

private:
  Status addParameter(Parameter parameter);

  Names names_;
  std::vector<Parameter> parameters_;
  std::vector<Constraint> constraints_;
};

} // namespace ptotune::engine
