// Values of parameters and expressions, and the names an expression may use.
#pragma once

#include "space/Result.h"

#include <bit>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ptotune::engine {

// Vocabulary: a *cell* is one value as 64 bits. An integer stands for itself, a real is its bit
// pattern, a text is its number in the Names that interned it. The type is known statically, so
// that rows of cells carry no tags.
enum class Type : std::uint8_t { integer, real, text };
using Cell = std::int64_t;
using Value = std::variant<std::int64_t, double, std::string>;

std::string_view nameOf(Type type);
Type typeOf(const Value& value);
// As Python prints it: 3, 0.5, 'fp16'.
std::string textOf(const Value& value);

inline Cell cellOf(double real) {
  return std::bit_cast<Cell>(real);
}
inline double realOf(Cell cell) {
  return std::bit_cast<double>(cell);
}

// What a name stands for.
struct Symbol {
  enum class Kind : std::uint8_t { parameter, constant };
  Kind kind = Kind::parameter;
  Type type = Type::integer;
  std::uint32_t index = 0;  // of a parameter
  Cell cell = 0;            // of a constant
  bool nonNegative = false; // no value of it is below zero
};

// The names in scope and the texts that occur.
class Names {
public:
  // Fails when the name is taken or is no identifier.
  Status add(std::string_view name, Symbol symbol);
  const Symbol* find(std::string_view name) const;
  // The known name nearest to a misspelt one; empty when none is near.
  std::string_view nearest(std::string_view name) const;
  // All names, "a, b, c".
  std::string list() const;

  Cell intern(std::string_view text);
  const std::string& text(Cell cell) const { return texts_[static_cast<std::size_t>(cell)]; }

  Cell cell(const Value& value);
  // Nothing for a text that does not occur.
  std::optional<Cell> known(const Value& value) const;
  Value value(Type type, Cell cell) const;

private:
  std::map<std::string, Symbol, std::less<>> symbols_;
  std::map<std::string, Cell, std::less<>> numbers_;
  std::vector<std::string> texts_;
};

} // namespace ptotune::engine
