// A process that answers lines on its stdout to lines on its stdin, in a process group of its own.
//
// Whatever the child does, its owner waits no longer than it said, keeps a bounded amount of what
// the child writes, and leaves no process of the group behind.
#pragma once

#include "runners/worker/FileDescriptor.h"
#include "space/Result.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace ptotune {

// How a process ended.
struct Ending {
  bool forced = false;      // it was ended by its owner
  int code = 0;             // exit code, where it ended by itself
  int signal = 0;           // that ended it; 0: none
  bool stuck = false;       // SIGKILL did not end it in time: it waits inside of the kernel
  std::string text() const; // "exit code 3", "SIGSEGV (Segmentation fault)"
};

class ChildProcess {
public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  // What came of waiting for a line.
  enum class Got {
    line,
    late,   // the time is over
    closed, // the child has ended, or has closed its stdout
    tooLong // a line longer than kLongestLine
  };
  static constexpr std::size_t kLongestLine = std::size_t{4} << 20; // bytes
  static constexpr std::size_t kErrorTail = std::size_t{8} << 10;   // bytes kept of stderr

  // Starts command[0], looked for on PATH. An error where it cannot be started.
  static Result<std::unique_ptr<ChildProcess>> start(const std::vector<std::string>& command);
  ~ChildProcess(); // as kill()
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }

  // Writes all of `text`, while the child's outputs are read. False where the child has ended or
  // does not read, or when the time is over.
  bool send(std::string_view text, Time end);
  // The next line of stdout, without its line feed.
  Got readLine(Time end, std::string& line);
  // Whether something came on stdout that nobody has read.
  bool chatters();

  // The last of what came on stderr.
  const std::string& errorTail() const { return errors_; }

  // Gives the child until `end` to end by itself, then ends the whole group.
  Ending settle(Time end);
  // The same, with stdin at its end.
  Ending finish(Time end);
  // Ends the whole group by force, at once.
  Ending kill();

private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  // Waits for anything to happen and takes in what the child wrote; false when the time is over.
  bool pump(Time end, bool writing);
  void takeErrors();
  void takeOutput();
  // Whether the child has ended; it is not reaped.
  bool ended() const;

  const pid_t pid_;       // also the group's
  FileDescriptor handle_; // of the process: readable when it has ended
  FileDescriptor stdin_, stdout_, stderr_;
  std::string output_;
  std::string errors_;
  std::optional<Ending> ending_;
};

} // namespace ptotune
