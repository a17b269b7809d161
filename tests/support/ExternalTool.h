// Tools that a test may need and a machine may lack. A test without its tool names the missing
// feature and skips.
//
//   feature   what it is                              where it is said
//   ptoas     an installed upstream assembler         PTOAS_BIN: the executable
//   pto-isa   a checkout with the CPU simulator       PTO_ISA_ROOT: its folder
//
// Both are environment variables and CMake cache entries; the environment wins.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/wait.h>

namespace ptotune::test {

inline std::string settingOr(const char* variable, const char* configured) {
  const char* value = std::getenv(variable);
  return value != nullptr ? value : configured;
}
inline std::string ptoasBinary() {
  return settingOr("PTOAS_BIN", PTO_TUNE_PTOAS_BIN);
}
inline std::string ptoIsaRoot() {
  return settingOr("PTO_ISA_ROOT", PTO_TUNE_PTO_ISA_ROOT);
}

// A shell command, waited for; both outputs in one text.
struct Ran {
  int code = -1;
  std::string text;
};
inline Ran shell(const std::string& command) {
  Ran ran;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr)
    return ran;
  char buffer[4096];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    ran.text.append(buffer, got);
  const int status = pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

} // namespace ptotune::test
