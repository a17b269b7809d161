#include "space/engine/Value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <numeric>

namespace ptotune::engine {
namespace {

bool isIdentifier(std::string_view name) {
  const auto letter = [](char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  return !name.empty() && letter(name.front()) && std::ranges::all_of(name, [&](char c) {
    return letter(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
  });
}

// Edit distance, upper and lower case alike.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const bool same = std::tolower(static_cast<unsigned char>(left[i])) ==
                        std::tolower(static_cast<unsigned char>(right[j]));
      const std::size_t replaced = diagonal + (same ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

constexpr std::string_view kReserved[] = {
    "and", "or",  "not",   "in",   "if",  "else",  "for",  "True", "False", "min",   "max",
    "abs", "int", "float", "bool", "pow", "range", "list", "None", "is",    "lambda"};

} // namespace

std::string_view nameOf(Type type) {
  switch (type) {
  case Type::integer:
    return "an integer";
  case Type::real:
    return "a real";
  case Type::text:
    return "a text";
  }
  return "";
}

Type typeOf(const Value& value) {
  return static_cast<Type>(value.index());
}

std::string textOf(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    return fmt::format("{}", *integer);
  if (const auto* real = std::get_if<double>(&value)) {
    std::string text = fmt::format("{}", *real);
    return text.find_first_of(".einf") == std::string::npos ? text + ".0" : text;
  }
  return fmt::format("'{}'", std::get<std::string>(value));
}

Status Names::add(std::string_view name, Symbol symbol) {
  if (!isIdentifier(name) || std::ranges::find(kReserved, name) != std::end(kReserved))
    return Error{.message = "not usable as a name",
                 .key = std::string(name),
                 .expected = "a letter or '_', then letters, digits and '_'; no word of the "
                             "expression language"};
  if (!symbols_.emplace(name, symbol).second)
    return Error{.message = "the name is used twice",
                 .key = std::string(name),
                 .advice = "rename one of the two"};
  return {};
}

const Symbol* Names::find(std::string_view name) const {
  const auto found = symbols_.find(name);
  return found == symbols_.end() ? nullptr : &found->second;
}

std::string_view Names::nearest(std::string_view name) const {
  std::string_view best;
  std::size_t least = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const auto& [known, symbol] : symbols_)
    if (const std::size_t d = distance(name, known); d < least) {
      least = d;
      best = known;
    }
  return best;
}

std::string Names::list() const {
  std::string all;
  for (const auto& [name, symbol] : symbols_)
    all += fmt::format("{}{}", all.empty() ? "" : ", ", name);
  return all;
}

Cell Names::intern(std::string_view text) {
  const auto [at, isNew] = numbers_.emplace(text, static_cast<Cell>(texts_.size()));
  if (isNew)
    texts_.emplace_back(text);
  return at->second;
}

Cell Names::cell(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    return *integer;
  if (const auto* real = std::get_if<double>(&value))
    return cellOf(*real);
  return intern(std::get<std::string>(value));
}

std::optional<Cell> Names::known(const Value& value) const {
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    return *integer;
  if (const auto* real = std::get_if<double>(&value))
    return cellOf(*real + 0.0);
  const auto found = numbers_.find(std::get<std::string>(value));
  return found == numbers_.end() ? std::nullopt : std::optional(found->second);
}

Value Names::value(Type type, Cell cell) const {
  switch (type) {
  case Type::integer:
    return cell;
  case Type::real:
    return realOf(cell);
  case Type::text:
    return text(cell);
  }
  return cell;
}

} // namespace ptotune::engine
