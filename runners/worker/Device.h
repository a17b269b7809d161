// Names of devices.
#pragma once

#include "space/Result.h"

#include <string>
#include <string_view>
#include <vector>

namespace ptotune {

// Which device "auto" is: that of the environment, as a laboratory's job system or CANN's own
// programs name it (TASK_DEVICE, ACL_DEVICE_ID), else "0".
inline constexpr std::string_view kAutoDevice = "auto";
std::string resolvedDevice(const std::string& device);

// "0,1" or "auto": each a number, none twice.
Result<std::vector<std::string>> parseDevices(std::string_view text);

} // namespace ptotune
