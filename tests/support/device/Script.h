// What the virtual device and the stand-in compiler are to do, from the JSON file that
// PTO_TUNE_VIRTUAL_DEVICE names. See README.md.
#pragma once

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ptotune::test {

// A call that does not go well, from its `from`-th to its `to`-th time in a process.
struct CallFault {
  std::string call;
  std::int64_t from = 1;
  std::int64_t to = INT64_MAX;
  std::int32_t code = 0;
  bool hang = false;  // does not return
  bool crash = false; // ends the process
};

// A kernel whose point has all these values and whose problem has this s1, if one is given.
struct KernelFault {
  nlohmann::json point = nlohmann::json::object();
  std::int64_t s1 = 0;
  std::int64_t from = 1; // run of the kernel in its process
  std::int64_t to = INT64_MAX;
  std::string effect; // README.md lists them
  std::int32_t code = 0;
  double factor = 1;
  std::uint64_t seed = 0; // of "inject"

  bool meets(const nlohmann::json& ofPoint, std::int64_t ofS1, std::int64_t run) const;
};

struct Script {
  std::string socFile;       // profile of the device
  std::string soc;           // what the runtime calls it
  std::string deviceProgram; // virtual-npu
  std::string log;           // one line for each call and each built kernel; "" for none
  std::string counter;       // file that counts runs over all processes, for the drift
  bool resetHeals = true;    // whether a forced reset cures the device
  double noise = 0;          // relative spread of times
  double drift = 0;          // relative growth of times from one run to the next
  std::vector<CallFault> calls;
  std::vector<KernelFault> kernels;
  std::vector<KernelFault> compiler;

  // Adds a line to the log: this process, and what it does.
  void note(const std::string& what) const;

  // Ends the process with a message where there is no such file or it is not understood.
  static Script fromEnvironment();
};

} // namespace ptotune::test
