#include "runners/worker/DeviceLock.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>

namespace ptotune {
namespace {

constexpr std::chrono::milliseconds kPause{2};

Error cannotLock(const std::string& path, const std::string& why) {
  return {.message = "the lock of a device cannot be taken: " + why,
          .file = path,
          .advice = "set XDG_RUNTIME_DIR to a folder of your own"};
}

// Makes the folder; refuses one that somebody else may write.
Status prepareFolder(const std::string& path) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST)
    return cannotLock(path, std::strerror(errno));
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0)
    return cannotLock(path, std::strerror(errno));
  if (!S_ISDIR(status.st_mode) || status.st_uid != ::geteuid() ||
      (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return cannotLock(path, "it is not a folder that belongs to this user alone");
  return {};
}

// Whether the open file is still the one at the path: its holder before may have taken it away.
bool stillThere(const FileDescriptor& file, const std::string& path) {
  struct stat open{};
  struct stat there{};
  return ::fstat(file.get(), &open) == 0 && ::stat(path.c_str(), &there) == 0 &&
         open.st_dev == there.st_dev && open.st_ino == there.st_ino;
}

// One try. A closed descriptor: somebody else has it.
Result<FileDescriptor> tryLock(const std::string& path) {
  constexpr mode_t kMine = S_IRUSR | S_IWUSR;
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kMine));
  if (!file.open())
    return cannotLock(path, std::strerror(errno));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0)
    return stillThere(file, path) ? std::move(file) : FileDescriptor();
  if (errno != EWOULDBLOCK && errno != EINTR)
    return cannotLock(path, std::strerror(errno));
  return FileDescriptor();
}

Result<FileDescriptor> waitForLock(const std::string& path, const std::atomic<bool>* stop) {
  while (true) {
    auto file = tryLock(path);
    if (!file || file->open() || (stop != nullptr && *stop))
      return file;
    std::this_thread::sleep_for(kPause);
  }
}

} // namespace

std::string DeviceLock::folder() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime == '/')
    return std::string(runtime) + "/pto-tune";
  std::error_code ignored;
  const auto temporary = std::filesystem::temp_directory_path(ignored);
  return fmt::format("{}/pto-tune-{}", temporary.empty() ? "/tmp" : temporary.string(),
                     ::geteuid());
}

// Two files: who waits for the device holds the second one, where all others wait for their turn.
// So a holder that comes back at once finds somebody before it.
Result<std::optional<DeviceLock>> DeviceLock::acquire(const std::string& name,
                                                      const std::atomic<bool>* stop) {
  const std::string path = folder();
  if (auto sound = prepareFolder(path); !sound)
    return sound.error();
  const std::string next = fmt::format("{}/{}.next", path, name);
  auto turn = waitForLock(next, stop);
  if (!turn)
    return turn.error();
  if (!turn->open())
    return std::optional<DeviceLock>();
  const DeviceLock waiting(*std::move(turn), next);
  const std::string device = fmt::format("{}/{}.lock", path, name);
  auto file = waitForLock(device, stop);
  if (!file)
    return file.error();
  if (!file->open())
    return std::optional<DeviceLock>();
  return std::optional<DeviceLock>(DeviceLock(*std::move(file), device));
}

DeviceLock::~DeviceLock() {
  if (file_.open())
    ::unlink(path_.c_str());
}

} // namespace ptotune
