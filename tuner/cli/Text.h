// Text for people: numbers, tables and point texts that fit a terminal. Plain ASCII.
#pragma once

#include "space/Job.h"
#include "space/Point.h"
#include "space/Problem.h"
#include "tuner/cli/Terminal.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ptotune::cli {

// "86,016"
std::string grouped(std::uint64_t number);
// "1 program", "2 programs", "1,200 programs"
std::string counted(std::uint64_t number, std::string_view noun);
// "0.4 s", "74 s", "12 min 5 s", "3 h 20 min"
std::string duration(double seconds);
// Microseconds without the unit: "61.20", "1,234.56".
std::string microseconds(double seconds);
// TFLOP/s of a problem, 4*s0*s1*head operations, without the unit: "8.77".
std::string teraflops(const Problem& problem, double seconds);

// Breaks `text` behind commas and blanks so that each line with its indent has at most `width`
// columns; lines after the first are indented by `hang` more. Longer words stay whole. No newline
// at the end.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width,
                    std::size_t hang = 0);

// Columns padded to their widest cell, two blanks apart; the first row is the heading. A table that
// is too wide is stacked: a block of "heading  cell" lines for each row.
class Table {
public:
  enum class Align : std::uint8_t { left, right };
  explicit Table(std::vector<Align> columns) : columns_(std::move(columns)) {}

  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // Every row indented by two blanks, each line ended, no blanks at a line's end.
  std::string text(std::size_t width = tableWidth()) const;

private:
  std::string stacked(std::size_t width) const;

  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// A table with a column for each of `count` things, as many side by side as fit; the others follow
// in further tables. `table` makes that of the things from `first` to before `last`.
std::string tablesThatFit(std::size_t count, std::size_t width,
                          const std::function<Table(std::size_t first, std::size_t last)>& table);

// How the problems of a table are told apart: the keys of a problem that differ among `problems`
// (s0 and s1 always), with their values.
struct ProblemKeys {
  explicit ProblemKeys(std::span<const Problem> problems);

  std::vector<std::string> names;
  std::vector<std::string> values(const Problem& problem) const;
  // What all of them have in common: "head 128, non-causal, f16".
  std::string common;
};

// A line per problem with its keys and its point in short form, broken under itself where it does
// not fit; "-" where there is no point.
struct ProblemPoint {
  Problem problem;
  std::optional<Point> point;
};
std::string pointsTable(std::span<const ProblemPoint> rows, const ProblemKeys& keys,
                        std::size_t width);

} // namespace ptotune::cli
