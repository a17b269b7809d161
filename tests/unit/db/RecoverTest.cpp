// Damaged files, and what is read of them.
#include "db/maintain/Recover.h"

#include "RecordsTest.h"
#include "tests/support/LongMode.h"

#include <gmock/gmock.h>

#include <cctype>
#include <set>

namespace ptotune::test {
namespace {

constexpr std::size_t kPage = 4096;

// A closed file with enough trials for tables of many pages.
std::string largeFile(const TempDir& directory, Records& records) {
  const std::string path = directory.path("results.db");
  Database database = mustOpen(path);
  RandomRecords random(3);
  records = random.records(40);
  for (int i = 0; i < 1500; ++i) {
    const SessionIdentity& session = records.sessions[static_cast<std::size_t>(random.below(6))];
    records.trials.push_back(
        {session.environment, contentId(session), 6000 + i,
         correctTrial(problem(256, 1024), numberedPoint(i), {1e-6 * (1 + i), 2e-6})});
    records.asks.push_back({contentId(session), 1000 + i, records.trials.back().id()});
  }
  mustTake(database, records);
  return path;
}

// Ids of all trials of a file.
std::set<Hash> trialsOf(const Database& database) {
  std::set<Hash> ids;
  for (const TrialRecord& record : mustRead(database).trials)
    ids.insert(record.id());
  return ids;
}

TEST(Recover, ASoundFileLosesNothing) {
  const TempDir directory;
  Records records;
  const std::string path = largeFile(directory, records);
  const auto before = snapshotAround(path);
  const auto recovered = recoverDatabase(path, directory.path("new.db"));
  ASSERT_TRUE(recovered) << recovered.error().text();
  EXPECT_EQ(recovered->lost, std::vector<std::string>{});
  EXPECT_EQ(jsonLinesOf(mustOpen(directory.path("new.db"))), jsonLinesOf(mustOpen(path)));
  auto after = snapshotAround(path);
  after.erase("new.db");
  EXPECT_EQ(after, before);
}

TEST(Recover, OfEveryDamagedPageTheRestIsKeptAndSound) {
  const TempDir directory;
  Records records;
  const std::string whole = readBytes(largeFile(directory, records));
  const std::set<Hash> all = trialsOf(mustOpen(directory.path("results.db")));
  ASSERT_GT(all.size(), 1500u);
  const std::size_t pages = whole.size() / kPage;
  ASSERT_GT(pages, 100u);
  const std::size_t steps = longMode() ? 100 : 6;
  std::size_t mostLost = 0;
  std::size_t silent = 0;
  for (std::size_t page = 1; page < pages; page += 1 + pages / steps) {
    SCOPED_TRACE(page);
    std::string damaged = whole;
    damaged.replace(page * kPage, kPage, std::string(kPage, '\x5a'));
    const std::string path = directory.write("damaged.db", damaged);
    const std::string fresh = directory.path("new.db");
    std::filesystem::remove(fresh);
    const auto recovered = recoverDatabase(path, fresh);
    ASSERT_TRUE(recovered) << recovered.error().text();
    const Database database = mustOpen(fresh);
    expectSound(database);
    const std::set<Hash> kept = trialsOf(database);
    for (const Hash& id : kept)
      EXPECT_TRUE(all.contains(id));
    mostLost = std::max(mostLost, all.size() - kept.size());
    silent += kept.size() < all.size() && recovered->lost.empty();
  }
  EXPECT_EQ(silent, 0u) << "what is lost is said";
  EXPECT_GT(mostLost, 0u);
}

TEST(Recover, OneLeafOfTheTrialsCostsTheTrialsOnItAlone) {
  const TempDir directory;
  Records records;
  const std::string path = largeFile(directory, records);
  const std::set<Hash> all = trialsOf(mustOpen(path));
  std::size_t leaf = 0;
  {
    RawDatabase raw(path);
    // The page of a row in the middle of the table, found by the id that stands on it.
    const std::string id = raw.value("SELECT hex(id) FROM trial WHERE key = 700");
    const Hash hash = Hash::parse([&id] {
      std::string lower = id;
      for (char& c : lower)
        c = static_cast<char>(std::tolower(c));
      return lower;
    }());
    std::string bytes;
    for (const std::uint64_t half : {hash.high, hash.low})
      for (int shift = 56; shift >= 0; shift -= 8)
        bytes += static_cast<char>(half >> shift);
    const std::string whole = readBytes(path);
    for (std::size_t at = whole.find(bytes); at != std::string::npos;
         at = whole.find(bytes, at + 1))
      if (whole[at / kPage * kPage] == 0x0d) // leaf of a table, not of an index
        leaf = at / kPage;
  }
  ASSERT_GT(leaf, 0u);
  std::string damaged = readBytes(path);
  damaged.replace(leaf * kPage, kPage, std::string(kPage, '\0'));
  directory.write("damaged.db", damaged);
  const auto recovered = recoverDatabase(directory.path("damaged.db"), directory.path("new.db"));
  ASSERT_TRUE(recovered) << recovered.error().text();
  const std::size_t kept = trialsOf(mustOpen(directory.path("new.db"))).size();
  EXPECT_LT(kept, all.size());
  EXPECT_GT(kept, all.size() - 100);
  ASSERT_FALSE(recovered->lost.empty());
  EXPECT_THAT(recovered->lost, testing::Contains(testing::MatchesRegex(
                                   "trial: up to [0-9]+ rows stand on pages that cannot be read")));
}

TEST(Recover, RowsThatWereChangedAreLeftOutAndTrialsOutliveTheirSession) {
  const TempDir directory;
  const std::string path = directory.path("db");
  {
    Database database = mustOpen(path);
    mustRecord(database, mustBegin(database),
               {correctTrial(problem(128, 1024), numberedPoint(1), {1e-6}),
                correctTrial(problem(128, 1024), numberedPoint(2), {2e-6})});
  }
  RawDatabase(path).exec("UPDATE session SET command = 'X'; UPDATE sample SET seconds = 3 WHERE"
                         " trial = 2");
  const auto recovered = recoverDatabase(path, directory.path("new"));
  ASSERT_TRUE(recovered) << recovered.error().text();
  const Database database = mustOpen(directory.path("new"));
  expectSound(database);
  const Records kept = mustRead(database);
  ASSERT_EQ(kept.trials.size(), 1u);
  EXPECT_EQ(kept.trials[0].trial.point, numberedPoint(1));
  ASSERT_EQ(kept.sessions.size(), 1u);
  EXPECT_EQ(kept.sessions[0].command, "pto-tune db recover");
  EXPECT_THAT(recovered->lost,
              testing::ElementsAre(testing::HasSubstr("ask: 2 rows"),
                                   testing::HasSubstr("session: 1 rows that were read do not have"),
                                   testing::HasSubstr("trial: 1 rows"),
                                   testing::HasSubstr("1 trials were kept whose session is lost")));
}

TEST(Recover, WhatIsNoDatabaseIsRefused) {
  const TempDir directory;
  const std::string text = directory.write("text", std::string(500, '#'));
  EXPECT_FALSE(recoverDatabase(text, directory.path("new")));
  EXPECT_FALSE(recoverDatabase(directory.path("none"), directory.path("new")));
  const std::string path = directory.path("db");
  {
    mustOpen(path);
  }
  const auto same = recoverDatabase(path, path);
  ASSERT_FALSE(same);
  EXPECT_NE(same.error().text().find("name a new file"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(directory.path("new")));
}

} // namespace
} // namespace ptotune::test
