// Every way in which a worker can fail, as the status and the message of that one trial; then the
// next candidate measures as if nothing had been.
#include "space/Sanitizers.h"
#include "tests/unit/worker/WorkerTest.h"

#include <ostream>

using namespace ptotune;
using ptotune::test::goodSeconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace {

struct Fault {
  const char* name;
  TrialStatus status;
  const char* detail; // a part of it
  int limit = 20'000; // milliseconds
};
std::ostream& operator<<(std::ostream& out, const Fault& fault) {
  return out << fault.name;
}

constexpr TrialStatus kRuntime = TrialStatus::runtime;
constexpr TrialStatus kTimeout = TrialStatus::timeout;
constexpr TrialStatus kCorrect = TrialStatus::correct;
constexpr int kShort = 300; // milliseconds, for what hangs
constexpr const char* kNoAnswer = "no answer within 0.3 s: the worker was ended";
constexpr const char* kBreaks = "the worker breaks the protocol: ";

const Fault kFaults[] = {
    // It ends.
    {"segv", kRuntime, "the worker ended: SIGSEGV (Segmentation fault)"},
    {"null", kRuntime, "the worker ended: SIGSEGV (Segmentation fault)"},
    {"stack", kRuntime, "the worker ended: SIGSEGV (Segmentation fault)"},
    {"abort", kRuntime, "the worker ended: SIGABRT (Aborted)"},
    {"fpe", kRuntime, "the worker ended: SIGFPE (Floating point exception)"},
    {"ill", kRuntime, "the worker ended: SIGILL (Illegal instruction)"},
    {"bus", kRuntime, "the worker ended: SIGBUS (Bus error)"},
    {"trap", kRuntime, "the worker ended: SIGTRAP (Trace/breakpoint trap)"},
    {"kill", kRuntime, "the worker ended: SIGKILL (Killed)"},
    {"term", kRuntime, "the worker ended: SIGTERM (Terminated)"},
    {"exit0", kRuntime, "the worker ended: exit code 0"},
    {"exit3", kRuntime, "the worker ended: exit code 3"},
    {"half-line-and-exits", kRuntime, "the worker ended: exit code 0"},
    {"child-sleeps", kRuntime, "the worker ended: exit code 0"},
    {"says-why-and-dies", kRuntime, "SIGABRT (Aborted); stderr:\nfirst line\nkernel: the reason"},
    {"floods-and-dies", kRuntime, "...\nline 199"},
    {"throws", kRuntime, "the runner failed: boom"},
    {"throws-int", kRuntime, "the runner failed without saying why"},
    {"adopt-throws", kRuntime, "the runner failed: no room for the library"},
    {"cannot-adopt", kRuntime, "the worker cannot use what was built: the library is gone"},
    {"memory", kRuntime, "out of memory: the worker may have 512 MiB"},
    // It hangs.
    {"sleeps", kTimeout, kNoAnswer, kShort},
    {"spins", kTimeout, kNoAnswer, kShort},
    {"deaf", kTimeout, kNoAnswer, kShort},
    {"stops", kTimeout, kNoAnswer, kShort},
    {"half-line-and-sleeps", kTimeout, kNoAnswer, kShort},
    {"floods-and-sleeps", kTimeout, "the worker was ended; stderr:\n...\nstill here", kShort},
    {"closes-and-sleeps", kRuntime, "the worker closed its output and went on"},
    // It does not keep to the protocol.
    {"garbage", kRuntime, "a line is not a JSON object [\"Segmentation fault in kernel 3\"]"},
    {"empty-line", kRuntime, "a line is not a JSON object"},
    {"list", kRuntime, "a line is not a JSON object [\"[1, 2, 3]\"]"},
    {"binary", kRuntime, "a line is not a JSON object"},
    {"deep", kRuntime, "a line is not a JSON object"},
    {"huge-line", kRuntime, "a line of the worker is longer than 4 MiB"},
    {"endless-lines", kRuntime, "a line is not a JSON object [\"again\"]"},
    {"other-op", kRuntime, "a value is wrong [op = \"hello\"]; expected trial"},
    {"no-records", kRuntime, "a value is missing [records]"},
    {"unknown-key", kRuntime, "unknown key 'more'"},
    {"failure", kRuntime, "the worker failed: it was too hot"},
    // It lies.
    {"other-id", kRuntime, "it answers for another candidate"},
    {"other-point", kRuntime, "it answers for another candidate"},
    {"other-problem", kRuntime, "it answers for another candidate"},
    {"other-environment", kRuntime, "it answers for another"},
    {"stale-answer", kRuntime, "it answers for another candidate"},
    {"no-samples", kRuntime, kBreaks},
    {"negative-time", kRuntime, kBreaks},
    {"nan-time", kRuntime, kBreaks},
    {"time-as-text", kRuntime, kBreaks},
    {"failed-with-samples", kRuntime, kBreaks},
    {"unknown-status", kRuntime, "[status = \"splendid\"]"},
    {"pruned", kRuntime, "it measured nothing"},
    // What a runner finds out is passed on.
    {"wrong", TrialStatus::correctness, "row 3 is NaN"},
    {"device-hang", TrialStatus::hang, "507014: the device ended the kernel"},
    // It is no fault.
    {"prints", kCorrect, ""},
    {"prints-without-end", kCorrect, ""},
    {"reads", kCorrect, ""},
    {"slow", kCorrect, "", 2'000},
    {"bytes", kCorrect, "not \xff UTF-8"},
    {"leaves-child", kCorrect, ""},
    {"chats", kCorrect, ""},
};

class Faults : public test::WorkerTest, public testing::WithParamInterface<Fault> {
protected:
  // A sanitizer's own memory is beyond any limit.
  void SetUp() override {
    WorkerTest::SetUp();
    if ((kAddressSanitizer || kThreadSanitizer) && GetParam().name == std::string_view("memory"))
      GTEST_SKIP() << "not with a sanitizer";
  }

  void expectFault() {
    const Candidate bad = candidate(128);
    builder_->fault = [bad](const Point& point) {
      return point == bad.point ? GetParam().name : std::string();
    };
    const Trial trial = measure(bad, std::chrono::milliseconds(GetParam().limit));
    EXPECT_EQ(trial.status, GetParam().status) << trial.detail;
    EXPECT_THAT(trial.detail, HasSubstr(GetParam().detail));
    EXPECT_LT(trial.detail.size(), 1200u);
    EXPECT_EQ(trial.point, bad.point);
    EXPECT_EQ(trial.problem, bad.problem);
    EXPECT_EQ(trial.seconds.empty(), trial.status != kCorrect);
    EXPECT_FALSE(trial.sourceHash.empty());
  }
  void expectHealth() {
    const Candidate good = candidate();
    const Trial trial = measure(good);
    EXPECT_EQ(trial.status, kCorrect) << trial.detail;
    EXPECT_THAT(trial.seconds, testing::ElementsAre(goodSeconds(good.point)));
  }
};

TEST_P(Faults, InAFreshProcess) {
  start(options());
  expectFault();
  expectHealth();
}

TEST_P(Faults, InAProcessThatGoesOn) {
  worker::Options chosen = options();
  chosen.fresh = false;
  start(chosen);
  expectHealth();
  expectFault();
  if (GetParam().name == std::string("chats"))
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  expectHealth();
}

INSTANTIATE_TEST_SUITE_P(All, Faults, testing::ValuesIn(kFaults), [](const auto& info) {
  std::string name = info.param.name;
  std::erase(name, '-');
  return name;
});

struct StartFault {
  const char* name;
  const char* message;
};
std::ostream& operator<<(std::ostream& out, const StartFault& fault) {
  return out << fault.name;
}

const StartFault kStartFaults[] = {
    {"exits", "the worker does not start: the worker ended: exit code 9"},
    {"sleeps", "the worker does not start: no answer in time"},
    {"endless-banner", "the worker does not start: its launcher prints without end"},
    {"newer", "the worker is of another version of pto-tune"},
    {"other-tool", "[0.0.1, protocol 2]; expected " PTO_TUNE_VERSION ", protocol 2; install"},
    {"cannot-open", "no device is here; bring one"},
    {"open-dies", "the worker cannot be opened: the worker ended: SIGABRT (Aborted)"},
    {"open-sleeps", "the worker cannot be opened: no answer in time"},
};

class StartFaults : public test::WorkerTest, public testing::WithParamInterface<StartFault> {};

using Start = test::WorkerTest;

TEST_P(StartFaults, AreErrors) {
  worker::Options chosen = startingWith(GetParam().name);
  if (std::string(GetParam().name).ends_with("sleeps"))
    chosen.startLimit = std::chrono::milliseconds(300);
  const auto started = WorkerRunner::start(builder_, chosen);
  ASSERT_FALSE(started.ok());
  EXPECT_THAT(started.error().text(), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(All, StartFaults, testing::ValuesIn(kStartFaults), [](const auto& info) {
  std::string name = info.param.name;
  std::erase(name, '-');
  return name;
});

TEST_F(Start, NoProgram) {
  worker::Options chosen = options();
  chosen.program = "/no/such/worker";
  const auto started = WorkerRunner::start(builder_, chosen);
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().text(),
            "'/no/such/worker' cannot be started: No such file or directory;"
            " check that it is there and executable");
}

// What a launcher prints before the worker speaks does not matter.
TEST_F(Start, ABannerIsNone) {
  start(startingWith("banner"));
  EXPECT_EQ(measure(candidate()).status, kCorrect);
}

} // namespace
