// Constraints and value lists in Python's syntax, with the C signs `&&`, `||` and `!` beside it.
//
// What is understood: integers, reals, texts in quotes, True and False; parameters and constants;
// + - * / // % ** << >> & | ^ ~ with Python's meaning and binding (`/` gives a real, `//` and `%`
// round to minus infinity, `-2 ** 2` is -4); < <= > >= == != in chains (`1 <= a < b`); `in` and
// `not in` a list; and, or, not; `x if condition else y`; min, max, abs, pow, int, float, bool.
// `!` binds as in C: `!a == b` compares `!a` with b.
#pragma once

#include "space/engine/expr/Expression.h"

#include <string_view>
#include <vector>

namespace ptotune::engine {

// `origin` says where the text stands ("Conditions[3].Expression", "constraints[0]"): the key of an
// error. Its message carries the column of the mistake, counted from 1. `allowText`: the whole may
// be a text, which is neither true nor false.
Result<Expression> parseExpression(std::string_view text, Names& names, std::string_view origin,
                                   bool allowText = false);

// A list of constant values, as in the community's T1 files: "[1, 2, 4]", "['a', 'b']",
// "range(1, 9)", "[2**i for i in range(5) if i != 3]", "[1] + [2, 4]". All integers, or all numbers
// (then all reals), or all texts. Texts are interned in `texts`.
struct ValueList {
  Type type = Type::integer;
  std::vector<Cell> cells;
};
Result<ValueList> parseValueList(std::string_view text, Names& texts, std::string_view origin);

} // namespace ptotune::engine
