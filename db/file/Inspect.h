// What stands at a database's path, judged without SQLite and without writing: a file that is not
// ours is never handed to SQLite, which might change it.
#pragma once

#include "space/Result.h"

#include <cstdint>
#include <functional>
#include <optional>
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
  bool network = false;  // on a network file system
};

// Whether this user may write here. A file or directory without any write permission bit counts as
// read-only for the superuser too: somebody marked it so.
bool mayWrite(const std::string& path);

// Fails with the one message for the user when the path cannot be opened in this mode.
Result<FileState> inspect(const std::string& path, OpenMode mode);

// The name of the network file system that a path lies on, or nothing: networkFileSystem() but in
// tests.
using NetworkProbe = std::function<std::optional<std::string>(const std::string& path)>;

// SQLite's log needs memory that all of its users share, so that it must not be used over a network
// (https://www.sqlite.org/wal.html, "All processes using a database must be on the same host
// computer"). Fails where this file would be opened with it; an idle file on a network can be read.
Status checkNetwork(const std::string& path, const FileState& file, OpenMode mode,
                    const NetworkProbe& probe);

// The message for a file that holds no database yet, opened to read.
Error emptyFile(const std::string& path);

// The message for a file of another program, or of a newer pto-tune; success for one of ours.
Status checkIdentity(const std::string& path, std::int64_t applicationId, std::int64_t version);

} // namespace ptotune
