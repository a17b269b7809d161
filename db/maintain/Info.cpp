// What is in a database.
#include "db/DatabaseState.h"
#include "db/Decode.h"
#include "db/maintain/Maintain.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace ptotune {
namespace {

using sqlite::Connection;
using sqlite::Statement;
using sqlite::Transaction;

Status readTotals(Connection& connection, DatabaseInfo& info) {
  struct Total {
    const char* sql;
    std::int64_t DatabaseInfo::* value;
  };
  constexpr Total kTotals[] = {
      {"PRAGMA user_version", &DatabaseInfo::schemaVersion},
      {"SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
       &DatabaseInfo::bytes},
      {"SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size",
       &DatabaseInfo::freeBytes},
      {"SELECT count(*) FROM problem", &DatabaseInfo::problems},
      {"SELECT count(*) FROM point", &DatabaseInfo::points},
      {"SELECT count(*) FROM kernel", &DatabaseInfo::kernels},
      {"SELECT count(*) FROM sample", &DatabaseInfo::samples},
      {"SELECT count(*) FROM note", &DatabaseInfo::notes},
  };
  for (const Total& total : kTotals) {
    auto value = connection.integer(total.sql);
    if (!value)
      return value.error();
    info.*total.value = *value;
  }
  return {};
}

using ByKey = std::unordered_map<std::int64_t, std::size_t>;

Status readEnvironments(Connection& connection, DatabaseInfo& info, ByKey& byKey) {
  return forEachRow(
      connection,
      fmt::format(
          "SELECT key, (SELECT count(*) FROM session WHERE session.environment = environment.key),"
          " (SELECT count(DISTINCT problem) FROM trial WHERE trial.environment = environment.key),"
          " {} FROM environment ORDER BY soc, runner, runner_version, toolchain, tool_version, id",
          kEnvironmentColumns),
      [&](const Statement& row) {
        byKey.emplace(row.integer(0), info.environments.size());
        info.environments.push_back({.environment = readEnvironment(row, 3),
                                     .sessions = row.integer(1),
                                     .problems = row.integer(2)});
      });
}

Status readTrialCounts(Connection& connection, DatabaseInfo& info, const ByKey& byKey) {
  const auto count = [&](const Statement& row) -> Status {
    const auto found = byKey.find(row.integer(0));
    if (found == byKey.end())
      return damagedRow(connection, "trials have no environment", {});
    EnvironmentInfo& one = info.environments[found->second];
    auto status = readStatus(connection, one.environment.hash(), row.integer(1));
    if (!status)
      return status.error();
    const bool first = std::ranges::all_of(one.trials, [](auto count) { return count == 0; });
    one.trials[static_cast<std::size_t>(*status)] = row.integer(2);
    one.firstRecorded = first ? row.integer(3) : std::min(one.firstRecorded, row.integer(3));
    one.lastRecorded = first ? row.integer(4) : std::max(one.lastRecorded, row.integer(4));
    return {};
  };
  return forEachRow(connection,
                    "SELECT environment, status, count(*), min(recorded), max(recorded) FROM trial"
                    " GROUP BY environment, status",
                    count);
}

Status readSessions(Connection& connection, DatabaseInfo& info) {
  return forEachRow(
      connection,
      fmt::format(
          "SELECT coalesce(counted.trials, 0), environment.id, {}"
          " FROM session JOIN environment ON environment.key = session.environment"
          " LEFT JOIN (SELECT session, count(*) AS trials FROM trial GROUP BY session) AS counted"
          " ON counted.session = session.key ORDER BY started, session.id",
          kSessionColumns),
      [&info](const Statement& row) {
        info.sessions.push_back({.session = readSession(row, 2), .trials = row.integer(0)});
      });
}

} // namespace

Result<DatabaseInfo> Database::info() const {
  const std::lock_guard lock(state_->mutex);
  Connection& connection = *state_->connection;
  auto snapshot = Transaction::begin(connection, Transaction::Kind::read);
  if (!snapshot)
    return snapshot.error();
  DatabaseInfo info;
  ByKey byKey;
  if (auto read = readTotals(connection, info); !read)
    return read.error();
  if (auto read = readEnvironments(connection, info, byKey); !read)
    return read.error();
  if (auto read = readTrialCounts(connection, info, byKey); !read)
    return read.error();
  if (auto read = readSessions(connection, info); !read)
    return read.error();
  return info;
}

} // namespace ptotune
