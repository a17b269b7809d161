#include "runners/worker/Command.h"

#include "runners/worker/Spawn.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ptotune {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostOutput = std::size_t{1} << 20; // bytes kept of what a command writes

Error cannotRun(const std::string& program, int code) {
  return {.message = fmt::format("'{}' cannot be run: {}", program, std::strerror(code)),
          .advice = "check that it is installed and executable"};
}

int millisecondsUntil(Clock::time_point end) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count() + 1, 0, 60'000));
}

// Reads until the other end is closed; false at the end of time.
bool readAll(int from, Clock::time_point end, std::string& text) {
  std::array<char, 4096> buffer{};
  while (true) {
    pollfd wanted{from, POLLIN, 0};
    const int ready = ::poll(&wanted, 1, millisecondsUntil(end));
    if (ready < 0 && errno == EINTR)
      continue;
    if (ready <= 0) {
      if (Clock::now() >= end)
        return false;
      continue;
    }
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return true;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > 2 * kMostOutput)
      text.erase(0, text.size() - kMostOutput);
  }
}

// Waits until the child has ended; false at the end of time.
bool waitFor(pid_t child, Clock::time_point end, int& status) {
  constexpr useconds_t kPause = 2'000;
  while (true) {
    const pid_t done = ::waitpid(child, &status, WNOHANG);
    if (done == child || (done < 0 && errno != EINTR))
      return true;
    if (Clock::now() >= end)
      return false;
    ::usleep(kPause);
  }
}

} // namespace

std::string CommandOutcome::ending() const {
  if (timedOut)
    return fmt::format("the limit of {} s", static_cast<double>(limit.count()) / 1000);
  if (signal != 0)
    return fmt::format("signal {} ({})", signal, strsignal(signal));
  return fmt::format("exit code {}", code);
}

Result<CommandOutcome> runCommand(const std::vector<std::string>& argv,
                                  std::chrono::milliseconds limit,
                                  const std::vector<std::string>& environment) {
  PipeEnds pipe;
  const FileDescriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!nothing.open() || !pipe.make())
    return cannotRun(argv.front(), errno);
  const int to = pipe.writer.get();
  pid_t child = 0;
  if (const int code = spawn(child, argv, {nothing.get(), to, to}, environment); code != 0)
    return cannotRun(argv.front(), code);
  pipe.writer.reset();
  const Clock::time_point end = Clock::now() + limit;
  CommandOutcome outcome;
  outcome.limit = limit;
  int status = 0;
  outcome.timedOut =
      !readAll(pipe.reader.get(), end, outcome.output) || !waitFor(child, end, status);
  // What the command left running goes with it.
  ::kill(-child, SIGKILL);
  if (outcome.timedOut)
    ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status))
    outcome.signal = WTERMSIG(status);
  else
    outcome.code = WEXITSTATUS(status);
  return outcome;
}

std::string commandLine(const std::vector<std::string>& argv) {
  std::string line;
  for (const std::string& word : argv) {
    const bool plain = !word.empty() && word.find_first_of(" '\"\\$&|;<>()*?") == std::string::npos;
    line += (line.empty() ? "" : " ") + (plain ? word : "'" + word + "'");
  }
  return line;
}

std::string lastLines(const std::string& text, std::size_t count) {
  std::size_t end = text.find_last_not_of(" \n\r\t");
  if (end == std::string::npos)
    return "";
  std::size_t begin = end;
  for (std::size_t lines = 0; begin != std::string::npos; --begin) {
    begin = text.rfind('\n', begin);
    if (begin == std::string::npos || ++lines == count)
      break;
    if (begin == 0)
      break;
  }
  if (begin == std::string::npos)
    return text.substr(0, end + 1);
  return "..." + text.substr(begin, end + 1 - begin);
}

} // namespace ptotune
