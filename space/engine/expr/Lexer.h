// Words and signs of the expression language.
#pragma once

#include "space/engine/expr/Expression.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ptotune::engine {

// Words that mean something are signs too: "and", "not". `&&`, `||` stay apart from `and`, `or`:
// they give 0 or 1.
struct Token {
  enum class Kind : std::uint8_t { end, integer, real, text, name, sign };
  Kind kind = Kind::end;
  std::uint32_t at = 0;
  std::uint32_t end = 0;
  std::string_view text; // a view into the source; without the quotes for Kind::text
  Cell cell = 0;         // of a number

  bool is(std::string_view sign) const { return kind == Kind::sign && text == sign; }
};

struct Lexed {
  std::vector<Token> tokens; // ends with Kind::end
  std::optional<Complaint> complaint;
};

Lexed lex(std::string_view source);

} // namespace ptotune::engine
