#include "space/engine/expr/Evaluate.h"
#include "space/engine/expr/Grammar.h"
#include "space/engine/expr/Parser.h"

#include <fmt/format.h>

#include <algorithm>

namespace ptotune::engine {
namespace {

constexpr std::size_t kLongestList = 1'000'000;

// Reads a list while it computes the values. After a complaint every step returns at once.
class ListReader {
public:
  ListReader(std::string_view source, std::span<const Token> tokens, Names& texts)
      : source_(source), tokens_(tokens), texts_(texts) {}

  ValueList whole() {
    ValueList values = list();
    if (!failed() && token().kind != Token::Kind::end)
      unexpected("the end of the list");
    return values;
  }
  const std::optional<Complaint>& complaint() const { return complaint_; }

private:
  // Values of mixed type, before one type is chosen for all.
  struct Values {
    std::vector<Cell> cells;
    std::vector<Type> types;
  };

  const Token& token() const { return tokens_[next_]; }
  bool failed() const { return complaint_.has_value(); }
  void complain(std::string message, std::string expected) {
    if (!complaint_)
      complaint_ = Complaint{token().at, std::move(message), std::move(expected), {}};
  }
  void unexpected(std::string expected) {
    complain(token().kind == Token::Kind::end ? std::string("the list ends too early")
                                              : fmt::format("unexpected '{}'", token().text),
             std::move(expected));
  }
  bool accept(std::string_view sign) {
    const bool found = !failed() && token().is(sign);
    next_ += found ? 1 : 0;
    return found;
  }
  bool acceptName(std::string_view name) {
    const bool found = !failed() && token().kind == Token::Kind::name && token().text == name;
    next_ += found ? 1 : 0;
    return found;
  }
  void expect(std::string_view sign) {
    if (!accept(sign))
      unexpected(fmt::format("'{}'", sign));
  }

  std::optional<Expression> expression(const Names& scope) {
    if (failed())
      return std::nullopt;
    Grammar grammar(source_, tokens_.subspan(next_), scope, texts_);
    const std::uint32_t root = grammar.ternary();
    complaint_ = grammar.complaint();
    next_ += grammar.consumed();
    return failed() ? std::nullopt : std::optional(grammar.finish(root));
  }

  void append(Values& values, const Expression& expression, std::span<const Cell> row) {
    const Outcome outcome = evaluate(expression, row);
    if (outcome.fault != Fault::none)
      return complain("a value cannot be computed", "no division by zero, and 64 bits");
    if (values.cells.size() >= kLongestList)
      return complain("the list is too long", fmt::format("at most {} values", kLongestList));
    values.cells.push_back(outcome.cell);
    values.types.push_back(expression.type());
  }

  ValueList unify(Values values) {
    const auto has = [&](Type type) {
      return std::ranges::find(values.types, type) != values.types.end();
    };
    ValueList list{.type = Type::integer, .cells = std::move(values.cells)};
    if (has(Type::text))
      list.type = Type::text;
    else if (has(Type::real))
      list.type = Type::real;
    if (list.type == Type::text && (has(Type::integer) || has(Type::real)))
      complain("texts and numbers in one list", "all texts or all numbers");
    for (std::size_t i = 0; i < list.cells.size(); ++i)
      if (list.type == Type::real && values.types[i] == Type::integer)
        list.cells[i] = cellOf(static_cast<double>(list.cells[i]));
    return list;
  }

  // Lists with + between them.
  ValueList list() {
    Values values = part();
    while (accept("+")) {
      const Values more = part();
      if (values.cells.size() + more.cells.size() > kLongestList)
        complain("the list is too long", fmt::format("at most {} values", kLongestList));
      values.cells.insert(values.cells.end(), more.cells.begin(), more.cells.end());
      values.types.insert(values.types.end(), more.types.begin(), more.types.end());
    }
    return unify(std::move(values));
  }

  Values part() {
    if (acceptName("list")) {
      expect("(");
      ValueList inner = list();
      expect(")");
      const std::size_t count = inner.cells.size();
      return {std::move(inner.cells), std::vector(count, inner.type)};
    }
    if (acceptName("range"))
      return range();
    const std::string_view close = accept("(") ? ")" : "]";
    if (close == "]")
      expect("[");
    Values values = comprehensionAt() ? comprehension() : items(close);
    expect(close);
    return values;
  }

  Values items(std::string_view close) {
    Values values;
    while (!failed() && !token().is(close)) {
      if (const auto item = expression(Names()))
        append(values, *item, {});
      if (!accept(","))
        break;
    }
    return values;
  }

  Values range() {
    expect("(");
    const Values bounds = items(")");
    expect(")");
    const std::size_t count = bounds.cells.size();
    if (!failed() &&
        (count < 1 || count > 3 || (count == 3 && bounds.cells[2] == 0) ||
         std::ranges::any_of(bounds.types, [](Type type) { return type != Type::integer; })))
      complain("malformed range()", "range(end), range(begin, end) or range(begin, end, step)");
    Values values;
    if (failed())
      return values;
    const __int128 step = count == 3 ? bounds.cells[2] : 1;
    const __int128 end = bounds.cells[count == 1 ? 0 : 1];
    for (__int128 at = count == 1 ? 0 : bounds.cells[0]; step > 0 ? at < end : at > end;
         at += step) {
      if (values.cells.size() >= kLongestList) {
        complain("the list is too long", fmt::format("at most {} values", kLongestList));
        break;
      }
      values.cells.push_back(static_cast<Cell>(at));
      values.types.push_back(Type::integer);
    }
    return values;
  }

  // The token `for` that follows the first value of the list, if there is one.
  std::optional<std::size_t> comprehensionAt() const {
    int depth = 0;
    for (std::size_t i = next_; i < tokens_.size(); ++i) {
      if (tokens_[i].is("(") || tokens_[i].is("["))
        ++depth;
      if ((tokens_[i].is(")") || tokens_[i].is("]")) && --depth < 0)
        return std::nullopt;
      if (depth == 0 && tokens_[i].is("for"))
        return i;
    }
    return std::nullopt;
  }

  Values comprehension() {
    const std::size_t begin = next_;
    next_ = *comprehensionAt() + 1;
    const Token variable = token();
    if (variable.kind != Token::Kind::name)
      unexpected("the name of a variable");
    next_ += failed() ? 0 : 1;
    expect("in");
    const ValueList source = failed() ? ValueList() : list();
    const bool nonNegative = source.type == Type::integer &&
                             std::ranges::all_of(source.cells, [](Cell cell) { return cell >= 0; });
    Names local;
    if (!failed() &&
        !local.add(variable.text, {.type = source.type, .index = 0, .nonNegative = nonNegative}))
      complain(fmt::format("'{}' is not usable as a name", variable.text), "another name");
    std::optional<Expression> filter;
    if (accept("if"))
      filter = expression(local);
    const std::size_t end = next_;
    if (!failed())
      next_ = begin;
    const auto value = expression(local);
    if (!failed() && !token().is("for"))
      unexpected("'for'");
    Values values;
    for (const Cell cell : source.cells)
      if (!failed() && (!filter || holds(*filter, std::span(&cell, 1))))
        append(values, *value, std::span(&cell, 1));
    if (!failed())
      next_ = end;
    return values;
  }

  std::string_view source_;
  std::span<const Token> tokens_;
  Names& texts_;
  std::size_t next_ = 0;
  std::optional<Complaint> complaint_;
};

} // namespace

Result<ValueList> parseValueList(std::string_view text, Names& texts, std::string_view origin) {
  const Lexed lexed = lex(text);
  if (lexed.complaint)
    return errorOf(*lexed.complaint, text, origin);
  ListReader reader(text, lexed.tokens, texts);
  ValueList values = reader.whole();
  if (reader.complaint())
    return errorOf(*reader.complaint(), text, origin);
  return values;
}

} // namespace ptotune::engine
