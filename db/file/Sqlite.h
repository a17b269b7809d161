// A thin layer over SQLite's C interface: connections, statements and transactions that close
// themselves and report failures as Errors which name the file and say what to do.
#pragma once

#include "space/Hash.h"
#include "space/Result.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;

namespace ptotune::sqlite {

// How long to wait, with growing pauses, for other processes that write to the same file.
inline constexpr std::chrono::milliseconds kBusyLimit{60'000};

class Statement;

class Connection {
public:
  // Opens `target`, a path or (with SQLITE_OPEN_URI in `flags`) a file: URI. `file` is the name
  // that errors use: the path as the user gave it.
  static Result<std::unique_ptr<Connection>> open(const std::string& target, int flags,
                                                  std::string file);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A copy of the database in memory, with the log's content.
  Result<std::unique_ptr<Connection>> copyToMemory();

  // Runs one or more statements that return no rows of interest.
  Status exec(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);
  // The first column of the first row: of a PRAGMA, a count.
  Result<std::int64_t> integer(std::string_view sql);
  Result<std::string> text(std::string_view sql);

  // Whether closing may write the log back into the file. On unless turned off.
  void checkpointOnClose(bool on);
  // Rows that the last INSERT, UPDATE or DELETE changed.
  std::int64_t changes() const;
  // INTEGER PRIMARY KEY of the last row that was inserted.
  std::int64_t lastKey() const;

  const std::string& file() const { return file_; }
  sqlite3* handle() const { return handle_; }
  // What SQLite's result code means for the user of this file.
  Error error(int code) const;

private:
  Connection(sqlite3* handle, std::string file) : handle_(handle), file_(std::move(file)) {}

  sqlite3* handle_;
  std::string file_;
};

// A prepared statement. bind() sets ?1, ?2, ... in order and rewinds the statement; texts must live
// until the next step() has returned false.
class Statement {
public:
  Statement(Connection* connection, sqlite3_stmt* handle)
      : connection_(connection), handle_(handle) {}

  template <typename... Values> Statement& bind(const Values&... values) {
    rewind();
    int index = 0;
    (put(++index, values), ...);
    return *this;
  }
  // True on a row. Failures of bind() come out here.
  Result<bool> step();
  // Steps to the end and rewinds.
  Status run();
  // The first column of the first row, if there is one; rewinds, so that no read stays open.
  Result<std::optional<std::int64_t>> integer();

  bool isNull(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const; // valid until the next step()
  Hash hash(int column) const;             // empty when NULL

private:
  void rewind();
  void put(int index, std::int64_t value);
  void put(int index, int value) { put(index, static_cast<std::int64_t>(value)); }
  void put(int index, bool value) { put(index, static_cast<std::int64_t>(value)); }
  void put(int index, double value);
  void put(int index, std::string_view value);
  void put(int index, const std::string& value) { put(index, std::string_view(value)); }
  void put(int index, const char* value) = delete;
  void put(int index, const Hash& value);
  // NULL when there is none.
  template <typename T> void put(int index, const std::optional<T>& value) {
    if (value)
      put(index, *value);
    else
      putNull(index);
  }
  void putNull(int index);

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  Connection* connection_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
  int failure_ = 0;
};

// Calls visit(row) for every row of the query `sql`; `values` are bound to ?1, ?2, ... `visit`
// gives nothing, or a Status whose error ends the walk.
template <typename Visit, typename... Values>
Status forEachRow(Connection& connection, std::string_view sql, Visit&& visit,
                  const Values&... values) {
  auto rows = connection.prepare(sql);
  if (!rows)
    return rows.error();
  rows->bind(values...);
  while (true) {
    auto row = rows->step();
    if (!row)
      return row.error();
    if (!*row)
      return {};
    if constexpr (std::is_void_v<std::invoke_result_t<Visit&, const Statement&>>)
      visit(*rows);
    else if (Status visited = visit(*rows); !visited)
      return visited;
  }
}

// A transaction that rolls back unless it was committed.
class Transaction {
public:
  enum class Kind { read, write };
  static Result<Transaction> begin(Connection& connection, Kind kind);
  ~Transaction();
  Transaction(Transaction&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;

  Status commit();

private:
  explicit Transaction(Connection* connection) : connection_(connection) {}
  Connection* connection_;
};

// Runs `sql` again, with growing pauses up to kBusyLimit, while other processes are in the way.
// For the few statements that SQLite's own busy handler does not cover.
Status execWhenFree(Connection& connection, const std::string& sql);

} // namespace ptotune::sqlite
