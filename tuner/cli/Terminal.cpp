#include "tuner/cli/Terminal.h"

#include <algorithm>
#include <sys/ioctl.h>
#include <unistd.h>

namespace ptotune::cli {

Terminal terminalOf(std::FILE* stream) {
  Terminal terminal;
  const int descriptor = fileno(stream);
  terminal.interactive = isatty(descriptor) == 1;
  winsize size{};
  if (terminal.interactive && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    terminal.width = std::max<std::size_t>(size.ws_col, 40);
  return terminal;
}

} // namespace ptotune::cli
