// Comma-separated values as RFC 4180 has them: fields with a comma, a quote or a line break are
// quoted, quotes doubled.
#pragma once

#include "space/Result.h"

#include <string>
#include <string_view>
#include <vector>

namespace ptotune {

struct CsvRow {
  int line = 0; // on which it begins, 1-based
  std::vector<std::string> fields;
};

// One row, ended by a line feed.
std::string csvLine(const std::vector<std::string>& fields);

// Lines may end with a line feed, or a carriage return before it. Empty lines are skipped.
Result<std::vector<CsvRow>> parseCsvRows(std::string_view text, const std::string& file);

} // namespace ptotune
