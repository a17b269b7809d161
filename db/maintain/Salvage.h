// Reading the rows of a damaged table; private to db/.
#pragma once

#include "db/file/Sqlite.h"
#include "space/Result.h"

#include <cstdint>
#include <functional>
#include <string>

namespace ptotune {

// Rows by ranges of an integer key. A range that cannot be read to its end is halved, down to
// single keys: so all that is lost are keys on pages that cannot be read.
class Salvage {
public:
  using Visit = std::function<void(const sqlite::Statement& row)>;

  explicit Salvage(sqlite::Connection& connection) : connection_(connection) {}

  // `columns` of `table` by its integer column `key`, which stands before them as column 0. Gives
  // the number of keys that could not be read. Several rows may have one key; those of a key whose
  // reading failed may be visited before.
  std::int64_t read(const std::string& table, const std::string& key, const std::string& columns,
                    const Visit& visit);

private:
  // The greatest key that there may be.
  std::int64_t lastKey(const std::string& table, const std::string& key);

  sqlite::Connection& connection_;
};

} // namespace ptotune
