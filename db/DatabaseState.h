// What an open Database holds; private to db/.
#pragma once

#include "db/Database.h"
#include "db/file/Sqlite.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace ptotune {

struct Database::State {
  std::string path;
  std::unique_ptr<sqlite::Connection> connection;
  std::mutex mutex; // held by every public function while it uses the connection
};

// Opens a file that inspect() let pass to read it, sound or not.
Result<std::unique_ptr<sqlite::Connection>> connectToRead(const std::string& path,
                                                          const FileState& file);

// Microseconds since 1970, UTC: how the file tells time.
std::int64_t microsecondsNow();

} // namespace ptotune
