#include "runners/worker/ChildProcess.h"

#include "runners/worker/Spawn.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>

namespace ptotune {
namespace {

using Time = ChildProcess::Time;
using Clock = ChildProcess::Clock;

// How long SIGKILL may take before a process counts as stuck.
constexpr std::chrono::seconds kKillPatience{5};
// Read from one pipe before the others are looked at again.
constexpr std::size_t kReadAtOnce = std::size_t{64} << 10;

void doNotBlock(const FileDescriptor& descriptor) {
  ::fcntl(descriptor.get(), F_SETFL, O_NONBLOCK);
}

int millisecondsUntil(Time end) {
  constexpr std::int64_t kMost = 3'600'000;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, kMost));
}

enum class Read { some, nothing, end };
Read readSome(const FileDescriptor& from, std::string& to) {
  std::array<char, 16384> buffer{};
  for (std::size_t total = 0; total < kReadAtOnce;) {
    const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return errno == EAGAIN ? Read::nothing : Read::end;
    if (got == 0)
      return Read::end;
    to.append(buffer.data(), static_cast<std::size_t>(got));
    total += static_cast<std::size_t>(got);
  }
  return Read::some;
}

// A descriptor that is readable when the process has ended, closed in children; -1 where the kernel
// has none. glibc 2.36 declares the call without C linkage.
int openHandle(pid_t process) {
  return static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
}

// A write to a child that has ended is an error code, not a signal.
class NoPipeSignal {
public:
  NoPipeSignal() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, &before_);
    sigset_t pending;
    sigpending(&pending);
    wasPending_ = sigismember(&pending, SIGPIPE) == 1;
  }
  ~NoPipeSignal() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    const timespec now{};
    if (!wasPending_)
      while (sigtimedwait(&set, nullptr, &now) < 0 && errno == EINTR) {
      }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

private:
  sigset_t before_{};
  bool wasPending_ = false;
};

} // namespace

std::string Ending::text() const {
  if (stuck)
    return "SIGKILL did not end it: it waits inside of the kernel";
  if (signal == 0)
    return fmt::format("exit code {}", code);
  const char* abbreviation = ::sigabbrev_np(signal);
  if (abbreviation == nullptr)
    return fmt::format("signal {}", signal);
  return fmt::format("SIG{} ({})", abbreviation, ::sigdescr_np(signal));
}

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(const std::vector<std::string>& command) {
  const auto cannot = [&](int code) {
    return Error{
        .message = fmt::format("'{}' cannot be started: {}", command.front(), std::strerror(code)),
        .advice = "check that it is there and executable"};
  };
  PipeEnds in;
  PipeEnds out;
  PipeEnds err;
  if (!in.make() || !out.make() || !err.make())
    return cannot(errno);
  pid_t pid = 0;
  const Streams streams{in.reader.get(), out.writer.get(), err.writer.get()};
  if (const int code = spawn(pid, command, streams); code != 0)
    return cannot(code);
  std::unique_ptr<ChildProcess> child(new ChildProcess(pid));
  child->handle_ = FileDescriptor(openHandle(child->pid_));
  child->stdin_ = std::move(in.writer);
  child->stdout_ = std::move(out.reader);
  child->stderr_ = std::move(err.reader);
  for (const FileDescriptor* one : {&child->stdin_, &child->stdout_, &child->stderr_})
    doNotBlock(*one);
  return child;
}

ChildProcess::~ChildProcess() {
  kill();
}

bool ChildProcess::ended() const {
  siginfo_t info{};
  return ending_ ||
         ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
         info.si_pid == pid_;
}

void ChildProcess::takeOutput() {
  if (stdout_.open() && output_.size() <= kLongestLine && readSome(stdout_, output_) == Read::end)
    stdout_.reset();
}

void ChildProcess::takeErrors() {
  if (stderr_.open() && readSome(stderr_, errors_) == Read::end)
    stderr_.reset();
  if (errors_.size() > kErrorTail)
    errors_.erase(0, errors_.size() - kErrorTail);
}

bool ChildProcess::pump(Time end, bool writing) {
  const bool full = output_.size() > kLongestLine;
  std::array<pollfd, 4> wanted{{{full ? -1 : stdout_.get(), POLLIN, 0},
                                {stderr_.get(), POLLIN, 0},
                                {handle_.get(), POLLIN, 0},
                                {writing ? stdin_.get() : -1, POLLOUT, 0}}};
  const int ready = ::poll(wanted.data(), wanted.size(), millisecondsUntil(end));
  if (ready == 0)
    return Clock::now() < end;
  if (ready < 0)
    return true; // EINTR
  if (wanted[0].revents != 0)
    takeOutput();
  if (wanted[1].revents != 0)
    takeErrors();
  if (wanted[2].revents == 0)
    return true;
  // The process has ended. What it wrote is in the pipes; others may still hold their far ends.
  takeOutput();
  takeErrors();
  stdout_.reset();
  handle_.reset();
  return true;
}

bool ChildProcess::send(std::string_view text, Time end) {
  const NoPipeSignal guard;
  while (!text.empty()) {
    if (!stdin_.open() || !stdout_.open())
      return false;
    const ssize_t put = ::write(stdin_.get(), text.data(), text.size());
    if (put >= 0)
      text.remove_prefix(static_cast<std::size_t>(put));
    else if ((errno != EAGAIN && errno != EINTR) || !pump(end, true))
      return false;
  }
  return true;
}

ChildProcess::Got ChildProcess::readLine(Time end, std::string& line) {
  for (std::size_t searched = 0;;) {
    const std::size_t at = output_.find('\n', searched);
    if (at != std::string::npos) {
      line.assign(output_, 0, at);
      output_.erase(0, at + 1);
      return Got::line;
    }
    searched = output_.size();
    if (output_.size() > kLongestLine)
      return Got::tooLong;
    if (!stdout_.open())
      return Got::closed;
    if (!pump(end, false))
      return Got::late;
  }
}

bool ChildProcess::chatters() {
  takeOutput();
  return !output_.empty();
}

Ending ChildProcess::finish(Time end) {
  stdin_.reset();
  return settle(end);
}

Ending ChildProcess::settle(Time end) {
  while (!ended() && Clock::now() < end) {
    if (stdout_.open()) {
      output_.clear();
      if (!pump(end, false))
        break;
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      takeErrors();
    }
  }
  return kill();
}

Ending ChildProcess::kill() {
  // Signals to process 1, to group 1 or to "all" are never meant: only a child that was started is
  // ended.
  if (ending_ || pid_ <= 1)
    return ending_.value_or(Ending());
  // The group's number is not given away before its leader is reaped.
  const Time end = Clock::now() + kKillPatience;
  Ending ending{.forced = !ended()};
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL); // where a launcher has left the group
  int status = 0;
  pid_t done = 0;
  while ((done = ::waitpid(pid_, &status, WNOHANG)) == 0 || (done < 0 && errno == EINTR)) {
    if (Clock::now() >= end) {
      ending.stuck = true;
      break;
    }
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  if (done == pid_ && WIFSIGNALED(status))
    ending.signal = WTERMSIG(status);
  else if (done == pid_)
    ending.code = WEXITSTATUS(status);
  // The rest of the group comes to us where we are its reaper (PR_SET_CHILD_SUBREAPER).
  while ((done = ::waitpid(-pid_, nullptr, WNOHANG)) >= 0 && Clock::now() < end)
    if (done == 0)
      std::this_thread::sleep_for(std::chrono::microseconds(100));
  takeOutput();
  takeErrors();
  ending_ = ending;
  return ending;
}

} // namespace ptotune
