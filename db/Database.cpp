#include "db/Database.h"

#include "db/DatabaseState.h"
#include "db/Identity.h"
#include "db/RowWriter.h"
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
// it could only leave log files behind that nobody else may write; so does one on a network.
Result<std::unique_ptr<Connection>> connect(const std::string& path, const FileState& file,
                                            OpenMode mode) {
  if (mode == OpenMode::create)
    return Connection::open(file.target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, path);
  if (mode == OpenMode::readWrite)
    return Connection::open(file.target, SQLITE_OPEN_READWRITE, path);
  if ((!file.writable || file.network) && !file.hasLog)
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
                 .advice = "restore a copy of the file, or read what can be read by "
                           "'pto-tune db recover'"};
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

// A reader of an older file reads a copy of it in memory that was brought up to date.
Result<std::unique_ptr<Connection>> upToDate(std::unique_ptr<Connection> connection) {
  auto version = connection->integer("PRAGMA user_version");
  if (!version)
    return version.error();
  if (*version >= schemaVersion())
    return connection;
  auto copy = connection->copyToMemory();
  if (!copy)
    return copy;
  if (auto migrated = migrate(**copy); !migrated)
    return migrated.error();
  if (auto complete = checkSchema(**copy); !complete)
    return complete.error();
  if (auto set = (*copy)->exec("PRAGMA query_only=ON"); !set)
    return set.error();
  return copy;
}

} // namespace

Result<std::unique_ptr<Connection>> connectToRead(const std::string& path, const FileState& file) {
  return connect(path, file, OpenMode::readOnly);
}

std::int64_t microsecondsNow() {
  const auto sinceEpoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(sinceEpoch).count();
}

Result<RowWriter*> Database::State::writer() {
  if (!writer_) {
    auto made = RowWriter::make(*connection);
    if (!made)
      return made.error();
    writer_.emplace(*std::move(made));
  }
  return &*writer_;
}

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

const std::string& Database::path() const {
  return state_->path;
}

Result<Database> Database::open(const std::string& path, OpenMode mode, const NetworkProbe& probe) {
  auto file = inspect(path, mode);
  if (!file)
    return file.error();
  if (auto local = checkNetwork(path, *file, mode, probe); !local)
    return local.error();
  file->network = mode == OpenMode::readOnly && probe(file->target).has_value();
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
  if (mode == OpenMode::readOnly)
    connection = upToDate(std::move(*connection));
  if (!connection)
    return connection.error();
  if (mode != OpenMode::readOnly)
    if (auto ready = prepareForWriting(**connection); !ready)
      return ready.error();
  auto state = std::make_unique<State>();
  state->path = path;
  state->connection = std::move(*connection);
  return Database(std::move(state));
}

Result<SessionId> Database::beginSession(const Environment& environment, const std::string& command,
                                         const SessionDetails& details) {
  const std::lock_guard lock(state_->mutex);
  Connection& connection = *state_->connection;
  std::random_device random;
  const std::uint64_t nonce = static_cast<std::uint64_t>(random()) << 32 | random();
  const SessionIdentity session{.environment = environment.hash(),
                                .host = hostName(),
                                .command = command,
                                .started = microsecondsNow(),
                                .nonce = static_cast<std::int64_t>(nonce),
                                .device = details.device,
                                .searcher = details.searcher,
                                .seed = details.seed,
                                .options = details.options};
  auto transaction = Transaction::begin(connection, Transaction::Kind::write);
  if (!transaction)
    return transaction.error();
  auto writer = state_->writer();
  if (!writer)
    return writer.error();
  auto owner = (*writer)->environment(environment);
  if (!owner)
    return owner.error();
  if (auto row = (*writer)->session(session, owner->key); !row)
    return row.error();
  if (auto done = transaction->commit(); !done)
    return done.error();
  return SessionId{contentId(session)};
}

} // namespace ptotune
