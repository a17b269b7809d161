#include "space/engine/expr/Lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace ptotune::engine {
namespace {

// Longer signs first.
constexpr std::string_view kSigns[] = {"**", "//", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||",
                                       "+",  "-",  "*",  "/",  "%",  "<",  ">",  "!",  "&",  "|",
                                       "^",  "~",  "(",  ")",  "[",  "]",  "{",  "}",  ","};
constexpr std::string_view kWords[] = {"and", "or", "not", "in", "if", "else", "for"};

struct Mistake {
  std::string_view sign;
  std::string_view message;
  std::string_view expected;
};
constexpr Mistake kMistakes[] = {
    {"===", "unknown sign '==='", "'=='"},
    {"<>", "unknown sign '<>'", "'!='"},
    {"=", "'=' does not compare", "'=='"},
    {"?", "unknown sign '?'", "a conditional as `value if condition else other`"},
    {".", "members have no meaning here", "the plain name of a parameter or constant"},
};

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}
bool isLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

class Lexer {
public:
  explicit Lexer(std::string_view source) : source_(source) {}

  Lexed run() {
    while (skipBlanks(), at_ < source_.size() && !lexed_.complaint)
      one();
    push(Token::Kind::end, source_.size(), source_.substr(source_.size()));
    return std::move(lexed_);
  }

private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }

  void skipBlanks() {
    while (at_ < source_.size() &&
           std::string_view(" \t\r\n").find(source_[at_]) != std::string_view::npos)
      ++at_;
  }

  void complain(std::string message, std::string expected = {}, std::string advice = {}) {
    lexed_.complaint = Complaint{static_cast<std::uint32_t>(at_), std::move(message),
                                 std::move(expected), std::move(advice)};
  }

  void push(Token::Kind kind, std::size_t end, std::string_view text, Cell cell = 0) {
    lexed_.tokens.push_back(
        {kind, static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(end), text, cell});
    at_ = end;
  }

  void one() {
    const char c = peek();
    if (isDigit(c) || (c == '.' && isDigit(peek(1))))
      return number();
    if (isLetter(c))
      return word();
    if (c == '\'' || c == '"')
      return quoted();
    sign();
  }

  void word() {
    std::size_t end = at_;
    while (end < source_.size() && (isLetter(source_[end]) || isDigit(source_[end])))
      ++end;
    const std::string_view text = source_.substr(at_, end - at_);
    const bool means = std::ranges::find(kWords, text) != std::end(kWords);
    push(means ? Token::Kind::sign : Token::Kind::name, end, text);
  }

  void quoted() {
    const auto end = source_.find(source_[at_], at_ + 1);
    if (end == std::string_view::npos)
      return complain("a text without its closing quote");
    const std::string_view text = source_.substr(at_ + 1, end - at_ - 1);
    if (text.find('\\') != std::string_view::npos)
      return complain("escapes in a text are not supported");
    push(Token::Kind::text, end + 1, text);
  }

  void sign() {
    const std::string_view rest = source_.substr(at_);
    const auto matches = [&](std::string_view sign) { return rest.starts_with(sign); };
    if (matches("===") || matches("<>"))
      return mistake(rest);
    const auto* known = std::ranges::find_if(kSigns, matches);
    if (known == std::end(kSigns))
      return mistake(rest);
    push(Token::Kind::sign, at_ + known->size(), *known);
  }

  void mistake(std::string_view rest) {
    for (const Mistake& usual : kMistakes)
      if (rest.starts_with(usual.sign))
        return complain(std::string(usual.message), std::string(usual.expected));
    const auto byte = static_cast<unsigned char>(rest.front());
    complain(byte >= 0x20 && byte < 0x7f ? fmt::format("unknown sign '{}'", rest.front())
                                         : fmt::format("unknown byte 0x{:02x}", byte));
  }

  // Digits of `base`, single '_' between them left out.
  std::size_t digits(std::size_t from, int base, std::string& text) const {
    const auto fits = [&](char c) {
      return base == 16 ? std::isxdigit(static_cast<unsigned char>(c)) != 0
                        : c >= '0' && c < '0' + base;
    };
    std::size_t end = from;
    for (; end < source_.size(); ++end) {
      if (fits(source_[end]))
        text += source_[end];
      else if (source_[end] != '_' || end == from || end + 1 >= source_.size() ||
               !fits(source_[end + 1]))
        break;
    }
    return end;
  }

  void number() {
    const char mark = static_cast<char>(peek(1) | 0x20);
    if (peek() == '0' && (mark == 'x' || mark == 'b' || mark == 'o'))
      return integer(at_ + 2, mark == 'x' ? 16 : (mark == 'b' ? 2 : 8));
    std::string text;
    std::size_t end = digits(at_, 10, text);
    const bool hasPoint = end < source_.size() && source_[end] == '.';
    if (hasPoint) {
      text += '.';
      end = digits(end + 1, 10, text);
    }
    const std::size_t exponent = exponentEnd(end, text);
    if (!hasPoint && exponent == end)
      return integer(at_, 10);
    if (followedByLetter(exponent))
      return;
    push(Token::Kind::real, exponent, source_.substr(at_, exponent - at_),
         cellOf(std::strtod(text.c_str(), nullptr)));
  }

  std::size_t exponentEnd(std::size_t from, std::string& text) const {
    if (from >= source_.size() || (source_[from] | 0x20) != 'e')
      return from;
    std::string exponent = "e";
    std::size_t end = from + 1;
    if (end < source_.size() && (source_[end] == '+' || source_[end] == '-'))
      exponent += source_[end++];
    const std::size_t last = digits(end, 10, exponent);
    if (last == end)
      return from;
    text += exponent;
    return last;
  }

  bool followedByLetter(std::size_t end) {
    if (end >= source_.size() || !isLetter(source_[end]))
      return false;
    complain("a number runs into a name", "a sign between the two");
    return true;
  }

  void integer(std::size_t from, int base) {
    std::string text;
    const std::size_t end = digits(from, base, text);
    if (followedByLetter(end))
      return;
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (text.empty() || parsed.ptr != text.data() + text.size())
      return complain("malformed number");
    if (parsed.ec != std::errc())
      return complain("the integer is too large", "an integer of 64 bits, at most 2**63 - 1");
    push(Token::Kind::integer, end, source_.substr(at_, end - at_), value);
  }

  std::string_view source_;
  std::size_t at_ = 0;
  Lexed lexed_;
};

} // namespace

Lexed lex(std::string_view source) {
  return Lexer(source).run();
}

} // namespace ptotune::engine
