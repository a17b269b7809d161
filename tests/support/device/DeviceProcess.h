// Asks the device's process (VirtualNpu.cpp) to execute a kernel.
#pragma once

#include <nlohmann/json.hpp>

#include <span>
#include <string>
#include <vector>

namespace ptotune::test {

struct Execution {
  std::string outcome; // "finished", "hang", "protocol error", "invalid", ...
  std::string detail;
  double seconds = 0;
  nlohmann::json rings; // bytes that the kernel uses of each FIFO's ring
  std::vector<float> out;
};

// `tensors`: the bytes of q, k and v.
Execution execute(const std::string& program, const nlohmann::json& request,
                  std::span<const std::span<const char>> tensors);

} // namespace ptotune::test
