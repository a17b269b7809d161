// Where output goes, how wide it may be, and whether it may be coloured.
#pragma once

#include <cstddef>
#include <cstdio>
#include <limits>

namespace ptotune::cli {

struct Terminal {
  bool interactive = false; // a person watches: lines may be rewritten
  bool colour = false;      // a terminal that was not told to show none (NO_COLOR, TERM=dumb)
  std::size_t width = 80;   // columns; 80 where there is no terminal
};
// COLUMNS, where it is set to a number, wins over the terminal's own answer. At least 40 columns.
Terminal terminalOf(std::FILE* stream);

inline constexpr std::size_t kAnyWidth = std::numeric_limits<std::size_t>::max();
// Columns that a table on stdout may take: those of the terminal, or COLUMNS. Without either a
// program reads it, and lines are as long as they are.
std::size_t tableWidth();

} // namespace ptotune::cli
