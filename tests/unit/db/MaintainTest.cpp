// Looking after a database: info, findings, prune, vacuum.
#include "RecordsTest.h"

#include <regex>

namespace ptotune::test {
namespace {

TEST(Info, CountsWhatWasRecorded) {
  const TempDir directory;
  Database database = mustOpen(directory.path("db"));
  const auto empty = database.info();
  ASSERT_TRUE(empty) << empty.error().text();
  EXPECT_TRUE(empty->environments.empty());
  EXPECT_TRUE(empty->sessions.empty());

  const SessionId sim = mustBegin(database);
  mustBegin(database, deviceEnvironment());
  mustRecord(database, sim,
             {correctTrial(problem(128, 1024), numberedPoint(1), {1e-6, 2e-6}),
              failedTrial(problem(128, 1024), numberedPoint(2), TrialStatus::hang, "wait"),
              failedTrial(problem(128, 2048), numberedPoint(2), TrialStatus::hang, "wait")});
  const auto info = database.info();
  ASSERT_TRUE(info) << info.error().text();
  EXPECT_EQ(info->schemaVersion, 3);
  EXPECT_GT(info->bytes, 4096);
  EXPECT_EQ(info->problems, 2);
  EXPECT_EQ(info->points, 2);
  EXPECT_EQ(info->kernels, 1);
  EXPECT_EQ(info->samples, 2);
  ASSERT_EQ(info->environments.size(), 2u); // "ascend" before "sim"
  EXPECT_EQ(info->environments[0].environment, deviceEnvironment());
  EXPECT_EQ(info->environments[0].sessions, 1);
  EXPECT_EQ(info->environments[0].lastRecorded, 0);
  const EnvironmentInfo& simInfo = info->environments[1];
  EXPECT_EQ(simInfo.problems, 2);
  EXPECT_EQ(simInfo.trials[0], 1);
  EXPECT_EQ(simInfo.trials[static_cast<std::size_t>(TrialStatus::hang)], 2);
  EXPECT_GT(simInfo.firstRecorded, 0);
  EXPECT_LE(simInfo.firstRecorded, simInfo.lastRecorded);
  ASSERT_EQ(info->sessions.size(), 2u);
  EXPECT_EQ(info->sessions[0].trials, 3);
  EXPECT_EQ(contentId(info->sessions[0].session), sim.value);
  EXPECT_EQ(info->sessions[1].trials, 0);
}

TEST(Findings, ASoundDatabaseHasNone) {
  const TempDir directory;
  Database database = mustOpen(directory.path("db"));
  expectSound(database);
  RandomRecords random(8);
  mustTake(database, random.records(200));
  expectSound(database);
}

TEST(Findings, EveryKindOfDamageIsNamed) {
  struct Case {
    const char* damage;
    const char* finding;
  };
  const Case cases[] = {
      {"UPDATE environment SET soc = 'X'", "environment .* does not have the content of its id"},
      {"UPDATE session SET command = 'X'", "session .* does not have the content of its id"},
      {"UPDATE kernel SET builder = 'X'", "kernel .* does not have the content of its id"},
      {"UPDATE kernel SET builder = 'X'", "ran a kernel of another family or pto-tune version"},
      {"UPDATE trial SET detail = 'X'", "trial .* does not have the content of its id"},
      {"UPDATE trial SET calibrated = 1 - calibrated", "trial .* does not have the content"},
      {"UPDATE trial SET status = 77", "unknown status 77"},
      {"UPDATE sample SET seconds = seconds * 2", "trial .* does not have the content of its id"},
      {"UPDATE sample SET ordinal = 1", "misses a sample"},
      {"DELETE FROM sample", "the status correct and no samples"},
      {"UPDATE problem SET json = replace(json, '1024', '1025')", "problem .*content of its id"},
      {"UPDATE problem SET family = 'X'", "is of family fa, its row says X"},
      {"UPDATE point SET json = '[]'", "point .*: .*not a JSON object"},
      {"DELETE FROM point", "a row of trial .* names a point that is not there"},
      {"UPDATE note SET text = 'X'", "note .* does not have the content of its id"},
      {"UPDATE note SET subject = 9", "note .* unknown subject 9"},
      {"UPDATE session SET seed = 9", "session .* does not have the content of its id"},
      {"UPDATE environment SET cores = 9", "environment .* does not have the content of its id"},
      {"UPDATE trial SET bound = 9e999", "has a bound of inf s"},
      {"UPDATE proof SET bound = 9e999", "a proof of session .* has a bound of inf s"},
      {"UPDATE ask SET session = (SELECT max(key) FROM session)",
       "session .* asked for a trial of another environment, as number 0"},
      {"UPDATE trial SET session = (SELECT max(key) FROM session)",
       "recorded by a session of another environment"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.damage);
    const TempDir directory;
    {
      Database database = mustOpen(directory.path("db"));
      mustRecord(database, mustBegin(database),
                 {correctTrial(problem(128, 1024), Point(), {1e-6})});
      const SessionId other = mustBegin(database, deviceEnvironment());
      ASSERT_TRUE(database.addNote(other.value.hex(), "odd", "me"));
      ASSERT_TRUE(database.recordProof(other, problem(128, 1024), proofOf("fa", 10, 1e-7)));
    }
    RawDatabase(directory.path("db")).exec(one.damage);
    const Database database = mustOpen(directory.path("db"), OpenMode::readOnly);
    const auto findings = database.findings();
    ASSERT_TRUE(findings) << findings.error().text();
    const bool named = std::ranges::any_of(*findings, [&one](const std::string& finding) {
      return std::regex_search(finding, std::regex(one.finding));
    });
    EXPECT_TRUE(named) << (findings->empty() ? "no findings" : findings->front());
  }
}

TEST(Findings, DamagedPagesAreFound) {
  const TempDir directory;
  const std::string path = directory.path("db");
  {
    Database database = mustOpen(path);
    RandomRecords random(2);
    mustTake(database, random.records(400));
  }
  const std::string whole = readBytes(path);
  constexpr std::size_t kPage = 4096;
  int examined = 0;
  // The first page is judged when the file is opened.
  for (std::size_t page = 1; page < whole.size() / kPage; ++page) {
    std::string damaged = whole;
    damaged.replace(page * kPage, 64, std::string(64, '\x5a'));
    directory.write("damaged", damaged);
    const auto database = Database::open(directory.path("damaged"), OpenMode::readOnly);
    if (!database)
      continue;
    const auto findings = database->findings();
    EXPECT_TRUE(!findings || !findings->empty()) << "page " << page;
    ++examined;
  }
  EXPECT_GT(examined, 5);
}

TEST(Findings, ManyAreCutShort) {
  const TempDir directory;
  Database database = mustOpen(directory.path("db"));
  std::vector<Trial> trials;
  for (int i = 0; i < 150; ++i)
    trials.push_back(correctTrial(problem(128, 1024), numberedPoint(i), {1e-6}));
  mustRecord(database, mustBegin(database), trials);
  RawDatabase(directory.path("db")).exec("UPDATE trial SET detail = 'X'");
  const auto findings = database.findings();
  ASSERT_TRUE(findings);
  EXPECT_EQ(findings->size(), 101u);
}

constexpr std::pair<std::int64_t Pruned::*, const char*> kCounts[] = {
    {&Pruned::environments, "environments"},
    {&Pruned::sessions, "sessions"},
    {&Pruned::problems, "problems"},
    {&Pruned::points, "points"},
    {&Pruned::kernels, "kernels"},
    {&Pruned::trials, "trials"},
    {&Pruned::samples, "samples"},
    {&Pruned::notes, "notes"},
    {&Pruned::asks, "asks"},
    {&Pruned::rejections, "rejections"},
    {&Pruned::proofs, "proofs"}};

// Three sessions in two environments; problems and points are shared between them.
struct PruneCase : testing::Test {
  PruneCase() : path(directory.path("db")), database(mustOpen(path)) {
    records.environments = {simEnvironment(), deviceEnvironment()};
    records.sessions = {{.environment = simEnvironment().hash(), .started = 100},
                        {.environment = simEnvironment().hash(), .started = 200},
                        {.environment = deviceEnvironment().hash(), .started = 300}};
    const auto add = [this](int session, std::int64_t recorded, Trial trial) {
      const auto& owner = records.sessions[static_cast<std::size_t>(session)];
      records.trials.push_back({owner.environment, contentId(owner), recorded, std::move(trial)});
    };
    add(0, 110, correctTrial(problem(128, 1024), numberedPoint(1), {1e-6, 2e-6}));
    add(0, 120, correctTrial(problem(128, 1024), numberedPoint(2), {1e-6}));
    add(1, 210, correctTrial(problem(128, 2048), numberedPoint(2), {3e-6}));
    add(2, 310, correctTrial(problem(128, 2048), numberedPoint(3), {4e-6}));
    // Every session asked for its own trials, and the second one for a trial of the first as well.
    for (const TrialRecord& record : records.trials)
      records.asks.push_back({record.session, record.recorded, record.id()});
    records.asks.push_back({contentId(records.sessions[1]), 0, records.trials[0].id()});
    // The third session counted for a problem of the others.
    for (const std::size_t session : {0UL, 2UL})
      records.rejections.push_back(
          {contentId(records.sessions[session]), problem(128, 1024), "ub", 5});
    // It proved something of a problem that nothing else names.
    records.proofs = {
        {contentId(records.sessions[0]), problem(128, 1024), proofOf("fa", 10, 1e-7)},
        {contentId(records.sessions[2]), problem(128, 4096), proofOf("fa", 10, 2e-7)}};
    records.notes = {{NoteSubject::trial, records.trials[0].id(), "me", 1, "a"},
                     {NoteSubject::session, contentId(records.sessions[0]), "me", 2, "b"},
                     {NoteSubject::point, numberedPoint(2).hash(), "me", 3, "c"},
                     {NoteSubject::environment, simEnvironment().hash(), "me", 4, "d"}};
    mustTake(database, records);
  }
  std::string id(std::size_t session) const { return contentId(records.sessions[session]).hex(); }

  TempDir directory;
  std::string path;
  Database database;
  Records records;
};

TEST_F(PruneCase, RemovesWhatMeetsEveryConditionAndWhatNothingUsesAnyMore) {
  const std::string sim = simEnvironment().hash().hex();
  struct Case {
    const char* what;
    PruneFilter filter;
    // environments, sessions, problems, points, kernels, trials, samples, notes, asks, rejections,
    // proofs
    Pruned expected;
  };
  const Case cases[] = {
      {"session", {.session = id(0)}, {0, 1, 0, 1, 1, 2, 3, 2, 3, 1, 1}},
      {"upper case and first digits",
       {.session = id(0).substr(0, 8)},
       {0, 1, 0, 1, 1, 2, 3, 2, 3, 1, 1}},
      {"environment", {.environment = sim}, {1, 2, 0, 2, 2, 3, 4, 4, 4, 1, 1}},
      {"age, in the middle of a session", {.before = 115}, {0, 0, 0, 1, 1, 1, 2, 1, 2, 0}},
      {"age of exactly a trial", {.before = 110}, {}},
      {"age", {.before = 211}, {1, 2, 0, 2, 2, 3, 4, 4, 4, 1, 1}},
      {"age of everything", {.before = 1000}, {2, 3, 3, 3, 3, 4, 5, 4, 5, 2, 2}},
      {"session and age", {.session = id(0), .before = 115}, {0, 0, 0, 1, 1, 1, 2, 1, 2, 0}},
      {"session of another environment", {.session = id(2), .environment = sim}, {}},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.what);
    const std::string copy = directory.path("copy");
    std::filesystem::remove(copy);
    Database target = mustOpen(copy);
    mustTake(target, records);
    const auto planned = target.prunable(one.filter);
    ASSERT_TRUE(planned) << planned.error().text();
    EXPECT_EQ(jsonLinesOf(target), jsonLinesOf(database));
    const auto pruned = target.prune(one.filter);
    ASSERT_TRUE(pruned) << pruned.error().text();
    EXPECT_EQ(*planned, *pruned);
    for (const auto& [field, name] : kCounts)
      EXPECT_EQ((*pruned).*field, one.expected.*field) << name;
    expectSound(target);
    EXPECT_EQ(mustRead(target).trials.size(),
              records.trials.size() - static_cast<std::size_t>(one.expected.trials));
    // Again there is nothing to do; what went can come back.
    const bool idIsGone = (!one.filter.session.empty() && one.expected.sessions > 0) ||
                          (!one.filter.environment.empty() && one.expected.environments > 0);
    EXPECT_EQ(target.prune(one.filter).ok(), !idIsGone);
    mustTake(target, records);
    EXPECT_EQ(jsonLinesOf(target), jsonLinesOf(database));
  }
}

TEST_F(PruneCase, ADryRunLeavesEveryByteAlone) {
  {
    Database closed = std::move(database);
  }
  const auto before = snapshotAround(path);
  {
    const Database reader = mustOpen(path, OpenMode::readOnly);
    const auto planned = reader.prunable({.before = 1000});
    ASSERT_TRUE(planned) << planned.error().text();
    EXPECT_EQ(planned->trials, 4);
  }
  EXPECT_EQ(snapshotAround(path), before);
  database = mustOpen(path);
}

TEST_F(PruneCase, BadConditionsChangeNothing) {
  const std::string before = jsonLinesOf(database);
  const std::pair<PruneFilter, const char*> cases[] = {
      {{}, "nothing says what to prune"},
      {{.session = "abc"}, "the id of the session is malformed"},
      {{.session = "zzzz"}, "the id of the session is malformed"},
      {{.session = "' OR 1"}, "the id of the session is malformed"},
      {{.session = std::string(33, 'a')}, "the id of the session is malformed"},
      {{.session = std::string(32, '0')}, "the database has no session with this id"},
      {{.environment = std::string(32, '0')}, "the database has no environment with this id"},
  };
  for (const auto& [filter, message] : cases)
    for (const auto& result : {database.prunable(filter), database.prune(filter)}) {
      ASSERT_FALSE(result) << message;
      EXPECT_NE(result.error().text().find(message), std::string::npos) << result.error().text();
      EXPECT_EQ(result.error().file, path);
    }
  EXPECT_EQ(jsonLinesOf(database), before);
}

TEST(Prune, DigitsThatSeveralIdsShareAreRefused) {
  const TempDir directory;
  Database database = mustOpen(directory.path("db"));
  mustBegin(database);
  RawDatabase raw(directory.path("db"));
  raw.exec("INSERT INTO session (id, environment, host, command, started, nonce)"
           " VALUES (x'AAAA0000000000000000000000000001', 1, '', '', 0, 0),"
           " (x'AAAA0000000000000000000000000002', 1, '', '', 0, 0)");
  const auto pruned = database.prune({.session = "aaaa"});
  ASSERT_FALSE(pruned);
  EXPECT_NE(pruned.error().text().find("several ids"), std::string::npos) << pruned.error().text();
}

TEST(Prune, ForeignKeysAreStillEnforcedAfterwards) {
  const TempDir directory;
  Database database = mustOpen(directory.path("db"));
  const SessionId session = mustBegin(database);
  ASSERT_TRUE(database.prune({.before = 0}));
  // A second prune that would leave a broken row is refused whole.
  mustRecord(database, session, {correctTrial(problem(128, 1024), Point(), {1e-6})});
  RawDatabase(directory.path("db")).exec("DELETE FROM problem");
  const auto pruned = database.prune({.before = 0});
  ASSERT_FALSE(pruned);
  EXPECT_NE(pruned.error().message.find("rows of trial name rows that are not there"),
            std::string::npos)
      << pruned.error().text();
}

TEST(Vacuum, GivesRoomBackAndKeepsEverything) {
  const TempDir directory;
  const std::string path = directory.path("db");
  Database database = mustOpen(path);
  std::vector<Trial> trials;
  for (int i = 0; i < 2000; ++i)
    trials.push_back(failedTrial(problem(128, 1024), numberedPoint(i), TrialStatus::compile,
                                 std::string(200, 'x')));
  const SessionId session = mustBegin(database);
  mustRecord(database, session, trials);
  ASSERT_TRUE(database.prune({.session = session.value.hex()}));
  mustRecord(database, mustBegin(database), {correctTrial(problem(128, 1024), Point(), {1e-6})});
  const std::string before = jsonLinesOf(database);
  const auto large = database.info();
  const Status done = database.vacuum();
  ASSERT_TRUE(done) << done.error().text();
  const auto small = database.info();
  ASSERT_TRUE(large && small);
  EXPECT_GT(large->freeBytes, large->bytes / 2);
  EXPECT_EQ(small->freeBytes, 0);
  EXPECT_LT(small->bytes, large->bytes / 2);
  EXPECT_EQ(std::filesystem::file_size(path), static_cast<std::uintmax_t>(small->bytes));
  EXPECT_EQ(jsonLinesOf(database), before);
  expectSound(database);
}

TEST(Age, IsANumberOfHoursDaysOrWeeks) {
  const auto now = timeOfAge("0h");
  ASSERT_TRUE(now);
  const std::pair<const char*, std::int64_t> good[] = {
      {"1h", 3600}, {"12h", 12 * 3600}, {"30d", 30 * 86400}, {"8w", 56 * 86400}};
  for (const auto& [text, seconds] : good) {
    const auto time = timeOfAge(text);
    ASSERT_TRUE(time) << text;
    EXPECT_NEAR(static_cast<double>(*now - *time), static_cast<double>(seconds) * 1e6, 60e6);
  }
  for (const char* text :
       {"", "d", "30", "-1d", "1.5d", "1m", "1d ", "100001d", "99999999999999999999d", "1 d"})
    EXPECT_FALSE(timeOfAge(text)) << text;
}

} // namespace
} // namespace ptotune::test
