// Messages of the worker protocol: what is written is what is read, and nothing else is.
#include "runners/worker/Protocol.h"

#include "space/Soc.h"
#include "tests/support/Paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

using namespace ptotune;
using namespace ptotune::worker;
using testing::HasSubstr;

namespace {

// A message without its line feed.
std::string lineOf(std::string message) {
  EXPECT_EQ(message.find('\n'), message.size() - 1);
  message.pop_back();
  return message;
}

Environment someEnvironment() {
  return {.soc = "Ascend910B2",
          .socHash = Hash::of("soc"),
          .runner = "ascend",
          .runnerVersion = "1",
          .toolchain = "bisheng \"8.3\"",
          .toolVersion = PTO_TUNE_VERSION,
          .cores = 24,
          .frequency = 1'800'000'000,
          .isaHash = "abc"};
}

Trial someTrial() {
  Trial trial{.problem = {.s0 = 128, .s1 = 2048, .causal = true}, .point = {}};
  trial.point.set(Param::tileS1, 32); // smaller than CUBE_S1: even what is not legal travels
  trial.status = TrialStatus::correct;
  trial.seconds = {1e-5, 0.1 + 0.2, std::numeric_limits<double>::min()};
  trial.detail = "two\nlines, \"quoted\", \xff";
  trial.sourceHash = Hash::of("source");
  trial.programHash = Hash::of("program");
  trial.prepareSeconds = 12.5;
  trial.measureSeconds = 0.25;
  trial.calibrated = true;
  trial.outputError = {.maxAbs = 0.1 + 0.2,
                       .row = 3,
                       .column = 127,
                       .value = -1e-5,
                       .expected = 0.3,
                       .checkedRows = 16};
  return trial;
}

TEST(Protocol, Hello) {
  const auto read = parseHello(lineOf(hello({.process = 42})));
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(read->protocol, kProtocolVersion);
  EXPECT_EQ(read->tool, PTO_TUNE_VERSION);
  EXPECT_EQ(read->process, 42);
}

TEST(Protocol, Open) {
  const auto soc = loadSoc(test::config("soc/ascend910b4.toml"));
  ASSERT_TRUE(soc.ok());
  const OpenRequest request{.runner = "ascend",
                            .soc = soc->toml,
                            .derived = soc->derived,
                            .device = "auto",
                            .memoryBytes = std::int64_t{1} << 40,
                            .afterFault = true};
  const auto read = parseRequest(lineOf(open(request)));
  ASSERT_TRUE(read.ok()) << read.error().text();
  ASSERT_TRUE(read->open.has_value());
  EXPECT_EQ(*read->open, request);
  EXPECT_EQ(parseSoc(read->open->soc, "text")->hash, soc->hash);
}

TEST(Protocol, Ready) {
  bool fromWorker = true;
  const auto read = parseReady(lineOf(ready(someEnvironment())), fromWorker);
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(*read, someEnvironment());
  EXPECT_FALSE(fromWorker);
}

TEST(Protocol, Measure) {
  const Trial trial = someTrial();
  Budget budget{.limit = std::chrono::milliseconds(1), .streamWait = std::chrono::milliseconds(2)};
  budget.opLimit = std::chrono::milliseconds(3);
  budget.warmup = 4;
  budget.minRepetitions = 5;
  budget.maxRepetitions = 6;
  budget.relativeWidth = 0.7;
  budget.flushL2 = false;
  budget.reset = ResetPolicy::none;
  const auto read = parseRequest(lineOf(measure({.id = 9,
                                                 .candidate = {trial.problem, trial.point},
                                                 .wire = "{\"library\":\"/a b.so\"}",
                                                 .budget = budget})));
  ASSERT_TRUE(read.ok()) << read.error().text();
  ASSERT_TRUE(read->measure.has_value());
  const MeasureRequest& request = *read->measure;
  EXPECT_EQ(request.id, 9);
  EXPECT_EQ(request.candidate.problem, trial.problem);
  EXPECT_EQ(request.candidate.point, trial.point);
  EXPECT_EQ(request.wire, "{\"library\":\"/a b.so\"}");
  EXPECT_EQ(request.budget.limit, budget.limit);
  EXPECT_EQ(request.budget.streamWait, budget.streamWait);
  EXPECT_EQ(request.budget.opLimit, budget.opLimit);
  EXPECT_EQ(request.budget.warmup, 4);
  EXPECT_EQ(request.budget.minRepetitions, 5);
  EXPECT_EQ(request.budget.maxRepetitions, 6);
  EXPECT_EQ(request.budget.relativeWidth, 0.7);
  EXPECT_FALSE(request.budget.flushL2);
  EXPECT_EQ(request.budget.reset, ResetPolicy::none);
}

TEST(Protocol, Trial) {
  const TrialAnswer answer{.id = 3, .environment = someEnvironment(), .trial = someTrial()};
  bool fromWorker = true;
  const auto read = parseTrial(lineOf(trial(answer)), fromWorker);
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_FALSE(fromWorker);
  EXPECT_EQ(read->id, 3);
  EXPECT_EQ(read->environment, answer.environment);
  const ptotune::Trial& got = read->trial;
  const ptotune::Trial& sent = answer.trial;
  EXPECT_EQ(got.problem, sent.problem);
  EXPECT_EQ(got.point, sent.point);
  EXPECT_EQ(got.status, sent.status);
  EXPECT_EQ(got.seconds, sent.seconds);
  EXPECT_EQ(got.detail, sent.detail);
  EXPECT_EQ(got.sourceHash, sent.sourceHash);
  EXPECT_EQ(got.programHash, sent.programHash);
  EXPECT_EQ(got.prepareSeconds, sent.prepareSeconds);
  EXPECT_EQ(got.measureSeconds, sent.measureSeconds);
  EXPECT_EQ(got.calibrated, sent.calibrated);
  EXPECT_EQ(got.outputError, sent.outputError);
}

TEST(Protocol, Failure) {
  bool fromWorker = false;
  const auto read =
      parseTrial(lineOf(failure({.message = "no device", .advice = "bring one"})), fromWorker);
  ASSERT_FALSE(read.ok());
  EXPECT_TRUE(fromWorker);
  EXPECT_EQ(read.error().text(), "no device; bring one");
}

TEST(Protocol, OutputErrors) {
  TrialAnswer answer{.id = 3, .environment = someEnvironment(), .trial = someTrial()};
  const std::string checked = lineOf(trial(answer));
  answer.trial.outputError.reset();
  const std::string unchecked = lineOf(trial(answer));
  bool fromWorker = false;
  const auto read = parseTrial(unchecked, fromWorker);
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(read->trial.outputError, std::nullopt);
  const auto changed = [&](std::string text, const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
    return parseTrial(text, fromWorker).error().text();
  };
  EXPECT_THAT(changed(checked, "\"checked_rows\":16,", ""),
              HasSubstr("a value is missing [output_error.checked_rows]"));
  EXPECT_THAT(changed(unchecked, "\"output_error\":null", "\"output_error\":7"),
              HasSubstr("[output_error = 7]; expected an object or null"));
}

// The parent's requests, each with one thing wrong.
TEST(Protocol, BadRequests) {
  const std::string good = lineOf(
      measure({.id = 1, .candidate = {{.s0 = 128, .s1 = 2048}, {}}, .wire = "{}", .budget = {}}));
  ASSERT_TRUE(parseRequest(good).ok());
  struct Edit {
    std::string from, to, message;
  };
  const Edit edits[] = {
      {"\"op\":\"measure\"", "\"op\":\"measur\"", "[op = \"measur\"]; expected open or measure"},
      {"\"id\":1", "\"id\":\"1\"", "[id = \"1\"]; expected an integer"},
      {"\"id\":1,", "", "a value is missing [id]"},
      {"\"id\":1", "\"id\":1,\"more\":2", "unknown key 'more'"},
      {"\"wire\":{}", "\"wire\":[]", "[wire = []]; expected an object"},
      {"\"reset\":\"force\"", "\"reset\":\"never\"", "expected force or none"},
      {",\"warmup\":5", "", "a value is missing [budget.warmup]"},
      {"head=128", "head=many", "head"},
      {"\"TILE_S1\":256,", "", "TILE_S1"},
  };
  for (const Edit& edit : edits) {
    const std::size_t at = good.find(edit.from);
    ASSERT_NE(at, std::string::npos) << edit.from;
    const auto read = parseRequest(std::string(good).replace(at, edit.from.size(), edit.to));
    ASSERT_FALSE(read.ok()) << edit.from;
    EXPECT_THAT(read.error().text(), HasSubstr(edit.message));
  }
  std::string other = lineOf(open({.runner = "sim"}));
  other.replace(other.find("\"protocol\":2"), 12, "\"protocol\":1");
  EXPECT_THAT(parseRequest(other).error().text(), HasSubstr("expected 2"));
}

} // namespace
