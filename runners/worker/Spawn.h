// Starting programs in process groups of their own.
#pragma once

#include "runners/worker/FileDescriptor.h"

#include <string>
#include <sys/types.h>
#include <vector>

namespace ptotune {

// Both ends of a pipe, closed in children.
struct PipeEnds {
  FileDescriptor reader, writer;
  bool make(); // false: errno says why
};

// The standard streams of a child.
struct Streams {
  int input = -1;
  int output = -1;
  int error = -1;
};

// Starts command[0], looked for on PATH, with the default action for every signal and an empty
// mask: its parent's threads may block some. `environment`: "NAME=value", in place of their
// namesakes or in addition to this process's variables. 0, or the error number.
int spawn(pid_t& child, std::vector<std::string> command, const Streams& streams,
          const std::vector<std::string>& environment = {});

} // namespace ptotune
