#include "codegen/emit/CppText.h"

#include <llvm/ADT/StringExtras.h>

namespace ptotune::emit {

CppNames::CppNames() {
  // Words of C++ and of pto-isa's headers that a value must not be called.
  enter();
  for (const char* word : {"half", "float",     "double", "int",   "long",    "short",  "char",
                           "bool", "auto",      "const",  "for",   "if",      "else",   "while",
                           "do",   "return",    "switch", "case",  "default", "new",    "delete",
                           "this", "block_idx", "Tile",   "Shape", "Stride",  "Layout", "pto"})
    scopes_.back().insert(word);
  enter();
}

bool CppNames::taken(llvm::StringRef name) const {
  for (const auto& scope : scopes_)
    if (scope.contains(name))
      return true;
  return false;
}

std::string CppNames::take(llvm::StringRef wanted) {
  std::string base;
  for (const char c : wanted)
    base.push_back(llvm::isAlnum(c) ? c : '_');
  if (base.empty() || llvm::isDigit(base.front()))
    base.insert(0, "x");
  std::string name = base;
  for (int number = 2; taken(name); ++number)
    name = fmt::format("{}_{}", base, number);
  scopes_.back().insert(name);
  return name;
}

std::string typeName(llvm::StringRef name) {
  llvm::SmallVector<llvm::StringRef> words;
  name.split(words, '_', -1, false);
  std::string result;
  for (const llvm::StringRef word : words)
    result +=
        word.size() <= 2 ? word.upper() : llvm::toUpper(word.front()) + word.drop_front().str();
  return result;
}

CppExpr operator+(const CppExpr& lhs, const CppExpr& rhs) {
  if (lhs.text == "0")
    return rhs;
  if (rhs.text == "0")
    return lhs;
  return {lhs.operand(CppExpr::sum) + " + " + rhs.operand(CppExpr::sum), CppExpr::sum};
}

CppExpr operator-(const CppExpr& lhs, const CppExpr& rhs) {
  return {lhs.operand(CppExpr::sum) + " - " + rhs.operand(CppExpr::product), CppExpr::sum};
}

CppExpr operator*(const CppExpr& lhs, const CppExpr& rhs) {
  if (lhs.text == "0" || rhs.text == "1")
    return lhs;
  if (rhs.text == "0" || lhs.text == "1")
    return rhs;
  return {lhs.operand(CppExpr::product) + " * " + rhs.operand(CppExpr::atom), CppExpr::product};
}

CppExpr operator/(const CppExpr& lhs, const CppExpr& rhs) {
  return {lhs.operand(CppExpr::product) + " / " + rhs.operand(CppExpr::atom), CppExpr::product};
}

CppExpr operator%(const CppExpr& lhs, const CppExpr& rhs) {
  return {lhs.operand(CppExpr::product) + " % " + rhs.operand(CppExpr::atom), CppExpr::product};
}

CppExpr choose(const CppExpr& lhs, const char* relation, const CppExpr& rhs) {
  const std::string a = lhs.operand(CppExpr::sum);
  const std::string b = rhs.operand(CppExpr::sum);
  return {fmt::format("{} {} {} ? {} : {}", a, relation, b, a, b), CppExpr::choice};
}

std::string hexText(std::int64_t value) {
  return fmt::format("{:#x}", value);
}

} // namespace ptotune::emit
