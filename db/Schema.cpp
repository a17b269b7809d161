#include "db/Schema.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <map>

namespace ptotune {
namespace {

constexpr std::string_view kVersion1 = R"sql(
CREATE TABLE environment (
  key            INTEGER PRIMARY KEY,
  id             BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  soc            TEXT NOT NULL,
  soc_hash       BLOB NOT NULL CHECK (length(soc_hash) = 16),
  runner         TEXT NOT NULL,
  runner_version TEXT NOT NULL,
  toolchain      TEXT NOT NULL,
  tool_version   TEXT NOT NULL
) STRICT;

CREATE TABLE problem (
  key    INTEGER PRIMARY KEY,
  id     BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  family TEXT NOT NULL,
  json   TEXT NOT NULL
) STRICT;

CREATE TABLE point (
  key  INTEGER PRIMARY KEY,
  id   BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  json TEXT NOT NULL
) STRICT;

CREATE TABLE kernel (
  key          INTEGER PRIMARY KEY,
  id           BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  family       TEXT NOT NULL,
  builder      TEXT NOT NULL,
  source_hash  BLOB CHECK (length(source_hash) = 16),
  program_hash BLOB CHECK (length(program_hash) = 16)
) STRICT;

CREATE TABLE session (
  key         INTEGER PRIMARY KEY,
  id          BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  environment INTEGER NOT NULL REFERENCES environment (key),
  host        TEXT NOT NULL,
  command     TEXT NOT NULL,
  started     INTEGER NOT NULL,
  nonce       INTEGER NOT NULL
) STRICT;

CREATE TABLE trial (
  key             INTEGER PRIMARY KEY,
  id              BLOB NOT NULL CHECK (length(id) = 16),
  environment     INTEGER NOT NULL REFERENCES environment (key),
  problem         INTEGER NOT NULL REFERENCES problem (key),
  point           INTEGER NOT NULL REFERENCES point (key),
  kernel          INTEGER REFERENCES kernel (key),
  status          INTEGER NOT NULL CHECK (status >= 0),
  calibrated      INTEGER NOT NULL CHECK (calibrated IN (0, 1)),
  detail          TEXT NOT NULL,
  prepare_seconds REAL NOT NULL CHECK (prepare_seconds >= 0),
  measure_seconds REAL NOT NULL CHECK (measure_seconds >= 0),
  recorded        INTEGER NOT NULL,
  session         INTEGER NOT NULL REFERENCES session (key),
  UNIQUE (environment, problem, point, status, id)
) STRICT;

CREATE TABLE sample (
  trial   INTEGER NOT NULL REFERENCES trial (key) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
  seconds REAL NOT NULL CHECK (seconds > 0),
  PRIMARY KEY (trial, ordinal)
) STRICT, WITHOUT ROWID;

-- The median over all samples of a point that ran correctly (status 0): the middle sample, or the
-- mean of the two in the middle.
CREATE VIEW point_time AS
SELECT trial.environment, trial.problem, trial.point, count(*) AS samples,
       CASE count(*) WHEN 1 THEN min(sample.seconds) ELSE (
         SELECT avg(seconds)
         FROM (SELECT inner_sample.seconds, count(*) OVER () AS n,
                      row_number() OVER (ORDER BY inner_sample.seconds) AS position
               FROM trial AS inner_trial
               JOIN sample AS inner_sample ON inner_sample.trial = inner_trial.key
               WHERE inner_trial.environment = trial.environment
                 AND inner_trial.problem = trial.problem
                 AND inner_trial.status = 0
                 AND inner_trial.point = trial.point)
         WHERE position IN ((n + 1) / 2, (n + 2) / 2)
       ) END AS seconds
FROM trial JOIN sample ON sample.trial = trial.key
WHERE trial.status = 0
GROUP BY trial.environment, trial.problem, trial.point;

-- The least time per environment and problem: more than one row where points tie exactly.
CREATE VIEW best AS
SELECT environment, problem, point, samples, seconds
FROM (
  SELECT environment, problem, point, samples, seconds,
         min(seconds) OVER (PARTITION BY environment, problem) AS least
  FROM point_time
)
WHERE seconds = least;
)sql";

// Where nothing is known, a default stands that the canonical texts leave out: rows of version 1
// keep their ids.
constexpr std::string_view kVersion2 = R"sql(
ALTER TABLE environment ADD COLUMN cores INTEGER NOT NULL DEFAULT 0 CHECK (cores >= 0);
ALTER TABLE environment ADD COLUMN frequency INTEGER NOT NULL DEFAULT 0 CHECK (frequency >= 0);
ALTER TABLE environment ADD COLUMN isa_hash TEXT NOT NULL DEFAULT '';

ALTER TABLE session ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN searcher TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN seed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN options TEXT NOT NULL DEFAULT '';

ALTER TABLE trial ADD COLUMN bound REAL NOT NULL DEFAULT 0 CHECK (bound >= 0);

CREATE TABLE ask (
  session INTEGER NOT NULL REFERENCES session (key) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL CHECK (ordinal >= 0),
  trial   INTEGER NOT NULL REFERENCES trial (key) ON DELETE CASCADE,
  PRIMARY KEY (session, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE rejection (
  session INTEGER NOT NULL REFERENCES session (key) ON DELETE CASCADE,
  problem INTEGER NOT NULL REFERENCES problem (key),
  rule    TEXT NOT NULL,
  points  INTEGER NOT NULL CHECK (points >= 0),
  PRIMARY KEY (session, problem, rule)
) STRICT, WITHOUT ROWID;

CREATE TABLE note (
  key     INTEGER PRIMARY KEY,
  id      BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  subject INTEGER NOT NULL CHECK (subject >= 0),
  about   BLOB NOT NULL CHECK (length(about) = 16),
  author  TEXT NOT NULL,
  written INTEGER NOT NULL,
  text    TEXT NOT NULL CHECK (text <> '')
) STRICT;
)sql";

constexpr std::string_view kVersion3 = R"sql(
CREATE TABLE proof (
  session    INTEGER NOT NULL REFERENCES session (key) ON DELETE CASCADE,
  problem    INTEGER NOT NULL REFERENCES problem (key),
  space      BLOB NOT NULL CHECK (length(space) = 16),
  space_name TEXT NOT NULL,
  points     INTEGER NOT NULL CHECK (points >= 0),
  bound      REAL NOT NULL CHECK (bound > 0),
  PRIMARY KEY (session, problem, space)
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::array<Migration, 3> kMigrations = {{
    {"environments, kernels, problems, points, sessions, trials and samples", kVersion1},
    {"asks, rejected points, notes, bounds, and more of environments and sessions", kVersion2},
    {"proven bounds of spaces", kVersion3},
}};

// One step, unless another process has taken it since the caller looked.
Status apply(sqlite::Connection& connection, const Migration& step, std::int64_t from) {
  auto transaction = sqlite::Transaction::begin(connection, sqlite::Transaction::Kind::write);
  if (!transaction)
    return transaction.error();
  auto version = connection.integer("PRAGMA user_version");
  if (!version)
    return version.error();
  if (*version != from)
    return {};
  if (auto done = connection.exec(std::string(step.sql)); !done) {
    Error error = done.error();
    error.message = fmt::format("migrating the schema to version {} ({}) failed: {}", from + 1,
                                step.summary, error.message);
    return error;
  }
  if (auto marked = connection.exec(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}",
                                                kApplicationId, from + 1));
      !marked)
    return marked.error();
  return transaction->commit();
}

// Type and name -> the statement that made it.
using Objects = std::map<std::string, std::string>;

Result<Objects> objects(sqlite::Connection& connection) {
  Objects found;
  auto read = sqlite::forEachRow(
      connection, "SELECT type || ' ' || name, sql FROM sqlite_schema WHERE sql IS NOT NULL",
      [&found](const sqlite::Statement& row) { found.emplace(row.text(0), row.text(1)); });
  if (!read)
    return read.error();
  return found;
}

// What migrations() make of an empty database.
Result<Objects> expectedObjects() {
  auto memory = sqlite::Connection::open(
      ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY, "");
  if (!memory)
    return memory.error();
  if (auto made = migrate(**memory); !made)
    return made.error();
  return objects(**memory);
}

} // namespace

std::span<const Migration> migrations() {
  return kMigrations;
}

std::int32_t schemaVersion() {
  return static_cast<std::int32_t>(kMigrations.size());
}

Status migrate(sqlite::Connection& connection, std::span<const Migration> steps) {
  while (true) {
    auto version = connection.integer("PRAGMA user_version");
    if (!version)
      return version.error();
    if (*version >= static_cast<std::int64_t>(steps.size()))
      return {};
    if (auto done = apply(connection, steps[static_cast<std::size_t>(*version)], *version); !done)
      return done;
  }
}

Status checkSchema(sqlite::Connection& connection) {
  static const Result<Objects> expected = expectedObjects();
  if (!expected)
    return expected.error();
  auto found = objects(connection);
  if (!found)
    return found.error();
  for (const auto& [what, sql] : *expected) {
    const auto here = found->find(what);
    if (here != found->end() && here->second == sql)
      continue;
    const char* wrong = here == found->end() ? "misses its" : "has another";
    return Error{.message = fmt::format("the database {} {}", wrong, what),
                 .file = connection.file(),
                 .expected = fmt::format("schema version {} of pto-tune", schemaVersion()),
                 .advice = "restore a copy of the file, or name another database file"};
  }
  return {};
}

} // namespace ptotune
