// A typed expression over parameters: what the parser makes, what evaluation and compilation read.
#pragma once

#include "space/engine/Value.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ptotune::engine {

enum class Op : std::uint8_t {
  literal,
  parameter,
  // one operand
  negate,
  bitNot,
  isFalse,
  absolute,
  toInteger,
  toReal,
  toTruth,
  // two operands
  add,
  subtract,
  multiply,
  divide,
  floorDivide,
  modulo,
  power,
  shiftLeft,
  shiftRight,
  bitAnd,
  bitOr,
  bitXor,
  less,
  lessEqual,
  equal,
  notEqual,
  bothOf,   // Python's `and`: the first operand when it is false, else the second
  eitherOf, // Python's `or`
  // three operands
  choose, // condition, value when it holds, value when not
  // any number of operands
  minimum,
  maximum,
  isIn, // the first operand equals one of the others
};

// Operands are nodes of the same expression. A node may be an operand twice: `a < b < c` compares
// one `b` with two others. An integer operand of a real node is converted.
struct Node {
  Op op = Op::literal;
  Type type = Type::integer;
  bool nonNegative = false; // provably, whatever the parameters
  std::uint32_t at = 0;     // where its text begins
  std::uint32_t length = 0;
  std::uint32_t first = 0; // operands, in Expression::operands
  std::uint32_t count = 0;
  Cell cell = 0; // of a literal; the parameter's index for a parameter
};

struct Expression {
  std::string source;
  std::vector<Node> nodes; // operands come before their users
  std::vector<std::uint32_t> operands;
  std::vector<std::uint32_t> parameters; // that occur, ascending
  std::uint32_t root = 0;

  Type type() const { return nodes[root].type; }
  std::span<const std::uint32_t> operandsOf(const Node& node) const {
    return {operands.data() + node.first, node.count};
  }
  std::string_view textOf(const Node& node) const {
    return std::string_view(source).substr(node.at, node.length);
  }
};

// A type error, with the place it was found at.
struct Complaint {
  std::uint32_t at = 0;
  std::string message;
  std::string expected;
  std::string advice;
};

// Adds typed nodes. After the first complaint the nodes it returns mean nothing.
class ExpressionBuilder {
public:
  explicit ExpressionBuilder(std::string source) { expression_.source = std::move(source); }

  std::uint32_t literal(Type type, Cell cell, std::uint32_t at, std::uint32_t end);
  std::uint32_t parameter(const Symbol& symbol, std::uint32_t at, std::uint32_t end);
  std::uint32_t make(Op op, std::span<const std::uint32_t> operands, std::uint32_t at,
                     std::uint32_t end);
  // 0 or 1, whatever type of number the operand is.
  std::uint32_t truth(std::uint32_t operand);
  void complain(Complaint complaint);

  const Node& node(std::uint32_t index) const { return expression_.nodes[index]; }
  const std::optional<Complaint>& complaint() const { return complaint_; }
  Expression finish(std::uint32_t root);

private:
  std::uint32_t push(const Node& node, std::uint64_t visits);
  bool checkOperands(Op op, std::span<const std::uint32_t> operands, std::uint32_t at);
  Type typeOf(Op op, std::span<const std::uint32_t> operands) const;
  bool nonNegative(Op op, std::span<const std::uint32_t> operands) const;

  Expression expression_;
  // By node: how many nodes evaluating it visits. Shared operands count each time, so that text
  // which evaluates in exponential time is refused.
  std::vector<std::uint64_t> visits_;
  std::optional<Complaint> complaint_;
};

} // namespace ptotune::engine
