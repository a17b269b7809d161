// Rows of the database as values; private to db/.
#pragma once

#include "db/Sqlite.h"
#include "db/Trial.h"
#include "space/Result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace ptotune {

// The inverse of Problem::json(). A key that is missing keeps its default.
Result<Problem> problemFromJson(std::string_view json);

// The message for a row whose content is not what pto-tune wrote.
Error damagedRow(const sqlite::Connection& connection, std::string message, const Hash& id);

// Each checks that the row has the content of its id.
Result<Problem> readProblem(const sqlite::Connection& connection, const Hash& id,
                            std::string_view json);
Result<Point> readPoint(const sqlite::Connection& connection, const Hash& id,
                        std::string_view json);
Result<TrialStatus> readStatus(const sqlite::Connection& connection, const Hash& trial,
                               std::int64_t status);
// Six columns from `column` on: soc, soc_hash, runner, runner_version, toolchain, tool_version.
Environment readEnvironment(const sqlite::Statement& row, int column);

// Key of the one row of `table` whose id starts with `digits`, at least four.
Result<std::int64_t> findByDigits(sqlite::Connection& connection, const char* table,
                                  const std::string& digits);

} // namespace ptotune
