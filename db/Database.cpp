#include "db/Database.h"

#include "db/DatabaseState.h"
#include "db/Identity.h"
#include "db/Schema.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <chrono>
#include <random>
#include <unistd.h>

namespace ptotune {
namespace {

using sqlite::Connection;
using sqlite::Transaction;

// A file: URI for SQLite; every byte but the plain ones is escaped.
std::string immutableUri(const std::string& target) {
  std::string uri = "file:";
  for (const char c : target) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '.' || c == '-' || c == '_';
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri + "?immutable=1";
}

// A reader that may write opens the file for writing, so that closing removes the log's files
// again; it never writes itself. A reader that may not write reads an idle file as it stands, for
// it could only leave log files behind that nobody else may write.
Result<std::unique_ptr<Connection>> connect(const std::string& path, const FileState& file,
                                            OpenMode mode) {
  if (mode == OpenMode::create)
    return Connection::open(file.target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, path);
  if (mode == OpenMode::readWrite)
    return Connection::open(file.target, SQLITE_OPEN_READWRITE, path);
  if (!file.writable && !file.hasLog)
    return Connection::open(immutableUri(file.target), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
                            path);
  auto connection = Connection::open(
      file.target, file.writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, path);
  if (connection)
    if (auto set = (*connection)->exec("PRAGMA query_only=ON"); !set)
      return set.error();
  return connection;
}

// Identity and soundness as SQLite sees them, with the log's content. Nothing is written.
Status verify(Connection& connection, OpenMode mode) {
  auto id = connection.integer("PRAGMA application_id");
  if (!id)
    return id.error();
  auto version = connection.integer("PRAGMA user_version");
  if (!version)
    return version.error();
  if (auto ours = checkIdentity(connection.file(), *id, *version); !ours)
    return ours;
  if (mode == OpenMode::readOnly && *version < schemaVersion())
    return Error{.message = "the database was written by an older pto-tune",
                 .file = connection.file(),
                 .key = "user_version",
                 .value = std::to_string(*version),
                 .expected = std::to_string(schemaVersion()),
                 .advice = "run pto-tune tune on it once: that brings it up to date"};
  if (*version == schemaVersion())
    if (auto complete = checkSchema(connection); !complete)
      return complete;
  if (mode == OpenMode::readOnly)
    return {};
  auto check = connection.text("PRAGMA quick_check(1)");
  if (!check)
    return check.error();
  if (*check != "ok")
    return Error{.message = fmt::format("the database is damaged ({})",
                                        check->substr(check->rfind('\n') + 1)),
                 .file = connection.file(),
                 .advice = "restore a copy of the file, or name another database file"};
  return {};
}

// The log lets readers and one writer work at the same time; synchronous=FULL makes a committed
// batch survive a power cut. FORMAT.md gives the price.
Status prepareForWriting(Connection& connection) {
  if (auto migrated = migrate(connection); !migrated)
    return migrated;
  auto journal = connection.text("PRAGMA journal_mode");
  if (!journal)
    return journal.error();
  if (*journal != "wal")
    if (auto set = sqlite::execWhenFree(connection, "PRAGMA journal_mode=WAL"); !set)
      return set;
  return connection.exec("PRAGMA synchronous=FULL");
}

std::string hostName() {
  char name[256] = {};
  return ::gethostname(name, sizeof(name) - 1) == 0 ? name : "unknown";
}

Status insertEnvironment(Connection& connection, const Hash& id, const Environment& environment) {
  auto insert = connection.prepare(
      "INSERT INTO environment (id, soc, soc_hash, runner, runner_version, toolchain, tool_version)"
      " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING");
  if (!insert)
    return insert.error();
  return insert
      ->bind(id, environment.soc, environment.socHash, environment.runner,
             environment.runnerVersion, environment.toolchain, environment.toolVersion)
      .run();
}

} // namespace

std::int64_t microsecondsNow() {
  const auto sinceEpoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(sinceEpoch).count();
}

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

const std::string& Database::path() const {
  return state_->path;
}

Result<Database> Database::open(const std::string& path, OpenMode mode) {
  auto file = inspect(path, mode);
  if (!file)
    return file.error();
  auto connection = connect(path, *file, mode);
  if (!connection)
    return connection.error();
  // Until the file is known to be ours, closing must not move the log into it.
  if (file->hasLog)
    (*connection)->checkpointOnClose(false);
  auto pages = (*connection)->integer("PRAGMA page_count");
  if (!pages)
    return pages.error();
  // Creation that was cut short leaves no pages once SQLite has undone it.
  if (*pages == 0 && mode == OpenMode::readOnly)
    return emptyFile(path);
  if (*pages > 0)
    if (auto sound = verify(**connection, mode); !sound)
      return sound.error();
  (*connection)->checkpointOnClose(true);
  if (mode != OpenMode::readOnly)
    if (auto ready = prepareForWriting(**connection); !ready)
      return ready.error();
  auto state = std::make_unique<State>();
  state->path = path;
  state->connection = std::move(*connection);
  return Database(std::move(state));
}

Result<SessionId> Database::beginSession(const Environment& environment,
                                         const std::string& command) {
  const std::lock_guard lock(state_->mutex);
  Connection& connection = *state_->connection;
  std::random_device random;
  const std::uint64_t nonce = static_cast<std::uint64_t>(random()) << 32 | random();
  const SessionIdentity session{.environment = environment.hash(),
                                .host = hostName(),
                                .command = command,
                                .started = microsecondsNow(),
                                .nonce = static_cast<std::int64_t>(nonce)};
  const Hash id = contentId(session);
  auto transaction = Transaction::begin(connection, Transaction::Kind::write);
  if (!transaction)
    return transaction.error();
  if (auto done = insertEnvironment(connection, session.environment, environment); !done)
    return done.error();
  auto insert = connection.prepare("INSERT INTO session (id, environment, host, command, started,"
                                   " nonce) SELECT ?, key, ?, ?, ?, ? FROM environment"
                                   " WHERE id = ?");
  if (!insert)
    return insert.error();
  if (auto done = insert
                      ->bind(id, session.host, session.command, session.started, session.nonce,
                             session.environment)
                      .run();
      !done)
    return done.error();
  if (auto done = transaction->commit(); !done)
    return done.error();
  return SessionId{id};
}

} // namespace ptotune
