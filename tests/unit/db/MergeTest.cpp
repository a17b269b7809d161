// Merging is idempotent, commutative and associative, and changes everything or nothing.
#include "RecordsTest.h"

#include <numeric>

namespace ptotune::test {
namespace {

// A fresh file that holds `records`.
std::string fileOf(const TempDir& directory, const std::string& name, const Records& records) {
  Database database = mustOpen(directory.path(name));
  mustTake(database, records);
  return directory.path(name);
}

std::string exportOf(const std::string& path) {
  return jsonLinesOf(mustOpen(path, OpenMode::readOnly));
}

Taken mustMerge(const std::string& into, const std::vector<std::string>& sources) {
  const auto taken = mergeDatabases(into, sources);
  EXPECT_TRUE(taken) << taken.error().text();
  return taken ? *taken : Taken{};
}

TEST(Merge, AnyOrderAndRepetitionGivesEqualExports) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    const TempDir directory;
    RandomRecords random(seed);
    std::vector<std::string> sources;
    for (int i = 0; i < 4; ++i)
      sources.push_back(fileOf(directory, std::to_string(i), random.records(40)));
    mustMerge(directory.path("expected"), sources);
    const std::string expected = exportOf(directory.path("expected"));
    for (int round = 0; round < 6; ++round) {
      const std::string into = directory.path("round" + std::to_string(round));
      // Every source at least once, one of them twice, in random order and random groups.
      std::vector<std::string> order = sources;
      order.push_back(sources[static_cast<std::size_t>(random.below(4))]);
      for (std::size_t i = order.size() - 1; i > 0; --i)
        std::swap(order[i], order[static_cast<std::size_t>(random.below(static_cast<int>(i) + 1))]);
      for (std::size_t first = 0; first < order.size();) {
        const std::size_t last =
            std::min(order.size(), first + 1 + static_cast<std::size_t>(random.below(3)));
        mustMerge(into, {order.begin() + static_cast<long>(first),
                         order.begin() + static_cast<long>(last)});
        first = last;
      }
      ASSERT_EQ(exportOf(into), expected) << "seed " << seed << ", round " << round;
      const Database database = mustOpen(into, OpenMode::readOnly);
      EXPECT_EQ(renderCsv(mustRead(database)),
                renderCsv(mustRead(mustOpen(directory.path("expected"), OpenMode::readOnly))));
      expectSound(database);
    }
  }
}

TEST(Merge, IsAssociative) {
  const TempDir directory;
  RandomRecords random(99);
  const std::string a = fileOf(directory, "a", random.records(60));
  const std::string b = fileOf(directory, "b", random.records(60));
  const std::string c = fileOf(directory, "c", random.records(60));
  mustMerge(directory.path("ab"), {a, b});
  mustMerge(directory.path("bc"), {b, c});
  mustMerge(directory.path("ab_c"), {directory.path("ab"), c});
  mustMerge(directory.path("a_bc"), {a, directory.path("bc")});
  EXPECT_EQ(exportOf(directory.path("ab_c")), exportOf(directory.path("a_bc")));
  EXPECT_NE(exportOf(directory.path("ab_c")), exportOf(directory.path("ab")));
}

TEST(Merge, IntoOneOfTheSourcesOrIntoItselfIsTheSame) {
  const TempDir directory;
  RandomRecords random(5);
  const std::string a = fileOf(directory, "a", random.records(50));
  const std::string b = fileOf(directory, "b", random.records(50));
  mustMerge(directory.path("both"), {a, b});
  const std::string before = exportOf(a);
  const Taken same = mustMerge(a, {a});
  EXPECT_EQ(same.trials + same.sessions + same.environments + same.earlier, 0);
  EXPECT_EQ(exportOf(a), before);
  mustMerge(a, {b});
  EXPECT_EQ(exportOf(a), exportOf(directory.path("both")));
}

TEST(Merge, OfATrialThatBothHaveTheEarlierRecordingStays) {
  struct Case {
    const char* what;
    std::int64_t recorded;
    double prepare, measure;
    bool laterSession;
  };
  const Environment environment = simEnvironment();
  std::vector<SessionIdentity> sessions = {{.environment = environment.hash(), .nonce = 1},
                                           {.environment = environment.hash(), .nonce = 2}};
  std::ranges::sort(sessions, {}, [](const auto& session) { return contentId(session); });
  const auto recordsOf = [&](const Case& one) {
    TrialRecord record{.environment = environment.hash(),
                       .session = contentId(sessions[one.laterSession]),
                       .recorded = one.recorded,
                       .trial = correctTrial(problem(128, 1024), Point(), {1e-6})};
    record.trial.prepareSeconds = one.prepare;
    record.trial.measureSeconds = one.measure;
    return Records{{environment}, sessions, {record}};
  };
  const Case base{"base", 100, 2, 3, false};
  for (const Case& later : {Case{"recorded later", 101, 1, 1, false},
                            Case{"session with a greater id", 100, 1, 1, true},
                            Case{"longer preparation", 100, 2.5, 1, false},
                            Case{"longer measurement", 100, 2, 3.5, false}}) {
    SCOPED_TRACE(later.what);
    const TempDir directory;
    Database forward = mustOpen(directory.path("forward"));
    mustTake(forward, recordsOf(base));
    EXPECT_EQ(mustTake(forward, recordsOf(later)).known, 1);
    Database backward = mustOpen(directory.path("backward"));
    mustTake(backward, recordsOf(later));
    EXPECT_EQ(mustTake(backward, recordsOf(base)).earlier, 1);
    for (const Database* database : {&forward, &backward}) {
      const Records kept = mustRead(*database);
      ASSERT_EQ(kept.trials.size(), 1u);
      EXPECT_EQ(kept.trials[0].recorded, 100);
      EXPECT_EQ(kept.trials[0].session, contentId(sessions[0]));
      EXPECT_EQ(kept.trials[0].trial.prepareSeconds, 2);
      EXPECT_EQ(kept.trials[0].trial.measureSeconds, 3);
    }
  }
}

TEST(Merge, RecordedTrialsTravelWithAllTheirContent) {
  const TempDir directory;
  const Trial trial = correctTrial(problem(128, 1024), numberedPoint(7), {3e-6, 1e-6, 2e-6});
  {
    Database database = mustOpen(directory.path("a"));
    mustRecord(database, mustBegin(database), {trial});
  }
  const Taken taken = mustMerge(directory.path("b"), {directory.path("a")});
  EXPECT_EQ(taken.environments, 1);
  EXPECT_EQ(taken.sessions, 1);
  EXPECT_EQ(taken.trials, 1);
  const Database merged = mustOpen(directory.path("b"), OpenMode::readOnly);
  const auto read = merged.trials(simEnvironment().hash(), problem(128, 1024));
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ(read->front().seconds, trial.seconds);
  EXPECT_EQ(read->front().sourceHash, trial.sourceHash);
  EXPECT_EQ(read->front().programHash, trial.programHash);
  EXPECT_EQ(exportOf(directory.path("a")), exportOf(directory.path("b")));
  const auto champions = merged.champions();
  ASSERT_TRUE(champions);
  ASSERT_EQ(champions->size(), 1u);
  EXPECT_EQ(champions->front().seconds, 2e-6);
}

TEST(Merge, OneBadSourceChangesNothing) {
  struct Case {
    const char* message;
    const char* damage; // SQL on the last source; empty: it is not a database at all
  };
  const Case cases[] = {
      {"is not an SQLite database", ""},
      {"a trial does not have the content of its id", "UPDATE trial SET detail = 'other'"},
      {"a trial does not have the content of its id", "UPDATE sample SET seconds = seconds * 2"},
      {"an environment does not have the content of its id", "UPDATE environment SET soc = 'X'"},
      {"a session does not have the content of its id", "UPDATE session SET host = 'X'"},
      {"a point does not have the content of its id",
       "UPDATE point SET json = replace(json, '\"SlotNumP\":1', '\"SlotNumP\":9')"},
      {"written by a newer pto-tune", "PRAGMA user_version = 99"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.message);
    const TempDir directory;
    RandomRecords random(3);
    const std::string good = fileOf(directory, "good", random.records(20));
    const std::string into = fileOf(directory, "into", random.records(20));
    Records correct = random.records(0);
    correct.trials.push_back({.environment = correct.environments[0].hash(),
                              .session = contentId(correct.sessions[0]),
                              .trial = correctTrial(problem(64, 64), numberedPoint(0), {1e-6})});
    std::string bad;
    if (*one.damage == '\0') {
      bad = directory.write("bad", "no database");
    } else {
      bad = fileOf(directory, "bad", correct);
      RawDatabase(bad).exec(one.damage);
    }
    const auto before = snapshotAround(into);
    for (const std::string& target : {into, directory.path("new")}) {
      const auto taken = mergeDatabases(target, std::vector{good, bad});
      ASSERT_FALSE(taken);
      EXPECT_NE(taken.error().message.find(one.message), std::string::npos) << taken.error().text();
      EXPECT_EQ(taken.error().file, bad);
    }
    EXPECT_EQ(snapshotAround(into), before);
  }
}

TEST(Merge, RecordsThatContradictThemselvesStoreNothing) {
  const TempDir directory;
  RandomRecords random(1);
  Database database = mustOpen(directory.path("db"));
  const std::string empty = jsonLinesOf(database);
  const Records sound = random.records(10);
  struct Case {
    const char* message;
    std::function<void(Records&)> spoil;
  };
  const Case cases[] = {
      {"a trial names an unknown session",
       [](Records& records) { records.trials.back().session = Hash::of("none"); }},
      {"a trial names an unknown environment",
       [](Records& records) { records.trials.back().environment = Hash::of("none"); }},
      {"a session names an unknown environment",
       [](Records& records) { records.sessions.back().environment = Hash::of("none"); }},
      {"a trial's session ran in another environment",
       [](Records& records) {
         records.trials.back().environment = records.environments[0].hash();
         records.trials.back().session = contentId(records.sessions[5]);
       }},
      {"a trial is refused: it has a sample of -1 s",
       [](Records& records) {
         records.trials.push_back(records.trials.back());
         records.trials.back().trial = correctTrial(problem(64, 64), Point(), {-1});
       }},
      {"an ask names an unknown trial",
       [](Records& records) { records.asks[0].trial = Hash::of("none"); }},
      {"an ask names an unknown session",
       [](Records& records) { records.asks[0].session = Hash::of("none"); }},
      {"a session asked for a trial of another environment",
       [](Records& records) {
         const Hash owner = records.trials[0].environment;
         const auto other = std::ranges::find_if(
             records.sessions, [&](const auto& session) { return session.environment != owner; });
         records.asks[0] = {contentId(*other), 0, records.trials[0].id()};
       }},
      {"a count of rejected points names an unknown session",
       [](Records& records) { records.rejections[0].session = Hash::of("none"); }},
      {"a proof names an unknown session",
       [](Records& records) { records.proofs[0].session = Hash::of("none"); }},
      {"a proof is refused: it has a bound of 0 s; a bound is a positive time",
       [](Records& records) { records.proofs[0].proof.bound = 0; }},
      {"a note is refused: it has no text",
       [](Records& records) { records.notes[0].text.clear(); }},
  };
  for (const Case& one : cases) {
    Records records = sound;
    one.spoil(records);
    const auto taken = database.take(records);
    ASSERT_FALSE(taken) << one.message;
    EXPECT_NE(taken.error().text().find(one.message), std::string::npos) << taken.error().text();
    EXPECT_EQ(jsonLinesOf(database), empty);
  }
  EXPECT_GT(mustTake(database, sound).trials, 0);
}

} // namespace
} // namespace ptotune::test
