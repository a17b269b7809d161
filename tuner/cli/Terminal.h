// Where output goes, and how wide it may be.
#pragma once

#include <cstddef>
#include <cstdio>

namespace ptotune::cli {

struct Terminal {
  bool interactive = false; // a person watches: lines may be rewritten
  std::size_t width = 80;   // columns; 80 where there is no terminal
};
Terminal terminalOf(std::FILE* stream);

} // namespace ptotune::cli
