#include "db/configurations/HeaderText.h"

#include <fmt/format.h>

#include <cctype>

namespace ptotune {

std::string stringLiteral(std::string_view text) {
  std::string literal = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      literal += '\\';
    // Three octal digits end the escape whatever follows.
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      literal += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    else
      literal += c;
  }
  return literal + '"';
}

std::string inComment(std::string_view text) {
  std::string plain;
  for (const char c : text)
    plain += c == '\\' ? '/' : static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return plain;
}

std::string fieldName(std::string_view parameter) {
  std::string field;
  for (std::size_t i = 0; i < parameter.size(); ++i) {
    const auto c = static_cast<unsigned char>(parameter[i]);
    if (i > 0 && std::isupper(c) && std::islower(static_cast<unsigned char>(parameter[i - 1])))
      field += '_';
    field += static_cast<char>(std::tolower(c));
  }
  return field;
}

std::string enumName(std::string_view parameter) {
  std::string type;
  for (std::size_t i = 0; i < parameter.size(); ++i) {
    const auto c = static_cast<unsigned char>(parameter[i]);
    if (c != '_')
      type +=
          static_cast<char>(i == 0 || parameter[i - 1] == '_' ? std::toupper(c) : std::tolower(c));
  }
  return type;
}

std::string wrappedItems(std::span<const std::string> items, std::string_view indent) {
  std::string text;
  std::size_t column = kColumns;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string item = items[i] + (i + 1 < items.size() ? "," : "");
    if (column + 1 + item.size() > kColumns) {
      text += (text.empty() ? "" : "\n") + std::string(indent) + item;
      column = indent.size() + item.size();
    } else {
      text += " " + item;
      column += 1 + item.size();
    }
  }
  return text;
}

} // namespace ptotune
