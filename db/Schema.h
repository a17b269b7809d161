// The schema of the tuning database and its migrations. FORMAT.md describes every table.
#pragma once

#include "db/file/Sqlite.h"
#include "space/Result.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace ptotune {

// PRAGMA application_id: "PTOT" in ASCII. Persisted: do not change.
inline constexpr std::int32_t kApplicationId = 0x50544F54;

// One step of the schema, from version i to i + 1 where it stands at index i. Released steps never
// change; a new version is a new step.
struct Migration {
  std::string_view summary;
  std::string_view sql;
};

std::span<const Migration> migrations();
// PRAGMA user_version of a file that is up to date.
std::int32_t schemaVersion();

// Brings the file from its own version to the last one, each step in a transaction of its own, and
// marks a new file with the application id. Processes that migrate one file at the same time wait
// for each other. The file's version must not be beyond the last step.
Status migrate(sqlite::Connection& connection, std::span<const Migration> steps = migrations());

// Whether every table, index and view of the schema stands in the file as this version made it.
Status checkSchema(sqlite::Connection& connection);

} // namespace ptotune
