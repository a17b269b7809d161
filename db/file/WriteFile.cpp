#include "db/file/WriteFile.h"

#include "db/file/Inspect.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace ptotune {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kNewFileMode = 0666; // narrowed by the umask
constexpr mode_t kModeBits = 07777;

Error failure(const std::string& path, const char* what, int code, const char* advice) {
  return Error{
      .message = fmt::format("{} ({})", what, std::strerror(code)), .file = path, .advice = advice};
}

Error cannotWrite(const std::string& path, int code) {
  return failure(path, "the file cannot be written", code, "check the disk and its permissions");
}

// A file beside its target that disappears again unless it was moved onto it.
class Temporary {
public:
  explicit Temporary(const fs::path& target)
      : name_(target.parent_path() /
              fmt::format(".{}.{:08x}", target.filename().string(), std::random_device()())),
        descriptor_(::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kNewFileMode)) {}
  ~Temporary() {
    if (descriptor_ >= 0)
      ::close(descriptor_);
    if (exists_)
      ::unlink(name_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  bool open() { return exists_ = descriptor_ >= 0; }

  bool write(std::string_view content) {
    while (!content.empty()) {
      const ssize_t written = ::write(descriptor_, content.data(), content.size());
      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return false;
      content.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

  bool setMode(mode_t mode) { return ::fchmod(descriptor_, mode) == 0; }

  bool finish() {
    return ::fsync(descriptor_) == 0 && ::close(std::exchange(descriptor_, -1)) == 0;
  }

  bool moveTo(const fs::path& target) {
    if (::rename(name_.c_str(), target.c_str()) != 0)
      return false;
    exists_ = false;
    return true;
  }

private:
  fs::path name_;
  int descriptor_;
  bool exists_ = false;
};

std::optional<std::string> read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return std::nullopt;
  std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return file.bad() ? std::nullopt : std::optional(std::move(content));
}

// Makes the new name itself survive a power cut. A file system that cannot do it is no failure.
void syncDirectory(const fs::path& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return;
  ::fsync(descriptor);
  ::close(descriptor);
}

// The absolute path, symbolic links followed; the last component need not exist.
Result<fs::path> resolve(const std::string& path) {
  if (path.empty())
    return Error{.message = "the name of the file to write is empty", .expected = "a path"};
  std::error_code code;
  fs::path target = fs::weakly_canonical(fs::absolute(path, code), code);
  if (code)
    return failure(path, "the file cannot be written", code.value(), "check the path");
  return target;
}

// What stands in the way of writing here, told before anything is touched.
Status checkTarget(const std::string& path, const fs::path& target) {
  std::error_code code;
  const fs::path directory = target.parent_path();
  if (fs::is_directory(target, code))
    return Error{.message = "the file to write is a directory",
                 .file = path,
                 .expected = "the name of a file",
                 .advice = "name a file in it"};
  if (!fs::is_directory(directory, code))
    return Error{.message = "the file cannot be written: its directory does not exist",
                 .file = path,
                 .key = "directory",
                 .value = directory.string(),
                 .advice = "make the directory first"};
  if (!mayWrite(directory.string()))
    return Error{.message = "the file cannot be written: its directory is not writable",
                 .file = path,
                 .key = "directory",
                 .value = directory.string(),
                 .advice = "change its permissions, or name a file elsewhere"};
  if (fs::exists(target, code) && !fs::is_regular_file(target, code))
    return Error{.message = "the file to write is not a regular file",
                 .file = path,
                 .advice = "name another file"};
  if (fs::exists(target, code) && !mayWrite(target.string()))
    return Error{.message = "the file is read-only",
                 .file = path,
                 .advice = "make it writable, or name another file"};
  return {};
}

} // namespace

Status checkWritable(const std::string& path) {
  const auto target = resolve(path);
  if (!target)
    return target.error();
  if (auto possible = checkTarget(path, *target); !possible)
    return possible;
  Temporary probe(*target);
  return probe.open() ? Status() : cannotWrite(path, errno);
}

Status writeFile(const std::string& path, std::string_view content) {
  const auto resolved = resolve(path);
  if (!resolved)
    return resolved.error();
  const fs::path& target = *resolved;
  struct stat old{};
  const bool exists = ::stat(target.c_str(), &old) == 0;
  if (exists && S_ISREG(old.st_mode) && read(target) == content)
    return {};
  if (auto possible = checkTarget(path, target); !possible)
    return possible;
  Temporary temporary(target);
  if (!temporary.open())
    return cannotWrite(path, errno);
  const bool moved = temporary.write(content) &&
                     (!exists || temporary.setMode(old.st_mode & kModeBits)) &&
                     temporary.finish() && temporary.moveTo(target);
  if (!moved)
    return failure(path, "writing the file failed; it is as it was before", errno,
                   "check the disk: it may be full");
  syncDirectory(target.parent_path());
  return {};
}

} // namespace ptotune
