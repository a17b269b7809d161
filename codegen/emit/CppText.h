// Pieces of C++ text: lines, names, expressions.
#pragma once

#include <fmt/format.h>
#include <llvm/ADT/StringRef.h>
#include <llvm/ADT/StringSet.h>

#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

namespace ptotune::emit {

// Indented lines.
class CppLines {
public:
  template <typename... Args> void line(fmt::format_string<Args...> format, Args&&... args) {
    text_.append(static_cast<std::size_t>(depth_) * 4, ' ');
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_.push_back('\n');
    open_ = false;
  }
  // Preprocessor lines stand at the margin.
  void margin(llvm::StringRef text) { text_ += text.str() + "\n"; }
  // An empty line, except at the start of a block.
  void gap() {
    if (!open_)
      text_.push_back('\n');
    open_ = true;
  }
  void indent() {
    ++depth_;
    open_ = true;
  }
  void outdent() { --depth_; }

  const std::string& text() const { return text_; }

private:
  std::string text_;
  int depth_ = 0;
  bool open_ = true; // nothing stands in this paragraph yet
};

// Names in nested scopes. A name is taken as wanted, with a number where an enclosing scope or this
// one already has it.
class CppNames {
public:
  CppNames();
  std::string take(llvm::StringRef wanted);
  void enter() { scopes_.emplace_back(); }
  void leave() { scopes_.pop_back(); }

private:
  bool taken(llvm::StringRef name) const;

  std::vector<llvm::StringSet<>> scopes_;
};

// "qk_slot" -> "QkSlot"; words of one or two letters in capitals: "qk" -> "QK".
std::string typeName(llvm::StringRef name);

// Text of an expression and how tightly its operator binds.
struct CppExpr {
  enum Binding { choice, sum, product, atom };

  std::string text;
  Binding binding = atom;

  static CppExpr number(std::int64_t value) { return {std::to_string(value), atom}; }
  // As an operand of an operator that binds as tightly as `least`.
  std::string operand(Binding least) const { return binding < least ? '(' + text + ')' : text; }
};

CppExpr operator+(const CppExpr& lhs, const CppExpr& rhs);
CppExpr operator-(const CppExpr& lhs, const CppExpr& rhs);
CppExpr operator*(const CppExpr& lhs, const CppExpr& rhs);
CppExpr operator/(const CppExpr& lhs, const CppExpr& rhs);
CppExpr operator%(const CppExpr& lhs, const CppExpr& rhs);
CppExpr choose(const CppExpr& lhs, const char* relation, const CppExpr& rhs);

std::string hexText(std::int64_t value); // "0x8000"

} // namespace ptotune::emit
