// What goes into the database comes out again, once.
#include "DbTest.h"
#include "db/Identity.h"

#include <cmath>
#include <limits>

namespace ptotune::test {
namespace {

constexpr TrialStatus kStatuses[] = {
    TrialStatus::correct, TrialStatus::constraints, TrialStatus::compile, TrialStatus::runtime,
    TrialStatus::timeout, TrialStatus::correctness, TrialStatus::hang,    TrialStatus::pruned};

void expectEqual(const Trial& a, const Trial& b) {
  EXPECT_EQ(a.problem, b.problem);
  EXPECT_EQ(a.point, b.point);
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.seconds, b.seconds);
  EXPECT_EQ(a.detail, b.detail);
  EXPECT_EQ(a.sourceHash, b.sourceHash);
  EXPECT_EQ(a.programHash, b.programHash);
  EXPECT_EQ(a.prepareSeconds, b.prepareSeconds);
  EXPECT_EQ(a.measureSeconds, b.measureSeconds);
  EXPECT_EQ(a.calibrated, b.calibrated);
}

std::vector<Trial> everyStatus(const Problem& problem) {
  std::vector<Trial> trials;
  int number = 0;
  for (const TrialStatus status : kStatuses) {
    Trial trial = failedTrial(problem, numberedPoint(number++), status, "why: \"it\"\nand 'so' \\");
    if (status == TrialStatus::correct) {
      // Neither sorted nor round: every raw sample must come back in its place, bit for bit.
      for (int i = 0; i < 1000; ++i)
        trial.seconds.push_back(std::nextafter(1e-6 * (1 + i * 37 % 1000), 1.0));
      trial.calibrated = true;
    }
    trial.sourceHash = number % 2 == 0 ? Hash::of("source") : Hash{};
    trial.programHash = number % 3 == 0 ? Hash::of("program") : Hash{};
    trial.prepareSeconds = 0.1 * number;
    trials.push_back(trial);
  }
  return trials;
}

TEST(Record, EveryStatusAndSampleComesBack) {
  const TempDir directory;
  const std::string path = directory.path("results.db");
  const std::vector<Trial> trials = everyStatus(problem(1024, 2048));
  {
    Database database = mustOpen(path);
    mustRecord(database, mustBegin(database), trials);
  }
  for (const OpenMode mode : {OpenMode::readOnly, OpenMode::readWrite, OpenMode::create}) {
    const Database database = mustOpen(path, mode);
    const auto read = database.trials(simEnvironment().hash(), problem(1024, 2048));
    ASSERT_TRUE(read) << read.error().text();
    ASSERT_EQ(read->size(), trials.size());
    for (std::size_t i = 0; i < trials.size(); ++i)
      expectEqual((*read)[i], trials[i]);
  }
}

TEST(Record, TrialsStayWithTheirEnvironmentAndProblem) {
  const TempDir directory;
  Database database = mustOpen(directory.path("results.db"));
  const Trial here = correctTrial(problem(128, 1024), Point(), {1e-6});
  const Trial there = correctTrial(problem(128, 1024), Point(), {2e-6});
  mustRecord(database, mustBegin(database), {here});
  mustRecord(database, mustBegin(database, deviceEnvironment()), {there});
  const auto sim = database.trials(simEnvironment().hash(), problem(128, 1024));
  const auto device = database.trials(deviceEnvironment().hash(), problem(128, 1024));
  const auto other = database.trials(simEnvironment().hash(), problem(128, 2048));
  Problem causal = problem(128, 1024);
  causal.causal = true;
  const auto masked = database.trials(simEnvironment().hash(), causal);
  ASSERT_TRUE(sim && device && other && masked);
  ASSERT_EQ(sim->size(), 1u);
  ASSERT_EQ(device->size(), 1u);
  EXPECT_EQ(sim->front().seconds, here.seconds);
  EXPECT_EQ(device->front().seconds, there.seconds);
  EXPECT_TRUE(other->empty());
  EXPECT_TRUE(masked->empty());
  const auto environments = database.environments();
  ASSERT_TRUE(environments);
  EXPECT_EQ(*environments, (std::vector{deviceEnvironment(), simEnvironment()}));
}

// Every row of every table but the sessions, in an order of content.
std::vector<std::string> content(const std::string& path) {
  RawDatabase raw(path);
  std::vector<std::string> all;
  for (const char* sql :
       {"SELECT hex(id) FROM environment ORDER BY 1",
        "SELECT hex(id), json FROM problem ORDER BY 1",
        "SELECT hex(id), json FROM point ORDER BY 1", "SELECT hex(id) FROM kernel ORDER BY 1",
        "SELECT hex(id), prepare_seconds, recorded, session FROM trial ORDER BY 1",
        "SELECT trial, ordinal, seconds FROM sample ORDER BY 1, 2"}) {
    const auto rows = raw.rows(sql);
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

TEST(Record, RecordingAgainChangesNothing) {
  const TempDir directory;
  const std::string path = directory.path("results.db");
  Database database = mustOpen(path);
  std::vector<Trial> trials = everyStatus(problem(1024, 1024));
  mustRecord(database, mustBegin(database), trials);
  const auto before = content(path);
  trials.push_back(trials.front()); // twice in one batch, too
  for (Trial& trial : trials)
    trial.prepareSeconds += 1; // how long it took is not what was found
  mustRecord(database, mustBegin(database), trials);
  EXPECT_EQ(content(path), before);
  trials.front().seconds.back() *= 2; // another measurement is another trial
  mustRecord(database, mustBegin(database), {trials.front()});
  EXPECT_GT(content(path).size(), before.size());
}

TEST(Record, RefusesABatchWithAnImpossibleTrial) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const Trial good = correctTrial(problem(128, 1024), Point(), {1e-6});
  struct Case {
    const char* says;
    std::function<void(Trial&)> spoil;
  };
  const Case cases[] = {
      {"a sample of nan s", [&](Trial& t) { t.seconds.push_back(nan); }},
      {"a sample of inf s", [&](Trial& t) { t.seconds.front() = infinity; }},
      {"a sample of 0 s", [](Trial& t) { t.seconds.front() = 0; }},
      {"a sample of -1 s", [](Trial& t) { t.seconds.front() = -1; }},
      {"nan s spent", [&](Trial& t) { t.prepareSeconds = nan; }},
      {"-2 s spent", [](Trial& t) { t.measureSeconds = -2; }},
      {"correct and no samples", [](Trial& t) { t.seconds.clear(); }},
      {"samples and the status hang", [](Trial& t) { t.status = TrialStatus::hang; }},
  };
  const TempDir directory;
  Database database = mustOpen(directory.path("results.db"));
  const SessionId session = mustBegin(database);
  for (const Case& one : cases) {
    Trial bad = good;
    one.spoil(bad);
    const Status recorded = database.record(session, std::vector{good, bad});
    ASSERT_FALSE(recorded) << one.says;
    EXPECT_NE(recorded.error().text().find(one.says), std::string::npos) << recorded.error().text();
    EXPECT_EQ(recorded.error().value, Point().text());
  }
  const auto stored = database.trials(simEnvironment().hash(), good.problem);
  ASSERT_TRUE(stored);
  EXPECT_TRUE(stored->empty());
}

TEST(Record, RefusesASessionOfAnotherFile) {
  const TempDir directory;
  Database one = mustOpen(directory.path("one.db"));
  Database two = mustOpen(directory.path("two.db"));
  const SessionId session = mustBegin(one);
  const Status recorded =
      two.record(session, std::vector{correctTrial(problem(128, 1024), Point(), {1e-6})});
  ASSERT_FALSE(recorded);
  EXPECT_EQ(recorded.error().value, session.value.hex());
  EXPECT_EQ(recorded.error().file, directory.path("two.db"));
}

TEST(Record, SessionsTellWhoAndWhen) {
  const TempDir directory;
  const std::string path = directory.path("results.db");
  Database database = mustOpen(path);
  const SessionId first = mustBegin(database);
  const SessionId second = mustBegin(database);
  EXPECT_NE(first, second);
  RawDatabase raw(path);
  char host[256] = {};
  ASSERT_EQ(::gethostname(host, sizeof(host) - 1), 0);
  EXPECT_EQ(raw.rows("SELECT host, command, abs(started / 1e6 - unixepoch()) < 60 FROM session"),
            std::vector<std::string>(2, std::string(host) + "|test|1"));
}

// Hashes by XXH3_128bits of libxxhash 0.8.1 (canonical form) over the texts of FORMAT.md. A change
// here makes every stored id a different one: it needs a new schema version.
TEST(Identity, CanonicalFormsAreFrozen) {
  EXPECT_EQ(canonicalJson(simEnvironment()),
            R"({"runner":"sim","runner_version":"1","soc":"Ascend910B2",)"
            R"("soc_hash":")" +
                Hash::of("profile").hex() + R"(","tool_version":"0.1.0","toolchain":""})");
  const KernelIdentity kernel{
      .family = "fa", .builder = "0.1.0", .source = {1, 2}, .program = {3, 4}};
  EXPECT_EQ(canonicalJson(kernel),
            R"({"builder":"0.1.0","family":"fa","program":"00000000000000030000000000000004",)"
            R"("source":"00000000000000010000000000000002"})");
  EXPECT_EQ(contentId(kernel).hex(), "4308b239d856120ec20354656114c6d5");
  const SessionIdentity session{
      .environment = {1, 2}, .host = "h", .command = "c", .started = 5, .nonce = -6};
  EXPECT_EQ(canonicalJson(session),
            R"({"command":"c","environment":"00000000000000010000000000000002","host":"h",)"
            R"("nonce":-6,"started":5})");
  EXPECT_EQ(contentId(session).hex(), "724bc8ff64291275246c2163f91e3afe");
  Trial trial = correctTrial(problem(128, 1024), Point(), {1.0, 0.5});
  trial.sourceHash = {7, 8};
  trial.programHash = {};
  trial.detail = "two\nlines";
  const TrialPlace place{.environment = {1, 2}, .problem = {3, 4}, .point = {5, 6}};
  EXPECT_EQ(canonicalText(place, trial), "environment 00000000000000010000000000000002\n"
                                         "problem 00000000000000030000000000000004\n"
                                         "point 00000000000000050000000000000006\n"
                                         "status 0\n"
                                         "calibrated 1\n"
                                         "source 00000000000000070000000000000008\n"
                                         "program 00000000000000000000000000000000\n"
                                         "samples 2\n"
                                         "3ff0000000000000\n"
                                         "3fe0000000000000\n"
                                         "detail\n"
                                         "two\nlines");
  EXPECT_EQ(contentId(place, trial).hex(), "488620bc64c0e725f86597d04092690b");
}

TEST(Identity, StatusesAreFrozen) {
  const char* const names[] = {"correct", "constraints", "compile", "runtime",
                               "timeout", "correctness", "hang",    "pruned"};
  ASSERT_EQ(std::size(names), kTrialStatusCount);
  for (std::size_t i = 0; i < kTrialStatusCount; ++i)
    EXPECT_STREQ(name(static_cast<TrialStatus>(i)), names[i]);
}

TEST(TrialTime, IsTheMedianOfTheSamples) {
  Trial trial;
  EXPECT_EQ(trial.time(), std::nullopt);
  trial.seconds = {3};
  EXPECT_EQ(trial.time(), 3.0);
  trial.seconds = {9, 1};
  EXPECT_EQ(trial.time(), 5.0);
  trial.seconds = {9, 1, 2};
  EXPECT_EQ(trial.time(), 2.0);
  trial.seconds = {9, 1, 2, 4};
  EXPECT_EQ(trial.time(), 3.0);
}

} // namespace
} // namespace ptotune::test
