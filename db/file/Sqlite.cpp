#include "db/file/Sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <thread>

namespace ptotune::sqlite {
namespace {

constexpr const char* kDamagedAdvice =
    "restore a copy of the file, or read what can be read by 'pto-tune db recover'";

bool isBusy(int code) {
  const int primary = code & 0xff;
  return primary == SQLITE_BUSY || primary == SQLITE_LOCKED || code == SQLITE_PROTOCOL;
}

// Big-endian, as Hash::hex() prints it: blobs in the file read like the printed hash.
std::array<unsigned char, 16> bytesOf(const Hash& hash) {
  std::array<unsigned char, 16> bytes;
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<unsigned char>(hash.high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<unsigned char>(hash.low >> (56 - 8 * i));
  }
  return bytes;
}

std::string prepareFailure(const Error& error, std::string_view sql) {
  return fmt::format("{} (in: {})", error.message, sql.substr(0, 80));
}

} // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& target, int flags,
                                                     std::string file) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(target.c_str(), &handle, flags, nullptr);
  if (handle == nullptr)
    return Error{.message = "out of memory while opening the database", .file = std::move(file)};
  std::unique_ptr<Connection> connection(new Connection(handle, std::move(file)));
  if (code != SQLITE_OK)
    return connection->error(code);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, static_cast<int>(kBusyLimit.count()));
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (auto set = connection->exec("PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON"); !set)
    return set.error();
  return connection;
}

Connection::~Connection() {
  sqlite3_close_v2(handle_);
}

Result<std::unique_ptr<Connection>> Connection::copyToMemory() {
  auto copy =
      open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY, file_);
  if (!copy)
    return copy;
  sqlite3* target = (*copy)->handle();
  sqlite3_backup* backup = sqlite3_backup_init(target, "main", handle_, "main");
  if (backup == nullptr)
    return (*copy)->error(sqlite3_errcode(target));
  const int code = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE)
    return (*copy)->error(code);
  return copy;
}

Status Connection::exec(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK)
    return error(code);
  return {};
}

Result<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) {
    Error failure = error(code);
    failure.message = prepareFailure(failure, sql);
    return failure;
  }
  return Statement(this, statement);
}

namespace {

// The first column of the first row, or a default where there is no row.
template <typename Value, typename Read>
Result<Value> firstValue(Result<Statement> statement, Read read) {
  if (!statement)
    return statement.error();
  const auto row = statement->step();
  if (!row)
    return row.error();
  return *row ? Value(read(*statement)) : Value();
}

} // namespace

Result<std::int64_t> Connection::integer(std::string_view sql) {
  return firstValue<std::int64_t>(prepare(sql), [](const Statement& s) { return s.integer(0); });
}

Result<std::string> Connection::text(std::string_view sql) {
  return firstValue<std::string>(prepare(sql), [](const Statement& s) { return s.text(0); });
}

void Connection::checkpointOnClose(bool on) {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on ? 0 : 1, nullptr);
}

std::int64_t Connection::changes() const {
  return sqlite3_changes64(handle_);
}

std::int64_t Connection::lastKey() const {
  return sqlite3_last_insert_rowid(handle_);
}

Error Connection::error(int code) const {
  const char* said = sqlite3_errmsg(handle_);
  Error error{.file = file_};
  switch (code & 0xff) {
  case SQLITE_CORRUPT:
    error.message = fmt::format("the database is damaged ({})", said);
    error.advice = kDamagedAdvice;
    break;
  case SQLITE_NOTADB:
    error.message = "the file is not an SQLite database, or its first page is damaged";
    error.expected = "a database written by pto-tune";
    error.advice = "name another database file";
    break;
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
  case SQLITE_PROTOCOL:
    error.message = fmt::format("other processes kept writing to the database for {} s",
                                kBusyLimit.count() / 1000);
    error.advice = "wait until they are done, or give each of them a database of its own";
    break;
  case SQLITE_FULL:
    error.message = "the disk is full; nothing of this batch was stored";
    error.advice = "make room and run again: what is stored already is kept";
    break;
  case SQLITE_READONLY:
    error.message = "the database cannot be written";
    error.advice = "check the permissions of the file and of its directory";
    break;
  case SQLITE_CANTOPEN:
    error.message = fmt::format("the database cannot be opened ({})",
                                std::strerror(sqlite3_system_errno(handle_)));
    error.advice = "check the permissions of the file and of its directory";
    break;
  case SQLITE_IOERR:
    error.message = fmt::format("reading or writing the database failed ({})",
                                std::strerror(sqlite3_system_errno(handle_)));
    error.advice = "check the disk";
    break;
  default:
    error.message = fmt::format("SQLite: {}", said);
  }
  return error;
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void Statement::rewind() {
  sqlite3_reset(handle_.get());
  failure_ = SQLITE_OK;
}

void Statement::put(int index, std::int64_t value) {
  if (const int code = sqlite3_bind_int64(handle_.get(), index, value); failure_ == SQLITE_OK)
    failure_ = code;
}

void Statement::put(int index, double value) {
  if (const int code = sqlite3_bind_double(handle_.get(), index, value); failure_ == SQLITE_OK)
    failure_ = code;
}

void Statement::put(int index, std::string_view value) {
  // A null pointer would bind NULL instead of an empty text.
  const int code = sqlite3_bind_text64(handle_.get(), index, value.empty() ? "" : value.data(),
                                       value.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (failure_ == SQLITE_OK)
    failure_ = code;
}

void Statement::put(int index, const Hash& value) {
  const auto bytes = bytesOf(value);
  const int code =
      sqlite3_bind_blob(handle_.get(), index, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
  if (failure_ == SQLITE_OK)
    failure_ = code;
}

void Statement::putNull(int index) {
  if (const int code = sqlite3_bind_null(handle_.get(), index); failure_ == SQLITE_OK)
    failure_ = code;
}

Result<bool> Statement::step() {
  if (failure_ != SQLITE_OK)
    return connection_->error(failure_);
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW)
    return true;
  if (code != SQLITE_DONE) {
    Error error = connection_->error(code);
    rewind();
    return error;
  }
  rewind();
  return false;
}

Status Statement::run() {
  while (true) {
    auto row = step();
    if (!row)
      return row.error();
    if (!*row)
      return {};
  }
}

Result<std::optional<std::int64_t>> Statement::integer() {
  auto row = step();
  if (!row)
    return row.error();
  std::optional<std::int64_t> value;
  if (*row)
    value = integer(0);
  rewind();
  return value;
}

bool Statement::isNull(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(handle_.get(), column);
}

std::string_view Statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
  const int size = sqlite3_column_bytes(handle_.get(), column);
  return data == nullptr ? std::string_view()
                         : std::string_view(data, static_cast<std::size_t>(size));
}

Hash Statement::hash(int column) const {
  const auto* data = static_cast<const unsigned char*>(sqlite3_column_blob(handle_.get(), column));
  Hash hash;
  if (data == nullptr || sqlite3_column_bytes(handle_.get(), column) != 16)
    return hash;
  for (std::size_t i = 0; i < 8; ++i) {
    hash.high = hash.high << 8 | data[i];
    hash.low = hash.low << 8 | data[8 + i];
  }
  return hash;
}

Result<Transaction> Transaction::begin(Connection& connection, Kind kind) {
  auto begun =
      kind == Kind::write ? execWhenFree(connection, "BEGIN IMMEDIATE") : connection.exec("BEGIN");
  if (!begun)
    return begun.error();
  return Transaction(&connection);
}

Transaction::~Transaction() {
  if (connection_ != nullptr && sqlite3_get_autocommit(connection_->handle()) == 0)
    sqlite3_exec(connection_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Status Transaction::commit() {
  Status committed = execWhenFree(*connection_, "COMMIT");
  if (committed)
    connection_ = nullptr;
  return committed;
}

Status execWhenFree(Connection& connection, const std::string& sql) {
  const auto deadline = std::chrono::steady_clock::now() + kBusyLimit;
  std::chrono::milliseconds pause{1};
  while (true) {
    const int code = sqlite3_exec(connection.handle(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code == SQLITE_OK)
      return {};
    if (!isBusy(code) || std::chrono::steady_clock::now() >= deadline)
      return connection.error(code);
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::milliseconds{100});
  }
}

} // namespace ptotune::sqlite
