// Parts of the device runner that need no device.
#include "codegen/Lowering.h"
#include "runners/ascend/CompileCommand.h"
#include "runners/ascend/DeviceHealth.h"
#include "runners/ascend/DeviceMeasurement.h"
#include "runners/ascend/ErrorCodes.h"
#include "runners/ascend/LaunchShim.h"
#include "runners/ascend/OutputCheck.h"
#include "runners/ascend/Repetitions.h"
#include "runners/worker/Command.h"
#include "tests/support/Paths.h"
#include "tests/support/TempFile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

namespace ptotune::ascend {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;

SocProfile socOf(const char* architecture) {
  SocProfile soc;
  soc.name = "Ascend";
  soc.architecture = architecture;
  return soc;
}

TEST(CompileCommand, A2AndA3AreBuiltForTheirCore) {
  const auto command =
      compileCommand(socOf("a2a3"), {"/cann/bin/bisheng", "/isa", "launch.cpp", "libkernel.so"});
  ASSERT_TRUE(command);
  EXPECT_EQ(commandLine(*command),
            "/cann/bin/bisheng -fPIC -shared -O2 -std=gnu++17 -xcce -Xhost-start -Xhost-end "
            "-cce-enable-mix --npu-arch=dav-2201 -DMEMORY_BASE "
            "-mllvm -cce-aicore-stack-size=0x8000 -mllvm -cce-aicore-function-stack-size=0x8000 "
            "-mllvm -cce-aicore-record-overflow=true -mllvm -cce-aicore-addr-transform "
            "-mllvm -cce-aicore-dcci-insert-for-scalar=false "
            "-Wno-macro-redefined -Wno-ignored-attributes -H -I/isa/include -o libkernel.so "
            "launch.cpp");
}

TEST(CompileCommand, OtherArchitecturesAreRefused) {
  for (const char* architecture : {"a5", "kirin9030", ""}) {
    const auto command = compileCommand(socOf(architecture), {});
    ASSERT_FALSE(command);
    EXPECT_THAT(command.error().text(), HasSubstr("expected a2a3"));
  }
}

TEST(CompileCommand, TheListOfHeadersIsTakenOutOfTheOutput) {
  std::string output = ". /isa/pto.hpp\n.. /isa/type.hpp\na.cpp:1: warning: .x\n. /isa/pto.hpp\n";
  EXPECT_THAT(takeHeaderList(output), ElementsAre("/isa/pto.hpp", "/isa/type.hpp"));
  EXPECT_EQ(output, "a.cpp:1: warning: .x\n");
}

// The codes that public code and CANN's documents name.
TEST(ErrorCodes, EachHasANameAMeaningAndAnAdvice) {
  std::set<std::int32_t> codes;
  for (const ErrorCode& code : errorCodes()) {
    EXPECT_TRUE(codes.insert(code.code).second) << code.code;
    EXPECT_STRNE(code.name, "");
    EXPECT_STRNE(code.meaning, "");
    EXPECT_STRNE(code.advice, "");
    EXPECT_EQ(&errorCode(code.code), &code);
  }
  EXPECT_THAT(codes,
              IsSupersetOf({107022, 207001, 507011, 507014, 507015, 507016, 507017, 507018, 507034,
                            507035, 507036, 507046, 507047, 507048, 507050, 507899, 507901}));
  EXPECT_TRUE(std::ranges::is_sorted(errorCodes(), {}, &ErrorCode::code));
}

TEST(ErrorCodes, StatusAndPoison) {
  struct Case {
    std::int32_t code;
    TrialStatus status;
    bool poisons;
  };
  for (const Case& one :
       {Case{507014, TrialStatus::hang, true}, Case{507018, TrialStatus::hang, true},
        Case{507046, TrialStatus::timeout, true}, Case{507015, TrialStatus::runtime, true},
        Case{507899, TrialStatus::runtime, true}, Case{207001, TrialStatus::runtime, false},
        Case{107000, TrialStatus::runtime, false}, Case{507555, TrialStatus::runtime, true}}) {
    const FaultKind kind = errorCode(one.code).kind;
    EXPECT_EQ(statusOf(kind), one.status) << one.code;
    EXPECT_EQ(poisons(kind), one.poisons) << one.code;
  }
  EXPECT_THAT(describe(507014), HasSubstr("507014 (AI core timeout): the kernel did not end"));
}

TEST(Target, NamesOfDevices) {
  EXPECT_TRUE(isTarget("Ascend910B2", "Ascend910B2"));
  EXPECT_FALSE(isTarget("Ascend910B3", "Ascend910B2"));
  EXPECT_FALSE(isTarget("Ascend910B2C", "Ascend910B2"));
  EXPECT_TRUE(isTarget("Ascend910_9391", "Ascend910_93"));
  EXPECT_FALSE(isTarget("Ascend910B2", "Ascend910_93"));
}

TEST(LaunchShim, OfTheDefaultPoint) {
  const auto soc = loadSoc(test::config("soc/ascend910b2.toml"));
  ASSERT_TRUE(soc);
  const auto kernel = lower(KernelSpec{}, Point(), *soc, Emit::program | Emit::cpp);
  ASSERT_TRUE(kernel);
  const auto entries = entriesOf(kernel->cpp);
  ASSERT_TRUE(entries);
  const auto plan = planLaunch(kernel->program, *entries);
  ASSERT_TRUE(plan);
  EXPECT_THAT(plan->arguments, ElementsAre("q", "k", "v", "out", "qk_fifo", "p_fifo", "pv_fifo"));
  Problem problem;
  problem.s0 = 512;
  problem.s1 = 2048;
  EXPECT_THAT(blocksOf(*plan, problem, 24), ElementsAre(4));
  EXPECT_THAT(blocksOf(*plan, problem, 3), ElementsAre(3));
  const auto bytes = bytesOf(*plan, problem, 24);
  ASSERT_TRUE(bytes);
  // 8 slots of 128 x 256 fp32 scores, fp16 weights and 128 x 128 fp32 products for 4 cores.
  EXPECT_THAT(*bytes, ElementsAre(131072, 524288, 524288, 262144, 4194304, 2097152, 2097152));
  const std::string shim = shimSource(*entries, *plan, "kernel.cpp", KernelSpec{}, Point());
  EXPECT_THAT(shim, HasSubstr("#include \"kernel.cpp\""));
  EXPECT_THAT(shim, HasSubstr("if (code != 0)\n        return code;"));
  EXPECT_THAT(shim, HasSubstr("flash_attention<<<blocks[0], nullptr, stream>>>(\n"
                              "        (__gm__ int64_t*)ffts,\n"
                              "        (__gm__ half*)buffers[0],"));
  const auto again = LaunchPlan::fromJson(plan->json());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->json(), plan->json());
}

TEST(LaunchShim, WhatIsNotUnderstoodIsRefused) {
  EXPECT_FALSE(entriesOf("void f();"));
  EXPECT_FALSE(
      entriesOf("extern \"C\" __global__ AICORE void f(__gm__ half* q, int32_t other)\n{"));
  for (const char* text : {"", "{}", "[]", "{\"arguments\":[],\"parts\":1,\"launches\":[]}"})
    EXPECT_FALSE(LaunchPlan::fromJson(text)) << text;
}

Problem problemOf(std::int64_t s0, std::int64_t s1, bool causal = false) {
  Problem problem;
  problem.head = 64;
  problem.s0 = s0;
  problem.s1 = s1;
  problem.causal = causal;
  return problem;
}

// softmax(q K^T / sqrt(head)) V of one query row, as the textbook has it.
std::vector<double> textbookRow(const Problem& problem, const sim::AttentionInputs& inputs,
                                std::int64_t row) {
  const auto head = static_cast<std::size_t>(problem.head);
  const auto number = [](const std::vector<sim::Half>& from, std::size_t at) {
    return static_cast<double>(sim::toFloat(from[at]));
  };
  const auto keys = static_cast<std::size_t>(problem.causal ? row + 1 : problem.s1);
  std::vector<double> out(head);
  double sum = 0;
  for (std::size_t key = 0; key < keys; ++key) {
    double score = 0;
    for (std::size_t c = 0; c < head; ++c)
      score += number(inputs.q, static_cast<std::size_t>(row) * head + c) *
               number(inputs.k, key * head + c);
    const double weight = std::exp(score / std::sqrt(static_cast<double>(head)));
    sum += weight;
    for (std::size_t c = 0; c < head; ++c)
      out[c] += weight * number(inputs.v, key * head + c);
  }
  for (double& element : out)
    element /= sum;
  return out;
}

TEST(OutputCheck, TheRowsOfASampleAreThoseOfTheWhole) {
  for (const bool causal : {false, true}) {
    const Problem problem = problemOf(96, 160, causal);
    const sim::AttentionInputs inputs = deviceInputs(problem, 3);
    const std::vector<double> whole = sim::attention(problem, inputs);
    const std::vector<std::int64_t> rows = {0, 17, 95};
    const std::vector<double> some = sim::attentionRows(problem, inputs, rows);
    for (std::size_t i = 0; i < some.size(); ++i) {
      const std::size_t element = static_cast<std::size_t>(rows[i / 64]) * 64 + i % 64;
      EXPECT_NEAR(some[i], textbookRow(problem, inputs, rows[i / 64])[i % 64], 1e-12);
      EXPECT_NEAR(some[i], whole[element], 1e-12);
    }
  }
}

TEST(OutputCheck, SmallProblemsAreCheckedWholeAndLargeOnesEverywhere) {
  const auto all = checkedRows(problemOf(128, 1024), 1);
  ASSERT_EQ(all.size(), 128U);
  for (std::size_t row = 0; row < all.size(); ++row)
    EXPECT_EQ(all[row], static_cast<std::int64_t>(row));
  const auto some = checkedRows(problemOf(131072, 131072), 1);
  ASSERT_EQ(some.size(), 16U);
  for (std::size_t part = 0; part < some.size(); ++part)
    EXPECT_EQ(some[part] / (131072 / 16), static_cast<std::int64_t>(part));
}

// Mean and variance of the inputs, within four standard deviations of such a sample's.
TEST(OutputCheck, InputsAreStandardNormalAndTheSameForASeed) {
  const Problem problem = problemOf(1024, 2048);
  const sim::AttentionInputs inputs = deviceInputs(problem, 5);
  EXPECT_EQ(inputs.k, deviceInputs(problem, 5).k);
  EXPECT_NE(inputs.k, deviceInputs(problem, 6).k);
  EXPECT_NE(inputs.k, inputs.v);
  double sum = 0;
  double squares = 0;
  for (const sim::Half half : inputs.k) {
    sum += sim::toFloat(half);
    squares += std::pow(sim::toFloat(half), 2);
  }
  const auto count = static_cast<double>(inputs.k.size());
  EXPECT_NEAR(sum / count, 0, 4 / std::sqrt(65536.0));
  EXPECT_NEAR(squares / count, 1, 4 * std::sqrt(2 / 65536.0));
}

TEST(OutputCheck, NamesWhatIsWrong) {
  const Problem problem = problemOf(16, 64);
  const OutputCheck check(problem, 1);
  const std::vector<double> right = sim::attention(problem, check.inputs());
  std::vector<float> out(right.begin(), right.end());
  EXPECT_EQ(check.judge(out).wrong, "");
  const auto with = [&](std::size_t element, float value) {
    std::vector<float> changed = out;
    changed[element] = value;
    return check.judge(changed).wrong;
  };
  EXPECT_THAT(with(64 * 3 + 5, out[64 * 3 + 5] + 0.01F), HasSubstr("worst at row 3, column 5: "));
  EXPECT_EQ(with(7, out[7] + 5e-4F), "");
  EXPECT_THAT(with(70, std::numeric_limits<float>::quiet_NaN()),
              HasSubstr("NaN at row 1, column 6; 1 of 1024 elements"));
  EXPECT_THAT(with(0, -std::numeric_limits<float>::infinity()), HasSubstr("Inf at row 0"));
  EXPECT_THAT(with(1023, std::bit_cast<float>(kUnwritten)),
              HasSubstr("never written at row 15, column 63"));
}

TEST(OutputCheck, TellsTheElementThatIsFarthestOff) {
  const Problem problem = problemOf(16, 64);
  const OutputCheck check(problem, 1);
  const std::vector<double> right = sim::attention(problem, check.inputs());
  std::vector<float> out(right.begin(), right.end());
  const std::size_t element = 64 * 9 + 2;
  for (const float error : {5e-4F, -0.25F}) { // tolerated, and not
    out[element] = static_cast<float>(right[element]) + error;
    const auto found = check.judge(out).error;
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, (OutputError{.maxAbs = std::abs(out[element] - right[element]),
                                   .row = 9,
                                   .column = 2,
                                   .value = out[element],
                                   .expected = right[element],
                                   .checkedRows = 16}));
  }
  out[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(check.judge(out).error);
}

// Ranks of the 95 % interval of a median for n = 20: the 6th and the 15th (Conover's table).
TEST(Repetitions, TheIntervalOfTheMedianIsThatOfTheRanks) {
  std::vector<double> seconds(20);
  std::iota(seconds.begin(), seconds.end(), 1.0);
  const auto width = relativeWidth(seconds);
  ASSERT_TRUE(width);
  EXPECT_NEAR(*width, (15.0 - 6.0) / 10.5, 1e-12);
  EXPECT_FALSE(relativeWidth(std::vector<double>(5, 1.0)));
  EXPECT_EQ(relativeWidth(std::vector<double>(6, 1.0)), 0.0);
}

TEST(Repetitions, GoOnFromTheLeastToTheMost) {
  Budget budget;
  budget.minRepetitions = 7;
  budget.maxRepetitions = 9;
  budget.relativeWidth = 0.01;
  EXPECT_FALSE(enough(std::vector<double>(6, 1.0), budget));
  EXPECT_TRUE(enough(std::vector<double>(7, 1.0), budget));
  const std::vector<double> wide = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  EXPECT_FALSE(enough(std::span(wide).first(8), budget));
  EXPECT_TRUE(enough(wide, budget));
}

TEST(DeviceHealth, ADeviceIsSetAsideUntilItIsReleased) {
  const test::TempDir folder;
  const DeviceHealth health(folder.path("state"), 3);
  EXPECT_FALSE(health.quarantined());
  ASSERT_TRUE(health.quarantine("first"));
  ASSERT_TRUE(health.quarantine("second"));
  EXPECT_THAT(*health.quarantined(), HasSubstr("first"));
  EXPECT_FALSE(DeviceHealth(folder.path("state"), 2).quarantined());
  health.release();
  EXPECT_FALSE(health.quarantined());
}

TEST(Command, EndsAndOutputs) {
  const auto run = [](const char* script, int limit = 5'000) {
    return *runCommand({"sh", "-c", script}, std::chrono::milliseconds(limit));
  };
  EXPECT_EQ(run("echo a; echo b >&2").output, "a\nb\n");
  EXPECT_EQ(run("exit 3").ending(), "exit code 3");
  EXPECT_THAT(run("kill -SEGV $$").ending(), HasSubstr("signal 11"));
  EXPECT_TRUE(run("sleep 20 & sleep 20", 100).timedOut);
  EXPECT_FALSE(runCommand({"/nowhere/program"}, std::chrono::milliseconds(100)));
  EXPECT_EQ(lastLines("a\nb\nc\n", 2), "...\nb\nc");
  EXPECT_EQ(lastLines("a\nb\n", 2), "a\nb");
  EXPECT_EQ(lastLines("\n\n", 2), "");
}

} // namespace
} // namespace ptotune::ascend
