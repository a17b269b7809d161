#include "space/engine/Model.h"

#include <fmt/format.h>

#include <algorithm>

namespace ptotune::engine {
namespace {

constexpr std::size_t kLargestDomain = 1'000'000;

Error badDomain(std::string_view name, std::string message, std::string expected) {
  return Error{
      .message = std::move(message), .key = std::string(name), .expected = std::move(expected)};
}

} // namespace

Status Model::addConstant(std::string_view name, const Value& value) {
  const Cell cell = names_.cell(value);
  return names_.add(name, {.kind = Symbol::Kind::constant, .type = typeOf(value), .cell = cell});
}

Status Model::addParameter(Parameter parameter) {
  if (!parameter.derived) {
    if (parameter.cells.empty())
      return badDomain(parameter.name, "a parameter without values", "at least one value");
    if (parameter.cells.size() > kLargestDomain)
      return badDomain(parameter.name, fmt::format("{} values", parameter.cells.size()),
                       fmt::format("at most {}", kLargestDomain));
    std::vector<Cell> sorted = parameter.cells;
    std::ranges::sort(sorted);
    if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end())
      return Error{.message = "value given twice",
                   .key = parameter.name,
                   .value = textOf(names_.value(parameter.type, *twice)),
                   .expected = "each value once"};
  }
  const bool nonNegative =
      parameter.derived
          ? parameter.derived->nodes[parameter.derived->root].nonNegative
          : parameter.type == Type::integer &&
                std::ranges::all_of(parameter.cells, [](Cell cell) { return cell >= 0; });
  if (const Status added =
          names_.add(parameter.name, {.type = parameter.type,
                                      .index = static_cast<std::uint32_t>(parameters_.size()),
                                      .nonNegative = nonNegative});
      !added)
    return added;
  parameters_.push_back(std::move(parameter));
  return {};
}

Status Model::addIntegers(std::string_view name, std::vector<std::int64_t> values) {
  return addParameter({std::string(name), Type::integer, std::move(values), std::nullopt});
}

Status Model::addRange(std::string_view name, std::int64_t first, std::int64_t last,
                       std::int64_t step) {
  if (step < 1)
    return badDomain(name, fmt::format("a range with step {}", step), "a step of at least 1");
  std::vector<std::int64_t> values;
  for (__int128 value = first; value <= last && values.size() <= kLargestDomain; value += step)
    values.push_back(static_cast<std::int64_t>(value));
  return addIntegers(name, std::move(values));
}

Status Model::addPowers(std::string_view name, std::int64_t base, int least, int most) {
  if (base < 2 || least < 0)
    return badDomain(name, fmt::format("powers of {} from exponent {}", base, least),
                     "a base of at least 2 and exponents of at least 0");
  std::vector<std::int64_t> values;
  for (int exponent = least; exponent <= most; ++exponent) {
    const Power power = integerPower(base, exponent);
    if (power.overflow)
      return badDomain(name, fmt::format("{} ** {} is beyond 64 bits", base, exponent),
                       "smaller exponents");
    values.push_back(power.value);
  }
  return addIntegers(name, std::move(values));
}

Status Model::addReals(std::string_view name, std::vector<double> values) {
  std::vector<Cell> cells(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i]))
      return badDomain(name, "a value that is no number", "finite values");
    cells[i] = cellOf(values[i] + 0.0); // no negative zero: equal values have equal cells
  }
  return addParameter({std::string(name), Type::real, std::move(cells), std::nullopt});
}

Status Model::addCategories(std::string_view name, const std::vector<std::string>& values) {
  std::vector<Cell> cells(values.size());
  std::ranges::transform(values, cells.begin(),
                         [&](const std::string& value) { return names_.intern(value); });
  return addParameter({std::string(name), Type::text, std::move(cells), std::nullopt});
}

Status Model::addList(std::string_view name, std::string_view list, std::string_view origin) {
  auto values = parseValueList(list, names_, origin);
  if (!values)
    return values.error();
  if (values->type == Type::real) {
    std::vector<double> reals(values->cells.size());
    std::ranges::transform(values->cells, reals.begin(), realOf);
    return addReals(name, std::move(reals));
  }
  return addParameter({std::string(name), values->type, std::move(values->cells), std::nullopt});
}

Status Model::addDerived(std::string_view name, std::string_view expression) {
  auto parsed = parseExpression(expression, names_, name, true);
  if (!parsed)
    return parsed.error();
  const Type type = parsed->type();
  return addParameter({std::string(name), type, {}, std::move(*parsed)});
}

Status Model::addConstraint(std::string_view expression, std::string_view origin) {
  auto parsed = parseExpression(expression, names_, origin);
  if (!parsed)
    return parsed.error();
  Constraint constraint{.origin = std::string(origin)};
  constraint.scope = parsed->parameters;
  constraint.expression = std::move(*parsed);
  constraints_.push_back(std::move(constraint));
  return {};
}

Status Model::addConstraints(std::span<const std::string> expressions, std::string_view key) {
  for (std::size_t i = 0; i < expressions.size(); ++i)
    if (const Status added = addConstraint(expressions[i], fmt::format("{}[{}]", key, i)); !added)
      return added;
  return {};
}

Status Model::addPredicate(std::string_view origin, std::span<const std::string> parameters,
                           Constraint::Predicate predicate) {
  Constraint constraint{.origin = std::string(origin), .predicate = std::move(predicate)};
  for (const std::string& name : parameters) {
    const auto index = indexOf(name);
    if (!index || parameters_[*index].derived)
      return Error{.message = index ? "a predicate reads a derived parameter"
                                    : "a predicate reads an unknown parameter",
                   .key = std::string(origin),
                   .value = name,
                   .expected = "parameters that have a domain"};
    constraint.scope.push_back(*index);
  }
  constraints_.push_back(std::move(constraint));
  return {};
}

std::optional<std::uint64_t> Model::rawSize() const {
  std::uint64_t size = 1;
  for (const Parameter& parameter : parameters_)
    if (!parameter.derived && __builtin_mul_overflow(size, parameter.cells.size(), &size))
      return std::nullopt;
  return size;
}

std::optional<std::uint32_t> Model::indexOf(std::string_view parameter) const {
  const Symbol* symbol = names_.find(parameter);
  if (!symbol || symbol->kind != Symbol::Kind::parameter)
    return std::nullopt;
  return symbol->index;
}

std::optional<Cell> Model::cell(std::uint32_t parameter, const Value& value) const {
  const Type type = parameters_[parameter].type;
  if (type == Type::real && typeOf(value) == Type::integer)
    return cellOf(static_cast<double>(std::get<std::int64_t>(value)));
  if (type != typeOf(value))
    return std::nullopt;
  return names_.known(value);
}

Value Model::value(std::uint32_t parameter, Cell cell) const {
  return names_.value(parameters_[parameter].type, cell);
}

bool Model::derive(std::span<Cell> row) const {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (!parameters_[i].derived)
      continue;
    const Outcome outcome = evaluate(*parameters_[i].derived, row);
    if (outcome.fault != Fault::none)
      return false;
    row[i] = outcome.cell;
  }
  return true;
}

bool Model::holds(const Constraint& constraint, std::span<const Cell> row) const {
  if (constraint.expression)
    return engine::holds(*constraint.expression, row);
  std::vector<Cell> cells(constraint.scope.size());
  std::ranges::transform(constraint.scope, cells.begin(),
                         [&](std::uint32_t parameter) { return row[parameter]; });
  return constraint.predicate(cells);
}

Model Model::withFirst(std::size_t constraints) const {
  Model model = *this;
  model.constraints_.resize(std::min(constraints, model.constraints_.size()));
  return model;
}

std::vector<std::uint32_t> Model::broken(std::span<const Cell> row) const {
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = 0; i < constraints_.size(); ++i)
    if (!holds(constraints_[i], row))
      all.push_back(i);
  return all;
}

} // namespace ptotune::engine
