// Files of schema versions 1 and 2: read as they are, and brought up to date when they are written.
#include "RecordsTest.h"
#include "db/Schema.h"

#include <fmt/format.h>

namespace ptotune::test {
namespace {

// What a row of version 1 says, and the canonical text that its id was taken over.
constexpr const char* kEnvironment =
    R"({"runner":"sim","runner_version":"3","soc":"Ascend910B2",)"
    R"("soc_hash":"00000000000000010000000000000002","tool_version":"0.1.0","toolchain":"gen 4"})";
constexpr const char* kKernel =
    R"({"builder":"0.1.0","family":"fa","program":"00000000000000030000000000000004",)"
    R"("source":"00000000000000050000000000000006"})";

std::string sessionText(int nonce) {
  return fmt::format(R"({{"command":"tune a.toml","environment":"{}","host":"h","nonce":{},)"
                     R"("started":1000}})",
                     Hash::of(kEnvironment).hex(), nonce);
}

std::string trialText(const Point& point, const char* status, const std::string& rest) {
  return fmt::format("environment {}\nproblem {}\npoint {}\n{}{}", Hash::of(kEnvironment).hex(),
                     problem(128, 1024).hash().hex(), point.hash().hex(), status, rest);
}

// A file of version 1 with two sessions and two trials, by the statements of that version alone.
std::string fileOfVersion1(const TempDir& directory, const char* name) {
  const std::string path = directory.path(name);
  RawDatabase raw(path);
  raw.exec(std::string(migrations()[0].sql));
  raw.exec(fmt::format("PRAGMA application_id={}; PRAGMA user_version=1; PRAGMA journal_mode=WAL",
                       kApplicationId));
  const auto id = [](const std::string& text) { return "x'" + Hash::of(text).hex() + "'"; };
  raw.exec(fmt::format("INSERT INTO environment VALUES (1, {}, 'Ascend910B2',"
                       " x'00000000000000010000000000000002', 'sim', '3', 'gen 4', '0.1.0')",
                       id(kEnvironment)));
  raw.exec(fmt::format("INSERT INTO kernel VALUES (1, {}, 'fa', '0.1.0',"
                       " x'00000000000000050000000000000006',"
                       " x'00000000000000030000000000000004')",
                       id(kKernel)));
  const std::string json = problem(128, 1024).json();
  raw.exec(fmt::format("INSERT INTO problem VALUES (1, {}, 'fa', '{}')", id(json), json));
  for (int i = 1; i <= 2; ++i) {
    const std::string point = numberedPoint(i).json();
    raw.exec(fmt::format("INSERT INTO point VALUES ({}, {}, '{}')", i, id(point), point));
    raw.exec(fmt::format("INSERT INTO session VALUES ({0}, {1}, 1, 'h', 'tune a.toml', 1000, {0})",
                         i, id(sessionText(i))));
  }
  const std::string correct =
      trialText(numberedPoint(1), "status 0\ncalibrated 1\n",
                "source 00000000000000050000000000000006\n"
                "program 00000000000000030000000000000004\nsamples 2\n3ff0000000000000\n"
                "3fe0000000000000\ndetail\n");
  const std::string hang =
      trialText(numberedPoint(2), "status 6\ncalibrated 0\n",
                "source 00000000000000000000000000000000\n"
                "program 00000000000000000000000000000000\nsamples 0\ndetail\nwaits");
  raw.exec(fmt::format("INSERT INTO trial VALUES (1, {}, 1, 1, 1, 1, 0, 1, '', 0.5, 1.5, 2000, 1)",
                       id(correct)));
  raw.exec(fmt::format("INSERT INTO trial VALUES (2, {}, 1, 1, 2, NULL, 6, 0, 'waits', 0, 0, 2001,"
                       " 2)",
                       id(hang)));
  raw.exec("INSERT INTO sample VALUES (1, 0, 1.0), (1, 1, 0.5)");
  return path;
}

TEST(Upgrade, WritingBringsAFileUpToDateAndKeepsEveryIdAndValue) {
  const TempDir directory;
  const std::string path = fileOfVersion1(directory, "old.db");
  const auto idsOf = [&path] {
    RawDatabase raw(path);
    std::vector<std::string> ids;
    for (const char* table : {"environment", "kernel", "problem", "point", "session", "trial"})
      for (const std::string& id : raw.rows(fmt::format("SELECT hex(id) FROM {}", table)))
        ids.push_back(table + (" " + id));
    return ids;
  };
  const auto before = idsOf();
  ASSERT_EQ(before.size(), 9u);
  {
    Database database = mustOpen(path);
    expectSound(database);
    const Records records = mustRead(database);
    ASSERT_EQ(records.environments.size(), 1u);
    EXPECT_EQ(records.environments[0].cores, 0);
    EXPECT_EQ(records.environments[0].isaHash, "");
    ASSERT_EQ(records.sessions.size(), 2u);
    EXPECT_EQ(records.sessions[0].searcher, "");
    ASSERT_EQ(records.trials.size(), 2u);
    EXPECT_EQ(records.trials[0].trial.seconds, (std::vector<double>{1.0, 0.5}));
    EXPECT_EQ(records.trials[0].trial.boundSeconds, 0);
    EXPECT_EQ(records.trials[1].trial.detail, "waits");
    EXPECT_TRUE(records.asks.empty());
    // It takes what version 2 brought.
    const SessionId session{contentId(records.sessions[1])};
    Trial known = records.trials[0].trial;
    mustRecord(database, session, {known});
    ASSERT_TRUE(database.addNote(session.value.hex(), "resumed", "me"));
    // And of version 3.
    const SpaceProof proof = proofOf("fa", 10, 0.25);
    ASSERT_TRUE(database.recordProof(session, known.problem, proof));
    EXPECT_EQ(database.champions()->front().proof, proof);
    expectSound(database);
    const auto asks = database.sessionTrials(session);
    ASSERT_TRUE(asks);
    ASSERT_EQ(asks->size(), 1u);
    EXPECT_EQ((*asks)[0].trial.seconds, known.seconds);
  }
  EXPECT_EQ(idsOf(), before);
  EXPECT_EQ(RawDatabase(path).value("PRAGMA user_version"), "3");
}

// A file of version 2 is one of version 1 with the next step.
TEST(Upgrade, AFileOfVersion2KnowsNoBoundUntilOneIsProven) {
  const TempDir directory;
  const std::string path = fileOfVersion1(directory, "old.db");
  {
    RawDatabase raw(path);
    raw.exec(std::string(migrations()[1].sql) + "; PRAGMA user_version=2");
  }
  const std::string before = jsonLinesOf(mustOpen(path, OpenMode::readOnly));
  {
    Database database = mustOpen(path);
    EXPECT_EQ(jsonLinesOf(database), before);
    EXPECT_FALSE(database.champions()->front().gap());
    const SessionId session{contentId(mustRead(database).sessions[0])};
    ASSERT_TRUE(database.recordProof(session, problem(128, 1024), proofOf("fa", 10, 0.25)));
    EXPECT_DOUBLE_EQ(database.champions()->front().gap().value(), 2.0 / 3);
    expectSound(database);
  }
  EXPECT_EQ(RawDatabase(path).value("PRAGMA user_version"), "3");
}

TEST(Upgrade, ReadingLeavesAnOlderFileAsItIs) {
  const TempDir directory;
  const std::string path = fileOfVersion1(directory, "old.db");
  const std::string copy = fileOfVersion1(directory, "new.db");
  {
    mustOpen(copy);
  }
  const auto before = snapshotAround(path);
  {
    const Database reader = mustOpen(path, OpenMode::readOnly);
    expectSound(reader);
    EXPECT_EQ(jsonLinesOf(reader), jsonLinesOf(mustOpen(copy, OpenMode::readOnly)));
    const auto champions = reader.champions();
    ASSERT_TRUE(champions) << champions.error().text();
    ASSERT_EQ(champions->size(), 1u);
    EXPECT_EQ((*champions)[0].seconds, 0.75);
  }
  EXPECT_EQ(snapshotAround(path), before);
}

TEST(Upgrade, UpgradedCopiesMergeIntoOne) {
  const TempDir directory;
  const std::string old = fileOfVersion1(directory, "old.db");
  const std::string first = fileOfVersion1(directory, "first.db");
  const std::string second = fileOfVersion1(directory, "second.db");
  {
    mustOpen(first);
    Database upgraded = mustOpen(second);
    mustRecord(upgraded, mustBegin(upgraded), {correctTrial(problem(128, 2048), Point(), {1e-6})});
  }
  const auto merged = [&directory](const char* name, const std::vector<std::string>& files) {
    const auto taken = mergeDatabases(directory.path(name), files);
    EXPECT_TRUE(taken) << (taken ? "" : taken.error().text());
    return jsonLinesOf(mustOpen(directory.path(name), OpenMode::readOnly));
  };
  const std::string all = merged("a", {first, second});
  EXPECT_EQ(merged("b", {second, first}), all);
  EXPECT_EQ(merged("c", {old, second, old, first, second}), all);
  EXPECT_EQ(merged("a", {old, first}), all);
  EXPECT_EQ(jsonLinesOf(mustOpen(second)), all); // the others held nothing of their own
}

} // namespace
} // namespace ptotune::test
