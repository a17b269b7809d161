#include "runners/worker/Device.h"

#include <algorithm>
#include <cstdlib>

namespace ptotune {
namespace {

constexpr std::size_t kMostDigits = 4;

bool isNumber(std::string_view text) {
  return !text.empty() && text.size() <= kMostDigits &&
         std::ranges::all_of(text, [](char letter) { return letter >= '0' && letter <= '9'; });
}

} // namespace

std::string resolvedDevice(const std::string& device) {
  if (device != kAutoDevice)
    return device;
  for (const char* name : {"TASK_DEVICE", "ACL_DEVICE_ID"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && isNumber(value))
      return value;
  }
  return "0";
}

Result<std::vector<std::string>> parseDevices(std::string_view text) {
  if (text == kAutoDevice)
    return std::vector<std::string>{std::string(kAutoDevice)};
  const auto wrong = [&](std::string message) {
    return Error{.message = std::move(message),
                 .value = std::string(text),
                 .expected = "numbers of devices, \"0\" or \"0,1\", or \"auto\""};
  };
  std::vector<std::string> devices;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string_view one = text.substr(at, end - at);
    if (!isNumber(one))
      return wrong("not the number of a device");
    const std::string device = std::to_string(std::stoi(std::string(one)));
    if (std::ranges::find(devices, device) != devices.end())
      return wrong("the same device twice");
    devices.push_back(device);
    at = end + 1;
  }
  return devices;
}

} // namespace ptotune
