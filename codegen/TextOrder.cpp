#include "codegen/TextOrder.h"

#include <fmt/format.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringRef.h>
#include <llvm/ADT/StringSet.h>

#include <algorithm>
#include <utility>

namespace ptotune {
namespace {

bool inName(char c) {
  return llvm::isAlnum(c) || c == '_' || c == '$' || c == '.' || c == '-';
}

class Scanner {
public:
  explicit Scanner(llvm::StringRef text) : text_(text) {}

  Status run() {
    while (at_ < text_.size())
      if (Status status = next(); !status)
        return status;
    return {};
  }

private:
  Status next() {
    const char c = text_[at_];
    if (c == '\n') {
      ++line_;
      ++at_;
      startOfStatement_ = true;
    } else if (text_.substr(at_).starts_with("//")) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == '"') {
      skipString();
    } else if (c == '%') {
      return value();
    } else if (c == '^' || llvm::isAlpha(c)) {
      word();
    } else {
      // The parameters of a function, and of a block, end before the body does.
      if (c == '{' && parameters_ > 0 && depth_ == 0)
        parameters_ = 0;
      if (c == '{')
        openScope();
      else if (c == '}' && scopes_.size() > 1)
        scopes_.pop_back();
      depth_ += c == '(' ? 1 : c == ')' && depth_ > 0 ? -1 : 0;
      if (c == ':' && depth_ == 0 && ofBlock_)
        parameters_ = 0;
      if (!llvm::isSpace(c) && c != ',')
        startOfStatement_ = c == '{' || c == '}';
      ++at_;
    }
    return {};
  }

  // What a loop binds is defined in its body alone.
  void openScope() {
    scopes_.push_back(std::move(bound_));
    bound_.clear();
  }
  bool isDefined(llvm::StringRef name) const {
    return llvm::any_of(scopes_, [name](const auto& scope) { return scope.contains(name); });
  }

  void skipString() {
    for (++at_; at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\n'; ++at_)
      if (text_[at_] == '\\')
        ++at_;
    if (at_ < text_.size() && text_[at_] == '"')
      ++at_;
  }

  void word() {
    const std::size_t begin = at_++;
    while (at_ < text_.size() && inName(text_[at_]))
      ++at_;
    const llvm::StringRef word = text_.slice(begin, at_);
    ofBlock_ = word.starts_with("^") && startOfStatement_;
    if (word == "func.func") { // a scope of its own
      for (auto& scope : scopes_)
        scope.clear();
      bound_.clear();
      depth_ = 0;
      parameters_ = 1;
    } else if (ofBlock_) {
      depth_ = 0;
      parameters_ = 1;
    }
    // `for %i = ...` and `iter_args(%a = ...)` define as a statement does.
    binds_ = word == "scf.for" || word == "iter_args" || (binds_ && word == "for");
    startOfStatement_ = false;
  }

  Status value() {
    const std::size_t begin = at_++;
    while (at_ < text_.size() && inName(text_[at_]))
      ++at_;
    const llvm::StringRef name = text_.slice(begin, at_);
    if (parameters_ > 0 || defines()) {
      (parameters_ == 0 && binds_ ? bound_ : scopes_.back()).insert(name);
      return {};
    }
    if (isDefined(name))
      return {};
    Error error;
    error.message =
        fmt::format("IR is not valid: line {}: {} is used before it is defined", line_, name.str());
    error.expected = "the definition above, or a parameter";
    return error;
  }

  // Whether the value at hand is a result, or a name that a loop binds.
  bool defines() const {
    if (!startOfStatement_ && !binds_)
      return false;
    // `%a, %b:2 = ...`
    llvm::StringRef rest = text_.substr(at_);
    while (true) {
      rest = rest.ltrim(" \t");
      if (rest.consume_front(":"))
        rest = rest.ltrim(" \t").drop_while(llvm::isDigit).ltrim(" \t");
      if (rest.starts_with("="))
        return true;
      if (!startOfStatement_ || !rest.consume_front(","))
        return false;
      rest = rest.ltrim(" \t");
      if (!rest.consume_front("%"))
        return false;
      rest = rest.drop_while(inName);
    }
  }

  llvm::StringRef text_;
  std::size_t at_ = 0;
  int line_ = 1;
  int depth_ = 0;      // of parentheses
  int parameters_ = 0; // 1: values are parameters
  bool ofBlock_ = false;
  bool startOfStatement_ = true;
  bool binds_ = false;
  llvm::StringSet<> bound_; // by a loop whose body has not begun
  llvm::SmallVector<llvm::StringSet<>> scopes_ = llvm::SmallVector<llvm::StringSet<>>(1);
};

} // namespace

Status requireDefinitionsFirst(std::string_view text) {
  return Scanner(llvm::StringRef(text.data(), text.size())).run();
}

} // namespace ptotune
