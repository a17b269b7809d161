#include "tuner/cli/Text.h"

#include "tuner/PointText.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ptotune::cli {

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t place = text.size(); place > 3; place -= 3)
    text.insert(place - 3, 1, ',');
  return text;
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", grouped(number), noun, number == 1 ? "" : "s");
}

std::string duration(double seconds) {
  if (seconds < 9.95)
    return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  if (whole < 120)
    return fmt::format("{} s", whole);
  if (whole < 3600)
    return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", grouped(whole / 3600), whole % 3600 / 60);
}

std::string microseconds(double seconds) {
  const auto hundredths = static_cast<std::uint64_t>(std::llround(seconds * 1e8));
  return fmt::format("{}.{:02}", grouped(hundredths / 100), hundredths % 100);
}

std::string teraflops(const Problem& problem, double seconds) {
  return fmt::format("{:.2f}", problem.flops() / seconds / 1e12);
}

namespace {

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

// Behind the first blank or comma where a line may end: not within "36,444".
std::size_t wordEnd(std::string_view text) {
  for (std::size_t end = text.find_first_of(", "); end < text.size();
       end = text.find_first_of(", ", end + 1)) {
    const bool inNumber = text[end] == ',' && end > 0 && end + 1 < text.size() &&
                          isDigit(text[end - 1]) && isDigit(text[end + 1]);
    if (!inNumber)
      return end + 1;
  }
  return text.size();
}

} // namespace

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width,
                    std::size_t hang) {
  std::string margin(indent, ' ');
  std::string result;
  std::string line;
  const auto flush = [&] {
    const std::size_t end = line.find_last_not_of(' ');
    if (end == std::string::npos)
      return;
    if (!result.empty())
      result += '\n';
    result += margin + line.substr(0, end + 1);
    line.clear();
    margin.assign(indent + hang, ' ');
  };
  while (!text.empty()) {
    const std::size_t end = wordEnd(text);
    const std::string_view word = text.substr(0, end);
    const std::size_t visible = word.ends_with(' ') ? word.size() - 1 : word.size();
    if (!line.empty() && margin.size() + line.size() + visible > width)
      flush();
    if (!line.empty() || word != " ")
      line += word;
    text.remove_prefix(end);
  }
  flush();
  return result;
}

std::string Table::stacked(std::size_t width) const {
  const std::vector<std::string>& heading = rows_.front();
  std::size_t widest = 0;
  for (const std::string& name : heading)
    widest = std::max(widest, name.size());
  std::string text;
  for (std::size_t row = 1; row < rows_.size(); ++row) {
    if (row > 1)
      text += '\n';
    for (std::size_t column = 0; column < rows_[row].size(); ++column) {
      const std::string& cell = rows_[row][column];
      if (cell.empty())
        continue;
      const std::string name = column < heading.size() ? heading[column] : "";
      const std::size_t indent = widest + 4;
      text += fmt::format("  {:<{}}  ", name, widest) +
              wrapped(cell, indent, width).substr(indent) + '\n';
    }
  }
  return text;
}

std::string Table::text(std::size_t width) const {
  std::vector<std::size_t> widths(columns_.size(), 0);
  for (const auto& row : rows_)
    for (std::size_t column = 0; column < row.size(); ++column)
      widths[column] = std::max(widths[column], row[column].size());
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t column = 0; column < row.size(); ++column) {
      const std::string padding(widths[column] - row[column].size(), ' ');
      line += "  ";
      line += columns_[column] == Align::left ? row[column] + padding : padding + row[column];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    if (line.size() > width && rows_.size() > 1)
      return stacked(width);
    text += line + '\n';
  }
  return text;
}

namespace {

// Columns of the longest line.
std::size_t widestLine(std::string_view text) {
  std::size_t widest = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    widest = std::max(widest, end - begin);
    begin = end + 1;
  }
  return widest;
}

} // namespace

std::string tablesThatFit(std::size_t count, std::size_t width,
                          const std::function<Table(std::size_t first, std::size_t last)>& table) {
  std::string text;
  for (std::size_t first = 0; first < count;) {
    std::size_t last = count;
    while (last > first + 1 && widestLine(table(first, last).text(kAnyWidth)) > width)
      --last;
    text += (first > 0 ? "\n" : "") + table(first, last).text(width);
    first = last;
  }
  return text;
}

namespace {

struct Key {
  const char* name;
  std::string (*value)(const Problem&);
  std::string (*phrase)(const Problem&);
};

const Key kKeys[] = {
    {"head", [](const Problem& p) { return std::to_string(p.head); },
     [](const Problem& p) { return fmt::format("head {}", p.head); }},
    {"causal", [](const Problem& p) { return std::string(p.causal ? "yes" : "no"); },
     [](const Problem& p) { return std::string(p.causal ? "causal" : "non-causal"); }},
    {"dtype", [](const Problem& p) { return p.dtype; }, [](const Problem& p) { return p.dtype; }},
};

} // namespace

ProblemKeys::ProblemKeys(std::span<const Problem> problems) : names{"s0", "s1"} {
  for (const Key& key : kKeys) {
    const bool same = std::ranges::all_of(problems, [&](const Problem& problem) {
      return key.value(problem) == key.value(problems.front());
    });
    if (!same)
      names.emplace_back(key.name);
    else if (!problems.empty())
      common += (common.empty() ? "" : ", ") + key.phrase(problems.front());
  }
}

std::vector<std::string> ProblemKeys::values(const Problem& problem) const {
  std::vector<std::string> values = {std::to_string(problem.s0), std::to_string(problem.s1)};
  for (const Key& key : kKeys)
    if (std::ranges::find(names, key.name) != names.end())
      values.push_back(key.value(problem));
  return values;
}

std::string pointsTable(std::span<const ProblemPoint> rows, const ProblemKeys& keys,
                        std::size_t width) {
  Table table(std::vector<Table::Align>(keys.names.size(), Table::Align::right));
  table.row(keys.names);
  for (const ProblemPoint& one : rows)
    table.row(keys.values(one.problem));
  const std::string lines = table.text(kAnyWidth);
  std::string text;
  std::size_t begin = 0;
  for (std::size_t row = 0; row <= rows.size(); ++row) {
    const std::size_t end = lines.find('\n', begin);
    const std::string left = lines.substr(begin, end - begin);
    begin = end + 1;
    std::string point = "best point";
    if (row > 0)
      point = rows[row - 1].point ? shortText(*rows[row - 1].point) : "-";
    // Keys are aligned to the right, so `left` is as long in every row.
    text += left + wrapped(point, left.size() + 2, width).substr(left.size()) + "\n";
  }
  return text + wrapped("parameters that are not named: as in the default point", 2, width) + "\n";
}

} // namespace ptotune::cli
