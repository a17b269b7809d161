// A program that is run to its end: compilers, and what they built.
#pragma once

#include "space/Result.h"

#include <chrono>
#include <string>
#include <vector>

namespace ptotune {

struct CommandOutcome {
  int code = 0;          // exit code; only where it ended by itself
  int signal = 0;        // that ended it; 0: none
  bool timedOut = false; // it was ended at the limit, with all that it started
  std::string output;    // stdout and stderr in the order of writing; of much output the tail

  bool good() const { return !timedOut && signal == 0 && code == 0; }
  std::string ending() const; // "exit code 1", "signal 11 (Segmentation fault)", "the limit of 5 s"
  std::chrono::milliseconds limit{0};
};

// Runs argv[0], looked for on PATH, in a process group of its own with /dev/null as input. An error
// where it could not be started. `environment`: "NAME=value", in addition to this process's.
Result<CommandOutcome> runCommand(const std::vector<std::string>& argv,
                                  std::chrono::milliseconds limit,
                                  const std::vector<std::string>& environment = {});

// The command as a person would type it.
std::string commandLine(const std::vector<std::string>& argv);

// The last `count` lines, behind "..." where there are more.
std::string lastLines(const std::string& text, std::size_t count);

} // namespace ptotune
