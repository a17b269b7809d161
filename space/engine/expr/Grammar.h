// Recursive descent over the words of one expression.
#pragma once

#include "space/engine/expr/Lexer.h"

#include <span>

namespace ptotune::engine {

// Each function reads one level of binding, from the loosest (ternary) to the tightest (atom), and
// returns its node. After a complaint they return at once.
class Grammar {
public:
  // Names are looked up in `scope`; texts are interned in `texts`.
  Grammar(std::string_view source, std::span<const Token> tokens, const Names& scope, Names& texts)
      : builder_(std::string(source)), tokens_(tokens), scope_(scope), texts_(texts) {}

  // The whole of the tokens.
  std::uint32_t whole(bool allowText);
  // As much as makes one expression; consumed() tells how much that was.
  std::uint32_t ternary();
  std::size_t consumed() const { return next_; }

  const std::optional<Complaint>& complaint() const { return builder_.complaint(); }
  Expression finish(std::uint32_t root) { return builder_.finish(root); }

private:
  using Nodes = std::vector<std::uint32_t>;
  struct Binary {
    std::string_view sign;
    Op op;
  };

  const Token& token() const { return tokens_[next_]; }
  bool failed() const { return builder_.complaint().has_value(); }
  bool accept(std::string_view sign);
  void expect(std::string_view sign);
  void unexpected(std::string_view expected);
  std::uint32_t endOfLast() const { return next_ == 0 ? 0 : tokens_[next_ - 1].end; }
  std::uint32_t make(Op op, const Nodes& operands, std::uint32_t at);
  std::uint32_t leftToRight(std::span<const Binary> signs, std::uint32_t (Grammar::*operand)());

  std::uint32_t disjunction();
  std::uint32_t conjunction();
  std::uint32_t negation();
  std::uint32_t comparison();
  std::uint32_t membership(std::uint32_t left, std::uint32_t at);
  std::uint32_t bitOr();
  std::uint32_t bitXor();
  std::uint32_t bitAnd();
  std::uint32_t shift();
  std::uint32_t sum();
  std::uint32_t product();
  std::uint32_t signedFactor();
  std::uint32_t power();
  std::uint32_t atom();
  std::uint32_t name();
  std::uint32_t call(std::string_view function, std::uint32_t at);
  Nodes list(std::string_view close);

  ExpressionBuilder builder_;
  std::span<const Token> tokens_;
  const Names& scope_;
  Names& texts_;
  std::size_t next_ = 0;
  int depth_ = 0;
};

// With the column of the mistake, counted from 1, in its message.
Error errorOf(const Complaint& complaint, std::string_view text, std::string_view origin);

} // namespace ptotune::engine
