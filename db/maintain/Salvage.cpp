#include "db/maintain/Salvage.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace ptotune {
namespace {

// No table has more rows in a page of the file.
constexpr std::int64_t kMostRowsInAPage = 64;

} // namespace

std::int64_t Salvage::lastKey(const std::string& table, const std::string& key) {
  auto last = connection_.integer(fmt::format("SELECT max({}) FROM {}", key, table));
  if (last)
    return *last;
  auto pages = connection_.integer("PRAGMA page_count");
  return pages ? *pages * kMostRowsInAPage : 0;
}

std::int64_t Salvage::read(const std::string& table, const std::string& key,
                           const std::string& columns, const Visit& visit) {
  const std::string sql = fmt::format("SELECT {0}, {1} FROM {2} WHERE {0} BETWEEN ?1 AND ?2"
                                      " ORDER BY {0}",
                                      key, columns, table);
  std::int64_t lost = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> ranges = {{1, lastKey(table, key)}};
  while (!ranges.empty()) {
    auto [first, last] = ranges.back();
    ranges.pop_back();
    if (first > last)
      continue;
    const auto done = sqlite::forEachRow(
        connection_, sql,
        [&](const sqlite::Statement& row) {
          visit(row);
          first = row.integer(0) + 1; // behind what was read
        },
        first, last);
    if (done || first > last)
      continue;
    if (first == last) {
      ++lost;
      continue;
    }
    const std::int64_t middle = first + (last - first) / 2;
    ranges.emplace_back(middle + 1, last);
    ranges.emplace_back(first, middle);
  }
  return lost;
}

} // namespace ptotune
