// A worker whose runner does what its candidate's wire form says: {"fault": NAME} ends, hangs or
// lies in that way. Where the wire form says neither and
// PTO_TUNE_FAULTY_THIRD is set, a third of all points is faulty; which, and how, is a function of
// the point (tests/support/worker/Faults.h).
//
// PTO_TUNE_FAULTY_START names what goes wrong before the first candidate.
#include "runners/worker/Serve.h"
#include "tests/support/worker/Faults.h"

#include <nlohmann/json.hpp>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace ptotune;
using nlohmann::json;

// Signals end this program as they would end any other: a sanitizer does not take them.
extern "C" const char* __asan_default_options() {
  return "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0";
}
extern "C" const char* __tsan_default_options() {
  return "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0";
}

namespace {

constexpr int kRaw = 100; // the protocol's stdout, for what no sound worker writes there

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void raw(std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(kRaw, text.data(), text.size());
    if (put <= 0)
      return;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
}

[[noreturn]] void hang() {
  while (true)
    ::pause();
}

void closeOutput() {
  struct stat output{};
  ::fstat(kRaw, &output);
  for (int descriptor = STDERR_FILENO + 1; descriptor <= kRaw; ++descriptor) {
    struct stat one{};
    if (::fstat(descriptor, &one) == 0 && one.st_ino == output.st_ino)
      ::close(descriptor);
  }
}

volatile int sink = 0;
// NOLINTNEXTLINE(misc-no-recursion): it is to overflow the stack
int overflow(int depth) {
  std::array<volatile char, 4096> page{};
  page[static_cast<std::size_t>(depth) % page.size()] = 1;
  if (sink >= 0) // always: no compiler may know
    sink = overflow(depth + 1) + page[0];
  return sink;
}

struct FaultyArtifact : Artifact {
  std::string fault;
  double seconds = 0;
  Hash sourceHash() const override { return Hash::of("source"); }
  Hash programHash() const override { return Hash::of("program"); }
};

class FaultyRunner : public Runner {
public:
  explicit FaultyRunner(worker::OpenRequest request) : request_(std::move(request)) {}

  Environment environment() const override {
    return {
        .soc = "Faulty", .runner = "faulty", .runnerVersion = "1", .toolVersion = PTO_TUNE_VERSION};
  }
  Result<std::shared_ptr<const Artifact>> prepare(const Candidate&) override {
    return Error{.message = "a worker builds nothing"};
  }
  Result<std::shared_ptr<const Artifact>> adopt(const Candidate& candidate,
                                                std::string_view wire) override {
    const json object = json::parse(wire);
    auto artifact = std::make_shared<FaultyArtifact>();
    artifact->fault = object.value("fault", "");
    artifact->seconds = test::goodSeconds(candidate.point);
    if (artifact->fault.empty() && !setting("PTO_TUNE_FAULTY_THIRD").empty())
      artifact->fault = test::thirdFault(candidate.point);
    if (artifact->fault == "cannot-adopt")
      return Error{.message = "the library is gone"};
    if (artifact->fault == "adopt-throws")
      throw std::runtime_error("no room for the library");
    return std::shared_ptr<const Artifact>(artifact);
  }
  Trial measure(const Candidate& candidate, const Artifact& artifact,
                const Budget& budget) override {
    const auto& faulty = dynamic_cast<const FaultyArtifact&>(artifact);
    Trial trial{.problem = candidate.problem,
                .point = candidate.point,
                .status = TrialStatus::correct,
                .seconds = {faulty.seconds},
                .detail = request_.afterFault ? "after a fault" : "",
                .sourceHash = artifact.sourceHash(),
                .programHash = artifact.programHash(),
                .measureSeconds = faulty.seconds};
    if (!faulty.fault.empty()) {
      dieOf(faulty.fault);
      hangOf(faulty.fault);
      speakOf(faulty.fault);
      lieOf(faulty.fault, trial);
      surviveWith(faulty.fault, budget, trial);
    }
    return trial;
  }

private:
  static void dieOf(const std::string& fault) {
    const std::pair<const char*, int> signals[] = {
        {"segv", SIGSEGV}, {"abort", SIGABRT}, {"fpe", SIGFPE},   {"ill", SIGILL},
        {"bus", SIGBUS},   {"kill", SIGKILL},  {"term", SIGTERM}, {"trap", SIGTRAP}};
    for (const auto& [name, signal] : signals)
      if (fault == name)
        ::raise(signal);
    if (fault == "null")
      *static_cast<volatile int*>(nullptr) = 1; // NOLINT: a fault of the processor
    if (fault == "stack")
      overflow(0);
    if (fault == "exit0")
      ::_exit(0);
    if (fault == "exit3")
      ::_exit(3);
    if (fault == "says-why-and-dies") {
      std::fputs("first line\nkernel: the reason\n", stderr);
      ::abort();
    }
    if (fault == "floods-and-dies") {
      for (int line = 0; line < 200'000; ++line)
        std::fprintf(stderr, "line %d of a long story\n", line);
      std::fflush(stderr);
      ::abort();
    }
    if (fault == "throws")
      throw std::runtime_error("boom");
    if (fault == "throws-int")
      throw 7;
    if (fault == "memory") {
      std::vector<std::vector<char>> all;
      while (true)
        all.emplace_back(std::size_t{16} << 20, 'x');
    }
  }

  static void hangOf(const std::string& fault) {
    if (fault == "sleeps")
      hang();
    if (fault == "spins")
      while (true)
        sink = sink + 1;
    if (fault == "deaf") {
      sigset_t all;
      sigfillset(&all);
      sigprocmask(SIG_BLOCK, &all, nullptr);
      hang();
    }
    if (fault == "stops")
      ::raise(SIGSTOP);
    if (fault == "half-line-and-sleeps") {
      raw(R"({"op":"tri)");
      hang();
    }
    if (fault == "floods-and-sleeps")
      while (true)
        std::fputs("still here\n", stderr);
    if (fault == "child-sleeps" && ::fork() == 0)
      hang();
    if (fault == "child-sleeps")
      ::_exit(0);
    if (fault == "closes-and-sleeps") {
      closeOutput();
      hang();
    }
  }

  static void speakOf(const std::string& fault) {
    if (fault == "garbage")
      raw("Segmentation fault in kernel 3\n");
    if (fault == "empty-line")
      raw("\n");
    if (fault == "list")
      raw("[1, 2, 3]\n");
    if (fault == "binary")
      raw(std::string("\0\1\2\xff\xfe\n", 6));
    if (fault == "deep")
      raw(std::string(1'000'000, '[') + "\n");
    if (fault == "half-line-and-exits") {
      raw(R"({"op":"tri)");
      ::_exit(0);
    }
    if (fault == "huge-line")
      raw(std::string(std::size_t{6} << 20, 'x'));
    if (fault == "endless-lines")
      while (true)
        raw("again\n");
    if (fault == "other-op")
      raw(worker::hello({}));
    if (fault == "no-records")
      raw("{\"op\":\"trial\",\"id\":1}\n");
    if (fault == "failure")
      raw(worker::failure({.message = "it was too hot"}));
    if (fault == "unknown-key")
      raw("{\"op\":\"failure\",\"message\":\"x\",\"more\":1}\n");
  }

  void lieOf(const std::string& fault, Trial& trial) const {
    if (fault == "other-point")
      trial.point.set(Param::qkPreload, trial.point.qkPreload() + 1);
    if (fault == "other-problem")
      trial.problem.s1 *= 2;
    if (fault == "no-samples")
      trial.seconds.clear();
    if (fault == "negative-time")
      trial.seconds = {-1};
    if (fault == "nan-time")
      trial.seconds = {std::numeric_limits<double>::quiet_NaN()};
    if (fault == "pruned") {
      trial.status = TrialStatus::pruned;
      trial.seconds.clear();
    }
    if (fault == "failed-with-samples")
      trial.status = TrialStatus::runtime;
    if (fault == "other-id")
      raw(worker::trial({.id = 1'000'000, .environment = environment(), .trial = trial}));
    if (fault == "other-environment") {
      Environment other = environment();
      other.toolchain = "another compiler";
      raw(worker::trial({.id = -1, .environment = other, .trial = trial}));
    }
    if (fault == "unknown-status")
      raw(replaced(worker::trial({.id = -1, .environment = environment(), .trial = trial}),
                   "\"correct\"", "\"splendid\""));
    if (fault == "time-as-text")
      raw(replaced(worker::trial({.id = -1, .environment = environment(), .trial = trial}),
                   "\"seconds\":[", "\"seconds\":[\"1\","));
  }

  static std::string replaced(std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
  }

  // What a sound worker gets over.
  void surviveWith(const std::string& fault, const Budget& budget, Trial& trial) const {
    if (fault == "prints")
      std::puts("{\"op\":\"trial\"}\nprogress 50 %");
    if (fault == "prints-without-end")
      for (int line = 0; line < 100'000; ++line)
        std::puts("a kernel library at work");
    if (fault == "reads")
      trial.detail = std::getchar() == EOF ? "" : "stdin has something for a kernel";
    if (fault == "slow")
      ::usleep(static_cast<useconds_t>(budget.limit.count() * 1000 / 4));
    if (fault == "bytes")
      trial.detail = "not \xff UTF-8 \n\0 either";
    if (fault == "leaves-child" && ::fork() == 0)
      hang();
    if (fault == "wrong" || fault == "device-hang") {
      trial.status = fault == "wrong" ? TrialStatus::correctness : TrialStatus::hang;
      trial.seconds.clear();
      trial.detail = fault == "wrong" ? "row 3 is NaN" : "507014: the device ended the kernel";
    }
    if (fault == "chats")
      std::thread([] {
        ::usleep(20'000);
        raw("one more thing\n");
      }).detach();
    if (fault == "stale-answer")
      raw(worker::trial({.id = 0, .environment = environment(), .trial = trial}));
  }

  worker::OpenRequest request_;
};

// How many workers have got here, over all processes; counted in a file.
int countStarts(const std::string& file) {
  int count = 0;
  std::ifstream(file) >> count;
  std::ofstream(file) << ++count << '\n';
  return count;
}

Result<std::unique_ptr<Runner>> make(const worker::OpenRequest& request) {
  const std::string start = setting("PTO_TUNE_FAULTY_START");
  if (start == "cannot-open")
    return Error{.message = "no device is here", .advice = "bring one"};
  if (start == "open-dies")
    ::abort();
  if (start == "open-sleeps")
    hang();
  if (start == "lost-device" && request.device == "0" &&
      countStarts(setting("PTO_TUNE_FAULTY_COUNT")) > 3)
    return Error{.message = "the probe of the device failed"};
  return std::unique_ptr<Runner>(std::make_unique<FaultyRunner>(request));
}

void beforeHello(const std::string& start) {
  if (start == "banner")
    raw("Welcome to the machine.\n\nLast login: never\n");
  if (start == "endless-banner")
    while (true)
      raw("Welcome again.\n");
  if (start == "exits")
    ::_exit(9);
  if (start == "sleeps")
    hang();
  if (start == "newer")
    raw("{\"op\":\"hello\",\"protocol\":3,\"more\":[]}\n");
  if (start == "other-tool")
    raw(worker::hello({.tool = "0.0.1"}));
}

} // namespace

int main() {
  ::dup2(STDOUT_FILENO, kRaw);
  beforeHello(setting("PTO_TUNE_FAULTY_START"));
  const int code = worker::serve(make);
  ::_exit(code);
}
