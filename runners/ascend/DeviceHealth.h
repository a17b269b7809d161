// Devices that nobody may use until a person has looked at them: a file for each, in a folder that
// all runs on a machine share.
#pragma once

#include "space/Result.h"

#include <optional>
#include <string>

namespace ptotune::ascend {

class DeviceHealth {
public:
  // "<folder>/device-<number>.quarantine"; no folder: that of DeviceLock.
  DeviceHealth(const std::string& folder, int device);

  const std::string& file() const { return file_; }
  // Why the device is set aside; nothing when it is not.
  std::optional<std::string> quarantined() const;
  // Sets it aside. The first reason stays.
  Status quarantine(const std::string& reason) const;
  void release() const;

private:
  std::string file_;
};

} // namespace ptotune::ascend
