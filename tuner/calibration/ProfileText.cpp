#include "tuner/calibration/ProfileText.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <sstream>

namespace ptotune::calibration {
namespace {

std::string calibrationTable(const CalibrationRange& range) {
  std::string source;
  for (const char c : range.source) {
    if (c == '"' || c == '\\')
      source += '\\';
    source += c;
  }
  return fmt::format("[calibration]\nhead      = {}\ns1        = [{}, {}]\ncores_max = {}\n"
                     "source    = \"{}\"\n",
                     range.head, range.s1Min, range.s1Max, range.coresMax, source);
}

// The line with another value, or "" where it has not the form of a figure.
std::string withValue(const std::string& line, double value) {
  static const std::regex figure(
      R"re((.*\bvalue\s*=\s*)([-+0-9.eE]+)(.*\bsource\s*=\s*")[^"]*(".*))re");
  std::smatch parts;
  if (!std::regex_match(line, parts, figure))
    return "";
  return fmt::format("{}{:.4g}{}fitted: see [calibration]{}", parts[1].str(), value, parts[3].str(),
                     parts[4].str());
}

std::string keyOf(const std::string& line) {
  const std::size_t end = line.find_first_of(" \t=");
  return line.substr(0, end);
}

} // namespace

Result<std::string> withConstants(std::string_view text, const SocProfile& soc,
                                  std::span<const Constant* const> free,
                                  const CalibrationRange& range, const std::string& file) {
  std::istringstream lines{std::string(text)};
  std::string out, table;
  std::size_t replaced = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.front() == '[')
      table = line.substr(0, line.find(']') + 1);
    if (table == "[calibration]")
      continue;
    const Constant* constant = table == "[constants]" ? findConstant(keyOf(line)) : nullptr;
    if (constant != nullptr && std::ranges::find(free, constant) != free.end()) {
      line = withValue(line, constant->get(soc));
      replaced += line.empty() ? 0 : 1;
    }
    out += line + "\n";
  }
  if (replaced != free.size())
    return Error{.message = "the profile does not state every constant that was fitted",
                 .file = file,
                 .key = "constants",
                 .expected = "each on a line of its own, with value and source",
                 .advice = "calibrate the profile that this one is derived from"};
  while (out.ends_with("\n\n"))
    out.pop_back();
  return out + "\n" + calibrationTable(range);
}

} // namespace ptotune::calibration
