// A disk that is full at any moment: what is said, and what is left.
#include "RecordsTest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

namespace ptotune::test {
namespace {

// The functions of one kind of file, and the same with a write() that may fail.
struct Methods {
  const sqlite3_io_methods* real = nullptr;
  sqlite3_io_methods small{};
};

// SQLite's own file system, but for a number of bytes after which nothing more can be written. It
// becomes the default of this process, which must be a child without open databases.
class SmallDisk {
public:
  static void mount(std::int64_t bytes) {
    room_ = bytes;
    real_ = sqlite3_vfs_find(nullptr);
    disk_ = *real_;
    disk_.zName = "small-disk";
    disk_.xOpen = open;
    sqlite3_vfs_register(&disk_, 1);
  }

private:
  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    const int code = real_->xOpen(vfs, name, file, flags, out);
    if (code != SQLITE_OK || file->pMethods == nullptr)
      return code;
    auto kind = std::ranges::find(kinds_, file->pMethods, &Methods::real);
    if (kind == kinds_.end()) {
      kind = std::ranges::find(kinds_, nullptr, &Methods::real);
      kind->real = file->pMethods;
      kind->small = *file->pMethods;
      kind->small.xWrite = write;
    }
    file->pMethods = &kind->small;
    return code;
  }
  static int write(sqlite3_file* file, const void* data, int bytes, sqlite3_int64 at) {
    if (room_ < bytes)
      return SQLITE_FULL;
    room_ -= bytes;
    const auto kind = std::ranges::find_if(
        kinds_, [file](const Methods& one) { return &one.small == file->pMethods; });
    return kind->real->xWrite(file, data, bytes, at);
  }

  inline static std::int64_t room_ = 0;
  inline static sqlite3_vfs* real_ = nullptr;
  inline static sqlite3_vfs disk_{};
  inline static std::array<Methods, 8> kinds_{};
};

constexpr int kBatch = 25;

std::vector<Trial> batchOf(int number) {
  std::vector<Trial> trials;
  trials.reserve(kBatch);
  for (int i = 0; i < kBatch; ++i)
    trials.push_back(correctTrial(problem(128, 1024L * (1 + number)), numberedPoint(i), {1e-6}));
  return trials;
}

// Records until the disk is full; writes how many batches were acknowledged, and the message.
int fillDisk(const std::string& path, const std::string& report, std::int64_t bytes) {
  SmallDisk::mount(bytes);
  int done = 0;
  const auto fill = [&]() -> Error {
    auto database = Database::open(path, OpenMode::create);
    if (!database)
      return database.error();
    const auto session = database->beginSession(simEnvironment(), "test");
    if (!session)
      return session.error();
    while (true) {
      if (const Status recorded = database->record(*session, batchOf(done)); !recorded)
        return recorded.error();
      ++done;
    }
  };
  const std::string message = fill().text();
  std::ofstream(report) << done << " " << message;
  return 0;
}

TEST(FullDisk, IsSaidAndCostsTheBatchAtHandOnly) {
  bool atOnce = false;
  int most = 0;
  for (const std::int64_t bytes :
       {0L, 1'000L, 10'000L, 60'000L, 150'000L, 300'000L, 1'000'000L, 8'000'000L}) {
    SCOPED_TRACE(bytes);
    const TempDir directory;
    const std::string path = directory.path("results.db");
    const std::string report = directory.path("report");
    ASSERT_EQ(waitFor(startChild([&] { return fillDisk(path, report, bytes); })), 0);
    std::ifstream file(report);
    int done = 0;
    file >> done;
    const std::string message{std::istreambuf_iterator<char>(file), {}};
    EXPECT_NE(message.find("the disk is full; nothing of this batch was stored"), std::string::npos)
        << message;
    EXPECT_NE(message.find("make room and run again"), std::string::npos) << message;
    EXPECT_NE(message.find(path), std::string::npos) << message;
    atOnce |= done == 0;
    most = std::max(most, done);

    // With room again, everything that was acknowledged is there, and it goes on.
    Database database = mustOpen(path);
    expectSound(database);
    EXPECT_EQ(mustRead(database).trials.size(), static_cast<std::size_t>(done) * kBatch);
    mustRecord(database, mustBegin(database), batchOf(done));
    EXPECT_EQ(mustRead(database).trials.size(), static_cast<std::size_t>(done + 1) * kBatch);
  }
  EXPECT_TRUE(atOnce);
  EXPECT_GT(most, 20);
}

} // namespace
} // namespace ptotune::test
