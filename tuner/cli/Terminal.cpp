#include "tuner/cli/Terminal.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace ptotune::cli {
namespace {

constexpr std::size_t kLeastWidth = 40;

std::string_view environmentVariable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::optional<std::size_t> askedWidth() {
  const std::string_view text = environmentVariable("COLUMNS");
  std::size_t width = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
  if (error != std::errc() || end != text.data() + text.size() || width == 0)
    return std::nullopt;
  return std::max(width, kLeastWidth);
}

} // namespace

Terminal terminalOf(std::FILE* stream) {
  Terminal terminal;
  const int descriptor = fileno(stream);
  terminal.interactive = isatty(descriptor) == 1;
  // no-color.org: any content counts.
  terminal.colour = terminal.interactive && environmentVariable("NO_COLOR").empty() &&
                    environmentVariable("TERM") != "dumb";
  winsize size{};
  if (const auto asked = askedWidth())
    terminal.width = *asked;
  else if (terminal.interactive && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    terminal.width = std::max<std::size_t>(size.ws_col, kLeastWidth);
  return terminal;
}

std::size_t tableWidth() {
  if (const auto asked = askedWidth())
    return *asked;
  const Terminal terminal = terminalOf(stdout);
  return terminal.interactive ? terminal.width : kAnyWidth;
}

} // namespace ptotune::cli
