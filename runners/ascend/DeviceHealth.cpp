#include "runners/ascend/DeviceHealth.h"

#include "runners/worker/DeviceLock.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace ptotune::ascend {

DeviceHealth::DeviceHealth(const std::string& folder, int device)
    : file_(fmt::format("{}/device-{}.quarantine", folder.empty() ? DeviceLock::folder() : folder,
                        device)) {}

std::optional<std::string> DeviceHealth::quarantined() const {
  std::ifstream file(file_);
  if (!file)
    return std::nullopt;
  std::string reason;
  std::getline(file, reason);
  return reason;
}

Status DeviceHealth::quarantine(const std::string& reason) const {
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(file_).parent_path(), failed);
  constexpr mode_t kReadable = 0644;
  const int file = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kReadable);
  if (file < 0 && errno == EEXIST)
    return {};
  const std::string line = fmt::format(
      "{:%Y-%m-%dT%H:%M:%SZ} {}\n",
      fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())), reason);
  const bool written =
      file >= 0 && ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  const int code = errno;
  if (file >= 0)
    ::close(file);
  if (written)
    return {};
  return Error{.message = fmt::format("a device cannot be set aside: {}", std::strerror(code)),
               .file = file_,
               .advice = "make the folder writable"};
}

void DeviceHealth::release() const {
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

} // namespace ptotune::ascend
