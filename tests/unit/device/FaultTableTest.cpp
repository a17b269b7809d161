// Each fault of the device, at each call: status, message, and a healthy candidate afterwards.
#include "DeviceTest.h"
#include "runners/ascend/DeviceHealth.h"

namespace ptotune {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

struct FaultCase {
  const char* name;
  json script;
  TrialStatus status;
  std::vector<std::string> says; // parts of the detail
  int limit = 20'000;            // of the measurement, ms
};

json callFault(const char* call, int code, int from = 1, int to = 1'000'000) {
  return {{"calls", {{{"call", call}, {"code", code}, {"from", from}, {"to", to}}}}};
}
json callFault(const char* call, const char* what) {
  return {{"calls", {{{"call", call}, {what, true}}}}};
}
json kernelFault(const char* effect, int code = 0, int from = 1) {
  return {{"kernels", {{{"effect", effect}, {"code", code}, {"from", from}}}}};
}

constexpr auto kRuntime = TrialStatus::runtime;
constexpr auto kCorrect = TrialStatus::correct;
constexpr auto kHang = TrialStatus::hang;
constexpr auto kTimeout = TrialStatus::timeout;
constexpr auto kWrong = TrialStatus::correctness;

// Calls that are refused. The device is as it was, so it is not reset by force.
std::vector<FaultCase> refusedCalls() {
  return {
      {"Init", callFault("aclInit", 107000), kRuntime, {"aclInit returned 107000"}},
      {"RepeatedInit", callFault("aclInit", 100002), kRuntime, {"107002"}},
      {"SetDevice", callFault("aclrtSetDevice", 107001), kRuntime, {"aclrtSetDevice(0)", "107001"}},
      {"OpLimit",
       callFault("aclrtSetOpExecuteTimeOutV2", 107000),
       kRuntime,
       {"aclrtSetOpExecuteTimeOutV2(200000 us)"}},
      {"CreateStream", callFault("aclrtCreateStream", 107000), kRuntime, {"aclrtCreateStream"}},
      {"FirstMalloc",
       callFault("aclrtMalloc", 207001),
       kRuntime,
       {"aclrtMalloc of 'q'", "207001 (memory allocation)", "scripted fault of aclrtMalloc"}},
      {"LaterMalloc", callFault("aclrtMalloc", 207001, 4), kRuntime, {"aclrtMalloc of 'out'"}},
      {"Memset", callFault("aclrtMemset", 107000), kRuntime, {"aclrtMemset of 'q'"}},
      {"CopyIn", callFault("aclrtMemcpy", 107000), kRuntime, {"aclrtMemcpy to 'q'"}},
      {"CopyOut", callFault("aclrtMemcpy", 107000, 4), kRuntime, {"aclrtMemcpy from 'out'"}},
      {"CopyGuard",
       callFault("aclrtMemcpy", 107000, 5),
       kRuntime,
       {"aclrtMemcpy from the guard zones of 'q'"}},
      {"CreateEvent",
       callFault("aclrtCreateEventExWithFlag", 107000),
       kRuntime,
       {"aclrtCreateEventExWithFlag"}},
      {"RecordEvent", callFault("aclrtRecordEvent", 107000), kRuntime, {"aclrtRecordEvent"}},
      {"ElapsedTime", callFault("aclrtEventElapsedTime", 107000), kRuntime, {"ElapsedTime"}},
      {"CrossCoreAddress",
       callFault("rtGetC2cCtrlAddr", 107000),
       kRuntime,
       {"rtGetC2cCtrlAddr returned 107000"}},
      {"UnknownCode", callFault("aclrtMalloc", 123456), kRuntime, {"123456 (ACL error)"}},
      // At the end, when the numbers are there.
      {"Free", callFault("aclrtFree", 107000), kCorrect, {"at the end, aclrtFree"}},
      {"DestroyEvent", callFault("aclrtDestroyEvent", 107000), kCorrect, {"aclrtDestroyEvent"}},
      {"DestroyStream", callFault("aclrtDestroyStream", 107000), kCorrect, {"aclrtDestroyStream"}},
      {"ResetDevice", callFault("aclrtResetDevice", 107000), kCorrect, {"aclrtResetDevice"}},
      {"Finalize", callFault("aclFinalize", 107000), kCorrect, {"at the end, aclFinalize"}},
  };
}

// Faults of the device: it is reset by force, and answers.
std::vector<FaultCase> deviceFaults() {
  const char* reset = "device 0 was reset and answers";
  return {
      {"HangAtFirst", kernelFault("hang"), kHang, {"507014 (AI core timeout)", reset}},
      {"HangInWarmup", kernelFault("hang", 0, 2), kHang, {"for a warm-up run", reset}},
      {"HangWhenTimed", kernelFault("hang", 0, 4), kHang, {"for a timed run", reset}},
      {"VectorTimeout", kernelFault("hang", 507034), kHang, {"vector core timeout", reset}},
      {"MixedTimeout", kernelFault("hang", 507048), kHang, {"FFTS+ timeout", reset}},
      {"AicpuException", kernelFault("hang", 507018), kHang, {"another SoC", reset}},
      {"HostGivesUp", kernelFault("wait"), kTimeout, {"507046 (stream wait timeout)", reset}},
      {"Exception", kernelFault("exception"), kRuntime, {"507015 (AI core exception)", reset}},
      {"Trap", kernelFault("exception", 507036), kRuntime, {"vector core trap", reset}},
      {"MixedTrap", kernelFault("exception", 507050), kRuntime, {"FFTS+ trap", reset}},
      {"Launch", callFault("launch", 507011), kRuntime, {"507011 (model execute failed)", reset}},
      {"Driver",
       callFault("aclrtMalloc", 507899, 3, 3),
       kRuntime,
       {"507899 (driver error)", reset}},
      {"SyncDriver",
       callFault("aclrtSynchronizeStreamWithTimeout", 507899, 2, 2),
       kRuntime,
       {"507899", reset}},
      {"UnknownDevice", kernelFault("exception", 507777), kRuntime, {"507777 (device error)"}},
  };
}

// Answers that are wrong.
std::vector<FaultCase> wrongAnswers() {
  return {
      {"Wrong", kernelFault("wrong"), kWrong, {"worst at row ", "expected ", "128 of 128 rows"}},
      {"WrongLater", kernelFault("wrong", 0, 3), kWrong, {"worst at row "}},
      {"NaN", kernelFault("nan"), kWrong, {"NaN at row 64, column 0; 1 of 16384 elements"}},
      {"Inf", kernelFault("inf"), kWrong, {"Inf at row 42"}},
      {"Unwritten",
       kernelFault("unwritten"),
       kWrong,
       {"never written at row 64, column 0; 8192 of"}},
      {"Beyond",
       kernelFault("beyond"),
       kWrong,
       {"writes out of bounds", "behind 'out'", "8 bytes behind its end"}},
      {"Before", kernelFault("before"), kWrong, {"before 'qk_fifo'"}},
  };
}

// What takes the process with it.
std::vector<FaultCase> lostProcesses() {
  return {
      {"Crash", kernelFault("crash"), kRuntime, {"SIGSEGV"}},
      {"Exit", kernelFault("exit"), kRuntime, {"7"}},
      {"CrashInMalloc", callFault("aclrtMalloc", "crash"), kRuntime, {"SIGSEGV"}},
      {"StuckKernel", kernelFault("stuck"), kTimeout, {}, 1'500},
      {"StuckFree", callFault("aclrtFree", "hang"), kTimeout, {}, 1'500},
      {"StuckInit", callFault("aclInit", "hang"), kTimeout, {}, 1'500},
      {"Babble", kernelFault("babble"), kCorrect, {}},
  };
}

class DeviceFaults : public test::DeviceTest {
protected:
  void run(const std::vector<FaultCase>& cases) {
    device(); // opened while all is well
    for (const FaultCase& one : cases) {
      SCOPED_TRACE(one.name);
      script(one.script);
      takeCalls();
      Budget budget = shortBudget();
      budget.limit = std::chrono::milliseconds(one.limit);
      const Trial trial = measure(candidate(), budget);
      EXPECT_EQ(name(trial.status), std::string(name(one.status))) << trial.detail;
      EXPECT_EQ(trial.seconds.empty(), one.status != kCorrect);
      for (const std::string& part : one.says)
        EXPECT_THAT(trial.detail, HasSubstr(part));
      calls_ = takeCalls();
      // A device that is left in a fault is none for the next one.
      script();
      const Trial healthy = measure(candidate());
      EXPECT_EQ(healthy.status, kCorrect) << healthy.detail;
    }
  }

  std::string calls_; // of the last case
};

TEST_F(DeviceFaults, RefusedCalls) {
  run(refusedCalls());
}
TEST_F(DeviceFaults, FaultsOfTheDevice) {
  run(deviceFaults());
}
TEST_F(DeviceFaults, WrongAnswers) {
  run(wrongAnswers());
}
TEST_F(DeviceFaults, LostProcesses) {
  run(lostProcesses());
}

TEST_F(DeviceFaults, AStreamInErrorIsNotTouchedAgain) {
  run({{"Hang", kernelFault("hang"), kHang, {}}});
  // Behind the wait that failed: the reset, then the probe's own stream.
  const std::size_t wait = calls_.find("aclrtSynchronizeStreamWithTimeout");
  const std::size_t reset = calls_.find("aclrtResetDeviceForce");
  ASSERT_NE(wait, std::string::npos);
  ASSERT_NE(reset, std::string::npos);
  const std::string between = calls_.substr(wait, reset - wait);
  EXPECT_EQ(std::count(between.begin(), between.end(), '\n'), 1) << between;
}

TEST_F(DeviceFaults, AHangSaysWhatToSimulate) {
  device();
  script(kernelFault("hang"));
  const Candidate hanging = candidate();
  EXPECT_THAT(measure(hanging).detail,
              HasSubstr("pto-tune simulate JOB --problem " + hanging.problem.text() + " --point " +
                        hanging.point.text()));
}

TEST_F(DeviceFaults, WithoutPermissionNothingIsReset) {
  device();
  script(kernelFault("hang"));
  takeCalls();
  Budget budget = shortBudget();
  budget.reset = ResetPolicy::none;
  const Trial trial = measure(candidate(), budget);
  EXPECT_EQ(trial.status, kHang);
  EXPECT_THAT(trial.detail, HasSubstr("the device was not reset"));
  EXPECT_THAT(takeCalls(), Not(HasSubstr("aclrtResetDeviceForce")));
}

TEST_F(DeviceFaults, ADeviceThatDoesNotAnswerIsSetAside) {
  device();
  json changes = kernelFault("hang");
  changes["reset_heals"] = false;
  script(changes);
  const Trial trial = measure(candidate());
  EXPECT_EQ(trial.status, kHang);
  EXPECT_THAT(trial.detail, HasSubstr("device 0 does not answer after a forced reset: "
                                      "aclrtResetDeviceForce(0) returned 507899"));
  script();
  const ascend::AscendOptions options = ascend::AscendOptions::fromEnvironment();
  const auto refused = ascend::DeviceRunner::open(test::virtualSoc(), options, false);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text(), HasSubstr("device 0 is set aside"));
  ascend::DeviceHealth("", 0).release();
  EXPECT_EQ(measure(candidate()).status, kCorrect);
}

TEST_F(DeviceFaults, TheCompilersDiagnosticIsKept) {
  for (const auto& [effect, text] :
       {std::pair("error", "use of undeclared identifier 'TMATMUL_V2'"),
        std::pair("crash", "signal 11"),
        std::pair("nothing", "the compiler failed (exit code 0)")}) {
    script({{"compiler", {{{"effect", effect}, {"point", {{"QK_PRELOAD", 2}}}}}}});
    device_.reset();
    builder_.reset();
    const auto point = Point::parse("QK_PRELOAD=2", Point());
    const Trial trial = measure(candidate(128, 512, *point));
    EXPECT_EQ(trial.status, TrialStatus::compile);
    EXPECT_THAT(trial.detail, HasSubstr(text));
    EXPECT_EQ(measure(candidate()).status, kCorrect);
  }
}

TEST_F(DeviceFaults, ACompilerThatHangsIsEnded) {
  script({{"compiler", {{{"effect", "hang"}}}}});
  ascend::AscendOptions options = ascend::AscendOptions::fromEnvironment();
  options.compileLimit = std::chrono::milliseconds(1'000);
  const auto runner = AscendRunner::builder(test::virtualSoc(), options);
  ASSERT_TRUE(runner);
  const auto built = (*runner)->prepare(candidate());
  ASSERT_FALSE(built);
  EXPECT_THAT(built.error().text(), HasSubstr("the limit of 1 s"));
}

TEST_F(DeviceFaults, WhatTheCompilerWroteIsNoLibrary) {
  script({{"compiler", {{{"effect", "garbage"}}}}});
  const Trial trial = measure(candidate());
  EXPECT_EQ(trial.status, kRuntime);
  EXPECT_THAT(trial.detail, HasSubstr("the built kernel cannot be loaded"));
}

} // namespace
} // namespace ptotune
