#include "runners/worker/Serve.h"

#include "runners/worker/FileDescriptor.h"
#include "space/Sanitizers.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <deque>
#include <exception>
#include <fcntl.h>
#include <mutex>
#include <new>
#include <optional>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <thread>

namespace ptotune::worker {
namespace {

constexpr int kServed = 0;
constexpr int kAbandoned = 1;  // nobody waits for the answer any more
constexpr int kBadRequest = 2; // the parent does not keep to the protocol
// A runner that is closed may take so long to give its device back.
constexpr std::chrono::seconds kClosePatience{5};
constexpr std::size_t kLongestRequest = std::size_t{64} << 20; // bytes

// The lines of stdin, read on a thread of its own, so that its end is seen during a measurement.
class Requests {
public:
  explicit Requests(FileDescriptor input) : input_(std::move(input)) {}

  // Until the input ends; then the process ends, at once where it is measuring.
  void read() {
    std::array<char, 16384> buffer{};
    std::string text;
    while (true) {
      const ssize_t got = ::read(input_.get(), buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0 || text.size() > kLongestRequest)
        break;
      text.append(buffer.data(), static_cast<std::size_t>(got));
      for (std::size_t end = 0; (end = text.find('\n')) != std::string::npos;) {
        push(text.substr(0, end));
        text.erase(0, end + 1);
      }
    }
    end();
    std::this_thread::sleep_for(kClosePatience);
    ::_exit(kAbandoned);
  }

  // The next line; nothing at the end. Between a line and the next call the process is measuring.
  std::optional<std::string> next() {
    std::unique_lock lock(mutex_);
    measuring_ = false;
    wake_.wait(lock, [&] { return ended_ || !lines_.empty(); });
    if (lines_.empty())
      return std::nullopt;
    measuring_ = true;
    std::string line = std::move(lines_.front());
    lines_.pop_front();
    return line;
  }

private:
  void push(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    wake_.notify_one();
  }
  void end() {
    const std::lock_guard lock(mutex_);
    if (measuring_ || !lines_.empty())
      ::_exit(kAbandoned);
    ended_ = true;
    wake_.notify_one();
  }

  FileDescriptor input_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::string> lines_;
  bool ended_ = false;
  bool measuring_ = false;
};

// Takes a standard stream for the protocol, and puts `instead` in its place.
FileDescriptor take(int stream, int instead) {
  constexpr int kFirst = 3; // behind the standard streams
  FileDescriptor taken(::fcntl(stream, F_DUPFD_CLOEXEC, kFirst));
  if (instead >= 0)
    ::dup2(instead, stream);
  return taken;
}

void limitMemory(std::int64_t bytes) {
  // A sanitizer's own memory is far beyond any limit.
  if (bytes <= 0 || kAddressSanitizer || kThreadSanitizer)
    return;
  const auto most = static_cast<rlim_t>(bytes);
  const rlimit limit{most, most};
  ::setrlimit(RLIMIT_DATA, &limit);
}

// What a measurement throws is an answer about its candidate.
Trial measured(Runner& runner, const MeasureRequest& request, std::int64_t memoryBytes) {
  Trial trial{.problem = request.candidate.problem,
              .point = request.candidate.point,
              .status = TrialStatus::runtime};
  try {
    const auto artifact = runner.adopt(request.candidate, request.wire);
    if (artifact)
      return runner.measure(request.candidate, **artifact, request.budget);
    trial.detail = "the worker cannot use what was built: " + artifact.error().text();
  } catch (const std::bad_alloc&) {
    trial.detail = memoryBytes > 0
                       ? fmt::format("out of memory: the worker may have {} MiB", memoryBytes >> 20)
                       : "out of memory";
  } catch (const std::exception& error) {
    trial.detail = fmt::format("the runner failed: {}", error.what());
  } catch (...) {
    trial.detail = "the runner failed without saying why";
  }
  return trial;
}

class Server {
public:
  Server(const MakeRunner& make, FileDescriptor output) : make_(make), output_(std::move(output)) {}

  // The answer to one line. A request that cannot be understood is the parent's defect.
  bool answer(const std::string& line) {
    const auto request = parseRequest(line);
    if (!request) {
      write(failure(request.error()));
      return false;
    }
    if (request->open)
      return write(open(*request->open));
    return write(measure(*request->measure));
  }
  bool write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t put = ::write(output_.get(), text.data(), text.size());
      if (put < 0 && errno == EINTR)
        continue;
      if (put <= 0)
        return false;
      text.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
  }

private:
  std::string open(const OpenRequest& request) {
    if (runner_)
      return failure({.message = "the worker has a runner already"});
    memoryBytes_ = request.memoryBytes;
    limitMemory(memoryBytes_);
    auto made = make_(request);
    if (!made)
      return failure(made.error());
    runner_ = *std::move(made);
    return ready(runner_->environment());
  }

  std::string measure(const MeasureRequest& request) {
    if (!runner_)
      return failure({.message = "the worker has no runner yet"});
    return trial({.id = request.id,
                  .environment = runner_->environment(),
                  .trial = measured(*runner_, request, memoryBytes_)});
  }

  const MakeRunner& make_;
  FileDescriptor output_;
  std::unique_ptr<Runner> runner_;
  std::int64_t memoryBytes_ = 0;
};

} // namespace

int serve(const MakeRunner& make) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGPIPE, SIG_IGN);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  FileDescriptor output = take(STDOUT_FILENO, STDERR_FILENO);
  const FileDescriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  // The reading thread outlives this call: it ends the process where closing the runner hangs.
  const auto requests = std::make_shared<Requests>(take(STDIN_FILENO, nothing.get()));
  Server server(make, std::move(output));
  if (!server.write(hello({.process = ::getpid()})))
    return kAbandoned;
  std::thread([requests] { requests->read(); }).detach();
  while (const auto line = requests->next())
    if (!server.answer(*line))
      return kBadRequest;
  return kServed;
}

} // namespace ptotune::worker
