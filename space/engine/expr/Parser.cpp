#include "space/engine/expr/Parser.h"

#include "space/engine/expr/Grammar.h"

#include <fmt/format.h>

#include <algorithm>

namespace ptotune::engine {
namespace {

constexpr int kDeepest = 200;
constexpr std::size_t kMostTokens = 2000;

struct Function {
  std::string_view name;
  Op op;
  std::size_t least;
  std::size_t most;
};
constexpr Function kFunctions[] = {
    {"min", Op::minimum, 2, 1000}, {"max", Op::maximum, 2, 1000}, {"abs", Op::absolute, 1, 1},
    {"pow", Op::power, 2, 2},      {"int", Op::toInteger, 1, 1},  {"float", Op::toReal, 1, 1},
    {"bool", Op::toTruth, 1, 1},
};

// The two sides of a comparison are swapped for > and >=.
struct Comparison {
  std::string_view sign;
  Op op;
  bool swapped;
};
constexpr Comparison kComparisons[] = {
    {"<", Op::less, false},      {"<=", Op::lessEqual, false}, {">", Op::less, true},
    {">=", Op::lessEqual, true}, {"==", Op::equal, false},     {"!=", Op::notEqual, false},
};

} // namespace

Error errorOf(const Complaint& complaint, std::string_view text, std::string_view origin) {
  return Error{.message = fmt::format("{} at column {}", complaint.message, complaint.at + 1),
               .key = std::string(origin),
               .value = std::string(text),
               .expected = complaint.expected,
               .advice = complaint.advice};
}

Result<Expression> parseExpression(std::string_view text, Names& names, std::string_view origin,
                                   bool allowText) {
  const Lexed lexed = lex(text);
  if (lexed.complaint)
    return errorOf(*lexed.complaint, text, origin);
  if (lexed.tokens.size() > kMostTokens)
    return errorOf({lexed.tokens[kMostTokens].at, "the expression is too long",
                    fmt::format("at most {} words and signs", kMostTokens), ""},
                   text, origin);
  Grammar grammar(text, lexed.tokens, names, names);
  const std::uint32_t root = grammar.whole(allowText);
  if (grammar.complaint())
    return errorOf(*grammar.complaint(), text, origin);
  return grammar.finish(root);
}

bool Grammar::accept(std::string_view sign) {
  const bool found = !failed() && token().is(sign);
  next_ += found ? 1 : 0;
  return found;
}

void Grammar::unexpected(std::string_view expected) {
  builder_.complain({token().at,
                     token().kind == Token::Kind::end
                         ? std::string("the expression ends too early")
                         : fmt::format("unexpected '{}'", token().text),
                     std::string(expected),
                     {}});
}

void Grammar::expect(std::string_view sign) {
  if (!accept(sign))
    unexpected(fmt::format("'{}'", sign));
}

std::uint32_t Grammar::make(Op op, const Nodes& operands, std::uint32_t at) {
  return failed() ? 0 : builder_.make(op, operands, at, endOfLast());
}

std::uint32_t Grammar::whole(bool allowText) {
  const std::uint32_t root = ternary();
  if (!failed() && token().kind != Token::Kind::end)
    unexpected("an operator or the end");
  if (!failed() && !allowText && builder_.node(root).type == Type::text)
    builder_.complain({0, "the expression is a text, neither true nor false", "a comparison", ""});
  return root;
}

std::uint32_t Grammar::ternary() {
  // Depth is bounded so that hostile text cannot exhaust the stack.
  if (++depth_ > kDeepest)
    builder_.complain({token().at, "the expression is nested too deeply",
                       fmt::format("at most {} levels", kDeepest), ""});
  const std::uint32_t at = token().at;
  std::uint32_t value = failed() ? 0 : disjunction();
  if (accept("if")) {
    const std::uint32_t condition = disjunction();
    expect("else");
    const std::uint32_t other = failed() ? 0 : ternary();
    value = make(Op::choose, {condition, value, other}, at);
  }
  --depth_;
  return value;
}

std::uint32_t Grammar::disjunction() {
  const std::uint32_t at = token().at;
  std::uint32_t left = conjunction();
  while (!failed()) {
    const bool isTruth = token().is("||");
    if (!accept("or") && !accept("||"))
      break;
    std::uint32_t right = conjunction();
    if (isTruth && !failed()) {
      left = builder_.truth(left);
      right = builder_.truth(right);
    }
    left = make(Op::eitherOf, {left, right}, at);
  }
  return left;
}

std::uint32_t Grammar::conjunction() {
  const std::uint32_t at = token().at;
  std::uint32_t left = negation();
  while (!failed()) {
    const bool isTruth = token().is("&&");
    if (!accept("and") && !accept("&&"))
      break;
    std::uint32_t right = negation();
    if (isTruth && !failed()) {
      left = builder_.truth(left);
      right = builder_.truth(right);
    }
    left = make(Op::bothOf, {left, right}, at);
  }
  return left;
}

std::uint32_t Grammar::negation() {
  const std::uint32_t at = token().at;
  int count = 0;
  while (accept("not"))
    ++count;
  std::uint32_t value = comparison();
  for (; count > 0; --count)
    value = make(Op::isFalse, {value}, at);
  return value;
}

std::uint32_t Grammar::comparison() {
  const std::uint32_t at = token().at;
  std::uint32_t left = bitOr();
  std::uint32_t chain = 0;
  bool any = false;
  while (!failed()) {
    std::uint32_t next = 0;
    std::uint32_t right = 0;
    const auto* found = std::ranges::find_if(
        kComparisons, [&](const Comparison& comparison) { return token().is(comparison.sign); });
    if (found != std::end(kComparisons)) {
      ++next_;
      right = bitOr();
      next =
          found->swapped ? make(found->op, {right, left}, at) : make(found->op, {left, right}, at);
    } else if (token().is("in") || token().is("not")) {
      if (any) {
        builder_.complain({token().at, "`in` inside a chain of comparisons", "brackets", ""});
        return 0;
      }
      return membership(left, at);
    } else {
      break;
    }
    chain = any ? make(Op::bothOf, {chain, next}, at) : next;
    any = true;
    left = right;
  }
  return any ? chain : left;
}

std::uint32_t Grammar::membership(std::uint32_t left, std::uint32_t at) {
  const bool isNegated = accept("not");
  expect("in");
  std::string_view close;
  for (const auto& [open, closing] :
       {std::pair{"(", ")"}, std::pair{"[", "]"}, std::pair{"{", "}"}})
    if (close.empty() && accept(open))
      close = closing;
  if (close.empty()) {
    if (!failed())
      unexpected("a list in brackets");
    return 0;
  }
  Nodes operands = list(close);
  operands.insert(operands.begin(), left);
  const std::uint32_t found = make(Op::isIn, operands, at);
  return isNegated ? make(Op::isFalse, {found}, at) : found;
}

Grammar::Nodes Grammar::list(std::string_view close) {
  Nodes items;
  while (!failed() && !token().is(close)) {
    items.push_back(ternary());
    if (!accept(","))
      break;
  }
  expect(close);
  return items;
}

std::uint32_t Grammar::leftToRight(std::span<const Binary> signs,
                                   std::uint32_t (Grammar::*operand)()) {
  const std::uint32_t at = token().at;
  std::uint32_t left = (this->*operand)();
  while (!failed()) {
    const auto found =
        std::ranges::find_if(signs, [&](const Binary& binary) { return token().is(binary.sign); });
    if (found == signs.end())
      break;
    ++next_;
    const std::uint32_t right = (this->*operand)();
    left = make(found->op, {left, right}, at);
  }
  return left;
}

std::uint32_t Grammar::bitOr() {
  static constexpr Binary kSigns[] = {{"|", Op::bitOr}};
  return leftToRight(kSigns, &Grammar::bitXor);
}

std::uint32_t Grammar::bitXor() {
  static constexpr Binary kSigns[] = {{"^", Op::bitXor}};
  return leftToRight(kSigns, &Grammar::bitAnd);
}

std::uint32_t Grammar::bitAnd() {
  static constexpr Binary kSigns[] = {{"&", Op::bitAnd}};
  return leftToRight(kSigns, &Grammar::shift);
}

std::uint32_t Grammar::shift() {
  static constexpr Binary kSigns[] = {{"<<", Op::shiftLeft}, {">>", Op::shiftRight}};
  return leftToRight(kSigns, &Grammar::sum);
}

std::uint32_t Grammar::sum() {
  static constexpr Binary kSigns[] = {{"+", Op::add}, {"-", Op::subtract}};
  return leftToRight(kSigns, &Grammar::product);
}

std::uint32_t Grammar::product() {
  static constexpr Binary kSigns[] = {
      {"*", Op::multiply}, {"/", Op::divide}, {"//", Op::floorDivide}, {"%", Op::modulo}};
  return leftToRight(kSigns, &Grammar::signedFactor);
}

std::uint32_t Grammar::signedFactor() {
  const std::uint32_t at = token().at;
  Nodes signs;
  std::vector<Op> ops;
  while (!failed()) {
    if (accept("-"))
      ops.push_back(Op::negate);
    else if (accept("~"))
      ops.push_back(Op::bitNot);
    else if (accept("!"))
      ops.push_back(Op::isFalse);
    else if (!accept("+"))
      break;
  }
  std::uint32_t value = power();
  for (; !ops.empty(); ops.pop_back())
    value = make(ops.back(), {value}, at);
  return value;
}

std::uint32_t Grammar::power() {
  const std::uint32_t at = token().at;
  const std::uint32_t base = atom();
  if (!accept("**"))
    return base;
  // A chain of powers is nesting, since it binds to the right.
  if (++depth_ > kDeepest)
    builder_.complain({token().at, "the expression is nested too deeply",
                       fmt::format("at most {} levels", kDeepest), ""});
  const std::uint32_t exponent = failed() ? 0 : signedFactor();
  --depth_;
  return make(Op::power, {base, exponent}, at);
}

std::uint32_t Grammar::atom() {
  if (failed())
    return 0;
  const Token& first = token();
  switch (first.kind) {
  case Token::Kind::integer:
  case Token::Kind::real:
    ++next_;
    return builder_.literal(first.kind == Token::Kind::real ? Type::real : Type::integer,
                            first.cell, first.at, first.end);
  case Token::Kind::text:
    ++next_;
    return builder_.literal(Type::text, texts_.intern(first.text), first.at, first.end);
  case Token::Kind::name:
    return name();
  default:
    break;
  }
  if (!accept("(")) {
    unexpected("a number, a name or '('");
    return 0;
  }
  const std::uint32_t inner = ternary();
  if (!failed() && token().is(","))
    builder_.complain({token().at, "a list stands where a value is needed", "')'",
                       "lists follow `in`, as in `x in (1, 2)`"});
  expect(")");
  return inner;
}

std::uint32_t Grammar::name() {
  const Token word = token();
  ++next_;
  if (token().is("("))
    return call(word.text, word.at);
  if (word.text == "True" || word.text == "False")
    return builder_.literal(Type::integer, word.text == "True" ? 1 : 0, word.at, word.end);
  const Symbol* symbol = scope_.find(word.text);
  if (symbol)
    return builder_.parameter(*symbol, word.at, word.end);
  const std::string_view nearest = scope_.nearest(word.text);
  const std::string known = scope_.list();
  builder_.complain({word.at, fmt::format("unknown name '{}'", word.text),
                     known.empty() ? std::string("a constant; no names are known here")
                                   : fmt::format("one of {}", known),
                     nearest.empty() ? std::string() : fmt::format("did you mean '{}'?", nearest)});
  return 0;
}

std::uint32_t Grammar::call(std::string_view function, std::uint32_t at) {
  const auto* known = std::ranges::find_if(
      kFunctions, [&](const Function& candidate) { return candidate.name == function; });
  if (known == std::end(kFunctions)) {
    std::string names;
    for (const Function& candidate : kFunctions)
      names += fmt::format("{}{}", names.empty() ? "" : ", ", candidate.name);
    builder_.complain({at, fmt::format("unknown function '{}'", function), names, ""});
    return 0;
  }
  expect("(");
  const Nodes operands = list(")");
  if (failed())
    return 0;
  if (operands.size() < known->least || operands.size() > known->most) {
    builder_.complain({at, fmt::format("{}() with {} arguments", function, operands.size()),
                       known->least == known->most ? fmt::format("{}", known->least)
                                                   : fmt::format("at least {}", known->least),
                       ""});
    return 0;
  }
  if (known->op == Op::toTruth)
    return builder_.truth(operands[0]);
  return make(known->op, operands, at);
}

} // namespace ptotune::engine
