// What stands at a database's path, judged without SQLite and without writing: a file that is not
// ours is never handed to SQLite, which might change it.
#pragma once

#include "space/Result.h"

#include <cstdint>
#include <string>

namespace ptotune {

enum class OpenMode {
  readOnly,  // the file must exist; nothing is written
  readWrite, // the file must exist
  create,    // made when it is missing or empty
};

struct FileState {
  std::string target;    // absolute, symbolic links resolved
  bool fresh = false;    // missing or empty: there is no schema yet
  bool writable = false; // the file (where it exists) and its directory
  bool hasLog = false;   // a write-ahead log with content lies beside it
};

// Whether this user may write here. A file or directory without any write permission bit counts as
// read-only for the superuser too: somebody marked it so.
bool mayWrite(const std::string& path);

// Fails with the one message for the user when the path cannot be opened in this mode.
Result<FileState> inspect(const std::string& path, OpenMode mode);

// The message for a file that holds no database yet, opened to read.
Error emptyFile(const std::string& path);

// The message for a file of another program, or of a newer pto-tune; success for one of ours.
Status checkIdentity(const std::string& path, std::int64_t applicationId, std::int64_t version);

} // namespace ptotune
