#include "space/Text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace ptotune {

std::string_view trim(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::optional<std::int64_t> parseInteger(std::string_view text) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
    return std::nullopt;
  return value;
}

Result<std::vector<std::pair<std::string_view, std::string_view>>>
splitAssignments(std::string_view text, std::string_view what) {
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  for (std::string_view rest = trim(text); !rest.empty();) {
    const auto comma = rest.find(',');
    const std::string_view item = trim(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    const auto equals = item.find('=');
    const std::string_view name = trim(item.substr(0, equals));
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view{} : trim(item.substr(equals + 1));
    if (name.empty() || value.empty())
      return Error{.message = fmt::format("malformed item in the {}", what),
                   .value = std::string(item),
                   .expected = "NAME=value, separated by commas"};
    if (std::ranges::any_of(pairs, [&](const auto& pair) { return pair.first == name; }))
      return Error{.message = fmt::format("'{}' is given twice in the {}", name, what),
                   .advice = "leave one of them out"};
    pairs.emplace_back(name, value);
  }
  return pairs;
}

} // namespace ptotune
