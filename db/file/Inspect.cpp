#include "db/file/Inspect.h"

#include "db/Schema.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace ptotune {
namespace {

namespace fs = std::filesystem;

// Layout of an SQLite file's first page:
// https://www.sqlite.org/fileformat2.html#the_database_header
constexpr std::size_t kHeaderBytes = 100;
constexpr std::size_t kUserVersionAt = 60;
constexpr std::size_t kApplicationIdAt = 68;
constexpr std::string_view kMagic{"SQLite format 3\0", 16};

constexpr const char* kOtherFile = "name another database file";

using Header = std::array<unsigned char, kHeaderBytes>;

std::int32_t bigEndian(const Header& header, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | header[at + i];
  return static_cast<std::int32_t>(value);
}

Status checkHeader(const std::string& path, const std::string& target) {
  Header header{};
  std::ifstream file(target, std::ios::binary);
  file.read(reinterpret_cast<char*>(header.data()), static_cast<std::streamsize>(header.size()));
  if (file.bad() || !file.is_open())
    return Error{.message = fmt::format("the database cannot be read ({})", std::strerror(errno)),
                 .file = path,
                 .advice = "check the permissions of the file"};
  const std::string_view magic(reinterpret_cast<const char*>(header.data()), kMagic.size());
  if (file.gcount() < static_cast<std::streamsize>(kHeaderBytes) || magic != kMagic)
    return Error{.message = "the file is not an SQLite database",
                 .file = path,
                 .expected = "a database written by pto-tune",
                 .advice = kOtherFile};
  return checkIdentity(path, bigEndian(header, kApplicationIdAt),
                       bigEndian(header, kUserVersionAt));
}

Result<FileState> inspectMissing(const std::string& path, OpenMode mode, FileState state) {
  if (mode != OpenMode::create)
    return Error{.message = "there is no database",
                 .file = path,
                 .advice = "run pto-tune tune first, or name the file that it wrote"};
  const std::string directory = fs::path(state.target).parent_path().string();
  std::error_code code;
  if (!fs::is_directory(directory, code))
    return Error{.message = "the database cannot be made: its directory does not exist",
                 .file = path,
                 .key = "directory",
                 .value = directory,
                 .advice = "make the directory first"};
  if (!mayWrite(directory))
    return Error{.message = "the database cannot be made: its directory is not writable",
                 .file = path,
                 .key = "directory",
                 .value = directory,
                 .advice = "change its permissions, or name a file elsewhere"};
  state.fresh = true;
  state.writable = true;
  return state;
}

Status checkWritable(const std::string& path, const FileState& state) {
  if (!mayWrite(state.target))
    return Error{.message = "the database is read-only, and trials are to be written to it",
                 .file = path,
                 .advice = "make the file writable, or name another database file"};
  const std::string directory = fs::path(state.target).parent_path().string();
  if (!mayWrite(directory))
    return Error{.message = "the directory of the database is not writable",
                 .file = path,
                 .key = "directory",
                 .value = directory,
                 .expected = "a directory where the write-ahead log can lie beside the database",
                 .advice = "change its permissions, or name a file elsewhere"};
  return {};
}

// The absolute path behind the name; the last component need not exist.
std::string resolve(const std::string& path) {
  std::error_code code;
  const fs::path resolved = fs::weakly_canonical(fs::absolute(path, code), code);
  return code ? fs::absolute(path).lexically_normal().string() : resolved.string();
}

} // namespace

bool mayWrite(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0)
    return false;
  return (found.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) != 0 && ::access(path.c_str(), W_OK) == 0;
}

Error emptyFile(const std::string& path) {
  return Error{.message = "the file is empty: it holds no database",
               .file = path,
               .advice = "run pto-tune tune first, or name the file that it wrote"};
}

Status checkIdentity(const std::string& path, std::int64_t applicationId, std::int64_t version) {
  if (applicationId != kApplicationId)
    return Error{.message = "the database belongs to another program",
                 .file = path,
                 .key = "application_id",
                 .value = fmt::format("0x{:08X}", static_cast<std::uint32_t>(applicationId)),
                 .expected = fmt::format("0x{:08X} (pto-tune)", kApplicationId),
                 .advice = kOtherFile};
  if (version < 0 || version > schemaVersion())
    return Error{.message = "the database was written by a newer pto-tune",
                 .file = path,
                 .key = "user_version",
                 .value = std::to_string(version),
                 .expected = fmt::format("at most {}", schemaVersion()),
                 .advice = "use that pto-tune, or name another database file"};
  return {};
}

Result<FileState> inspect(const std::string& path, OpenMode mode) {
  if (path.empty())
    return Error{.message = "the name of the database file is empty",
                 .expected = "a path, for example results.db"};
  FileState state{.target = resolve(path)};
  struct stat found{};
  if (::stat(state.target.c_str(), &found) != 0) {
    if (errno == ENOENT || errno == ENOTDIR)
      return inspectMissing(path, mode, std::move(state));
    return Error{.message = fmt::format("the database cannot be opened ({})", std::strerror(errno)),
                 .file = path,
                 .advice = "check the permissions of the directories above it"};
  }
  if (!S_ISREG(found.st_mode))
    return Error{.message = S_ISDIR(found.st_mode) ? "the database is a directory"
                                                   : "the database is not a regular file",
                 .file = path,
                 .expected = "a file",
                 .advice = S_ISDIR(found.st_mode) ? "name a file in it" : kOtherFile};
  if (mode != OpenMode::readOnly)
    if (auto writable = checkWritable(path, state); !writable)
      return writable.error();
  state.writable =
      mayWrite(state.target) && mayWrite(fs::path(state.target).parent_path().string());
  struct stat log{};
  state.hasLog = ::stat((state.target + "-wal").c_str(), &log) == 0 && log.st_size > 0;
  if (found.st_size == 0) {
    if (mode != OpenMode::create)
      return emptyFile(path);
    state.fresh = true;
    return state;
  }
  if (auto ours = checkHeader(path, state.target); !ours)
    return ours.error();
  return state;
}

Status checkNetwork(const std::string& path, const FileState& file, OpenMode mode,
                    const NetworkProbe& probe) {
  const auto network = probe(file.target);
  if (!network || (mode == OpenMode::readOnly && !file.hasLog))
    return {};
  Error error{.message = fmt::format("the database lies on a network file system ({}), where its "
                                     "write-ahead log does not work: the log needs memory that "
                                     "processes on several machines do not share, and the file "
                                     "would be damaged",
                                     *network),
              .file = path,
              .advice = "keep the database on a local disk; when nobody uses it, copy the file to "
                        "the network, where it can be read, and take in those of others by "
                        "'pto-tune db merge'"};
  if (mode == OpenMode::readOnly)
    error.advice = "it was not closed: open it once on the machine that wrote it, or copy it to a "
                   "local disk together with the file that ends in -wal";
  return error;
}

} // namespace ptotune
