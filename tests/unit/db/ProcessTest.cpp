// Many processes on one file, and processes that die while they write.
#include "DbTest.h"
#include "db/file/Sqlite.h"
#include "tests/support/LongMode.h"

#include <chrono>
#include <csignal>
#include <limits>
#include <random>
#include <set>
#include <sys/resource.h>
#include <thread>

namespace ptotune::test {
namespace {

constexpr int kBatch = 25;

// Batch `number` of one writer: kBatch trials that no other batch has.
std::vector<Trial> batchOf(int writer, int number) {
  std::vector<Trial> trials;
  trials.reserve(kBatch);
  for (int i = 0; i < kBatch; ++i)
    trials.push_back(correctTrial(problem(128L * (1 + writer), 1024L * (1 + number)),
                                  numberedPoint(i), {1e-6 * (1 + i), 2e-6}));
  return trials;
}

// Opens, begins and records batches until `batches` are stored; reports each on `acknowledge`.
int writeBatches(const std::string& path, int writer, int batches, int acknowledge = -1) {
  auto database = Database::open(path, OpenMode::create);
  if (!database)
    return 2;
  const auto session = database->beginSession(simEnvironment(), "test");
  if (!session)
    return 3;
  for (int number = 0; number < batches; ++number) {
    if (!database->record(*session, batchOf(writer, number)))
      return 4;
    if (acknowledge >= 0 && ::write(acknowledge, &number, sizeof(number)) != sizeof(number))
      return 5;
  }
  return 0;
}

void expectBatch(const Database& database, int writer, int number) {
  const std::vector<Trial> expected = batchOf(writer, number);
  const auto stored = database.trials(simEnvironment().hash(), expected.front().problem);
  ASSERT_TRUE(stored) << stored.error().text();
  ASSERT_EQ(stored->size(), expected.size()) << "writer " << writer << ", batch " << number;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ((*stored)[i].point, expected[i].point);
    EXPECT_EQ((*stored)[i].seconds, expected[i].seconds);
  }
}

TEST(Processes, ConcurrentWritersLoseNothing) {
  constexpr int kWriters = 8;
  const int kBatches = longMode() ? 5000 / kBatch : 8;
  const TempDir directory;
  const std::string path = directory.path("results.db"); // all of them race to make it
  std::vector<pid_t> children;
  children.reserve(kWriters);
  for (int writer = 0; writer < kWriters; ++writer)
    children.push_back(startChild([&, writer] { return writeBatches(path, writer, kBatches); }));
  for (const pid_t child : children)
    EXPECT_EQ(waitFor(child), 0);
  const Database database = mustOpen(path);
  for (int writer = 0; writer < kWriters; ++writer)
    for (int number = 0; number < kBatches; ++number)
      expectBatch(database, writer, number);
  EXPECT_EQ(RawDatabase(path).value("PRAGMA integrity_check"), "ok");
}

TEST(Processes, AWriterWaitsForAnother) {
  const TempDir directory;
  const std::string path = directory.path("results.db");
  Database database = mustOpen(path);
  const SessionId session = mustBegin(database);
  RawDatabase other(path);
  other.exec("BEGIN IMMEDIATE");
  EXPECT_TRUE(database.champions()); // readers do not wait
  const auto start = std::chrono::steady_clock::now();
  std::thread release([&other] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    other.exec("COMMIT");
  });
  mustRecord(database, session, batchOf(0, 0));
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(200));
  release.join();
  expectBatch(database, 0, 0);
}

// Whatever SQLite calls it, people are told what happened and what to do.
TEST(Processes, NobodyIsToldThatADatabaseIsLocked) {
  const TempDir directory;
  auto connection = sqlite::Connection::open(
      directory.path("db"), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, directory.path("db"));
  ASSERT_TRUE(connection);
  for (const int code : {SQLITE_BUSY, SQLITE_LOCKED, SQLITE_BUSY_SNAPSHOT, SQLITE_BUSY_RECOVERY,
                         SQLITE_LOCKED_SHAREDCACHE, SQLITE_PROTOCOL}) {
    const std::string text = (*connection)->error(code).text();
    EXPECT_EQ(text.find("locked"), std::string::npos) << text;
    EXPECT_NE(text.find("other processes kept writing"), std::string::npos) << text;
    EXPECT_NE(text.find("wait until they are done"), std::string::npos) << text;
  }
}

TEST(Processes, ThreadsShareOneDatabase) {
  const TempDir directory;
  Database database = mustOpen(directory.path("results.db"));
  const SessionId session = mustBegin(database);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int writer = 0; writer < 4; ++writer)
    threads.emplace_back([&, writer] {
      for (int number = 0; number < 5; ++number) {
        mustRecord(database, session, batchOf(writer, number));
        EXPECT_TRUE(database.champions());
      }
    });
  for (std::thread& thread : threads)
    thread.join();
  for (int writer = 0; writer < 4; ++writer)
    for (int number = 0; number < 5; ++number)
      expectBatch(database, writer, number);
}

// Reads the numbers that a writer got acknowledged: `count` of them, or all until it is dead.
void readAcknowledged(int pipe, std::size_t count, std::set<int>& numbers) {
  for (int number = 0;
       numbers.size() < count && ::read(pipe, &number, sizeof(number)) == sizeof(number);)
    numbers.insert(number);
}

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

TEST(Processes, AKilledWriterLeavesASoundFileWithAllThatWasAcknowledged) {
  std::mt19937 random(7);
  const TempDir directory;
  const std::string path = directory.path("results.db");
  int cutShort = 0;
  const int rounds = longMode() ? 200 : 15;
  for (int writer = 0; writer < rounds; ++writer) {
    SCOPED_TRACE(writer);
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = startChild([&] { return writeBatches(path, writer, 1'000'000, ends[1]); });
    ::close(ends[1]);
    // From within the making of the file to tens of batches, then anywhere in the next ones.
    std::set<int> done;
    readAcknowledged(ends[0], writer == 0 ? 0 : random() % 60, done);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 6'000));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    EXPECT_EQ(waitFor(child), 128 + SIGKILL);
    readAcknowledged(ends[0], kAll, done);
    ::close(ends[0]);
    const Database database = mustOpen(path);
    EXPECT_EQ(RawDatabase(path).value("PRAGMA integrity_check"), "ok");
    for (const int number : done)
      expectBatch(database, writer, number);
    // Of the batch at hand all is there or nothing.
    const int next = static_cast<int>(done.size());
    const auto last = database.trials(simEnvironment().hash(), batchOf(writer, next)[0].problem);
    ASSERT_TRUE(last);
    EXPECT_TRUE(last->empty() || last->size() == kBatch) << last->size();
    cutShort += last->empty();
  }
  EXPECT_GT(cutShort, 0);
  const auto findings = mustOpen(path, OpenMode::readOnly).findings();
  ASSERT_TRUE(findings) << findings.error().text();
  EXPECT_EQ(*findings, std::vector<std::string>{});
}

// A limit on the file size stands in for a full disk: writing fails in the middle.
TEST(Processes, AFullDiskCostsTheBatchAtHandOnly) {
  const TempDir directory;
  const std::string path = directory.path("results.db");
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = startChild([&] {
    const rlimit limit{600'000, 600'000};
    ::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &limit);
    return writeBatches(path, 0, 1'000'000, ends[1]);
  });
  ::close(ends[1]);
  EXPECT_EQ(waitFor(child), 4) << "recording failed, and said so";
  std::set<int> done;
  readAcknowledged(ends[0], kAll, done);
  ::close(ends[0]);
  EXPECT_GT(done.size(), 3u);
  Database database = mustOpen(path);
  EXPECT_EQ(RawDatabase(path).value("PRAGMA integrity_check"), "ok");
  for (const int number : done)
    expectBatch(database, 0, number);
  const int next = static_cast<int>(done.size());
  mustRecord(database, mustBegin(database), batchOf(0, next));
  expectBatch(database, 0, next);
}

} // namespace
} // namespace ptotune::test
