// What an open Database holds; private to db/.
#pragma once

#include "db/Database.h"
#include "db/RowWriter.h"
#include "db/file/Sqlite.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace ptotune {

struct Database::State {
  std::string path;
  std::unique_ptr<sqlite::Connection> connection;
  std::mutex mutex; // held by every public function while it uses the connection

  // The writer of this connection, made when it is first asked for.
  Result<RowWriter*> writer();

private:
  std::optional<RowWriter> writer_; // of `connection`, so it goes first
};

// Opens a file that inspect() let pass to read it, sound or not.
Result<std::unique_ptr<sqlite::Connection>> connectToRead(const std::string& path,
                                                          const FileState& file);

// Microseconds since 1970, UTC: how the file tells time.
std::int64_t microsecondsNow();

} // namespace ptotune
