#include "Mutator.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

namespace ptotune::fuzz {
namespace {

constexpr const char* kNumbers[] = {"0",
                                    "1",
                                    "-1",
                                    "2",
                                    "3",
                                    "7",
                                    "16",
                                    "31",
                                    "4095",
                                    "4096",
                                    "65536",
                                    "2147483648",
                                    "-2147483649",
                                    "4294967296",
                                    "4611686018427387904",
                                    "9223372036854775807",
                                    "-9223372036854775808",
                                    "18446744073709551616"};
constexpr std::uint64_t kChangesMax = 4;

std::size_t below(std::mt19937_64& random, std::size_t count) {
  return count == 0 ? 0 : static_cast<std::size_t>(random() % count);
}

bool inWord(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
}

// [begin, end) of the words, numbers and single signs of a text.
std::vector<std::pair<std::size_t, std::size_t>> tokensOf(const std::string& text) {
  std::vector<std::pair<std::size_t, std::size_t>> found;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    if (inWord(text[at]) || text[at] == '%' || text[at] == '!' || text[at] == '#' ||
        text[at] == '@')
      while (end < text.size() && inWord(text[end]))
        ++end;
    if (std::isspace(static_cast<unsigned char>(text[at])) == 0)
      found.emplace_back(at, end);
    at = end;
  }
  return found;
}

std::vector<std::string> linesOf(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines)
    text += line + '\n';
  return text;
}

} // namespace

Mutator::Mutator(std::vector<std::string> inputs) : inputs_(std::move(inputs)) {
  std::set<std::string> tokens;
  for (const std::string& input : inputs_)
    for (const auto& [begin, end] : tokensOf(input))
      tokens.insert(input.substr(begin, end - begin));
  tokens_.assign(tokens.begin(), tokens.end());
}

std::string Mutator::mutant(std::uint64_t seed) const {
  Random random(seed);
  std::string text = inputs_[below(random, inputs_.size())];
  const std::size_t changes = 1 + below(random, kChangesMax);
  for (std::size_t i = 0; i < changes; ++i)
    change(text, random);
  return text;
}

void Mutator::change(std::string& text, Random& random) const {
  switch (below(random, 8)) {
  case 0:
  case 1:
    return changeLines(text, random);
  case 2:
    return changeBytes(text, random);
  default:
    return changeToken(text, random);
  }
}

// A line goes, comes twice, moves, or comes from another input.
void Mutator::changeLines(std::string& text, Random& random) const {
  std::vector<std::string> lines = linesOf(text);
  if (lines.empty())
    return;
  const std::size_t at = below(random, lines.size());
  const auto place = lines.begin() + static_cast<std::ptrdiff_t>(at);
  switch (below(random, 4)) {
  case 0:
    lines.erase(place);
    break;
  case 1:
    lines.insert(place, std::string(lines[at]));
    break;
  case 2:
    std::swap(lines[at], lines[below(random, lines.size())]);
    break;
  default: {
    const std::vector<std::string> other = linesOf(inputs_[below(random, inputs_.size())]);
    if (!other.empty())
      lines.insert(place, other[below(random, other.size())]);
  }
  }
  text = joined(lines);
}

// A word or sign goes, comes twice, becomes another one, or another number.
void Mutator::changeToken(std::string& text, Random& random) const {
  const auto tokens = tokensOf(text);
  if (tokens.empty())
    return;
  const auto [begin, end] = tokens[below(random, tokens.size())];
  const std::string token = text.substr(begin, end - begin);
  const bool isNumber = std::isdigit(static_cast<unsigned char>(token.front())) != 0;
  std::string other;
  if (isNumber && below(random, 2) == 0) {
    other = kNumbers[below(random, std::size(kNumbers))];
  } else {
    switch (below(random, 4)) {
    case 0:
      break;
    case 1:
      other = token + " " + token;
      break;
    case 2: {
      const auto [from, to] = tokens[below(random, tokens.size())];
      other = text.substr(from, to - from);
      break;
    }
    default:
      other = tokens_[below(random, tokens_.size())];
    }
  }
  text.replace(begin, end - begin, other);
}

// A byte changes, or the text ends early.
void Mutator::changeBytes(std::string& text, Random& random) {
  if (text.empty())
    return;
  const std::size_t at = below(random, text.size());
  if (below(random, 4) == 0)
    text.resize(at);
  else
    text[at] = static_cast<char>(below(random, 256));
}

} // namespace ptotune::fuzz
