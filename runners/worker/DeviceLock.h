// One measurement at a time on a device, whoever measures: a file lock that all processes of a user
// on a machine share. The kernel lets go of it when its holder ends, however that happens.
#pragma once

#include "runners/worker/FileDescriptor.h"
#include "space/Result.h"

#include <atomic>
#include <optional>
#include <string>

namespace ptotune {

class DeviceLock {
public:
  // Waits until the lock is free. Who waits longest is next: a process that measures one candidate
  // after another does not keep others out. Nothing when `stop` is set meanwhile. An error where
  // the folder of the locks cannot be used.
  static Result<std::optional<DeviceLock>> acquire(const std::string& name,
                                                   const std::atomic<bool>* stop = nullptr);
  ~DeviceLock(); // takes the file away
  DeviceLock(DeviceLock&&) noexcept = default;
  DeviceLock& operator=(DeviceLock&&) = delete;

  // The folder: $XDG_RUNTIME_DIR/pto-tune, or pto-tune-<user> in the folder for temporary files;
  // only its owner may enter it.
  static std::string folder();

private:
  DeviceLock(FileDescriptor file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}

  FileDescriptor file_;
  std::string path_;
};

} // namespace ptotune
