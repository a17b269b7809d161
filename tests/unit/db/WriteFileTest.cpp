// A file is replaced whole or not at all.
#include "db/file/WriteFile.h"

#include "DbTest.h"

#include <gmock/gmock.h>

#include <csignal>
#include <sys/resource.h>
#include <sys/stat.h>

namespace ptotune::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string kContent = "first line\n" + std::string(100'000, 'x') + '\0' + "\nlast line\n";

TEST(WriteFile, MakesAndReplaces) {
  const TempDir directory;
  const std::string path = directory.path("out.h");
  ASSERT_TRUE(writeFile(path, "old\n"));
  EXPECT_EQ(readBytes(path), "old\n");
  ASSERT_TRUE(writeFile(path, kContent));
  EXPECT_EQ(readBytes(path), kContent);
  ASSERT_TRUE(writeFile(path, ""));
  EXPECT_EQ(readBytes(path), "");
  EXPECT_EQ(snapshotAround(path).size(), 1u);
}

TEST(WriteFile, LeavesAFileWithTheSameContentAlone) {
  const TempDir directory;
  const std::string path = directory.write("out.h", kContent);
  const fs::file_time_type old = fs::file_time_type::clock::now() - std::chrono::hours(1);
  fs::last_write_time(path, old);
  ASSERT_TRUE(writeFile(path, kContent));
  EXPECT_EQ(fs::last_write_time(path), old);
  ASSERT_TRUE(writeFile(path, kContent + " "));
  EXPECT_GT(fs::last_write_time(path), old);
}

mode_t modeOf(const std::string& path) {
  struct stat found{};
  EXPECT_EQ(::stat(path.c_str(), &found), 0);
  return found.st_mode & 07777;
}

TEST(WriteFile, KeepsModesAndLinks) {
  const TempDir directory;
  const mode_t mask = ::umask(027);
  ASSERT_TRUE(writeFile(directory.path("new.h"), "x"));
  ::umask(mask);
  EXPECT_EQ(modeOf(directory.path("new.h")), 0640u);
  ::chmod(directory.path("new.h").c_str(), 0604);
  ASSERT_TRUE(writeFile(directory.path("new.h"), "y"));
  EXPECT_EQ(modeOf(directory.path("new.h")), 0604u);
  fs::create_symlink("new.h", directory.path("link.h"));
  ASSERT_TRUE(writeFile(directory.path("link.h"), "z"));
  EXPECT_TRUE(fs::is_symlink(directory.path("link.h")));
  EXPECT_EQ(readBytes(directory.path("new.h")), "z");
}

TEST(WriteFile, SaysWhatStandsInTheWay) {
  const TempDir directory;
  const auto message = [](const std::string& path) {
    const Status written = writeFile(path, "new");
    EXPECT_FALSE(written);
    EXPECT_EQ(written.error().file, path);
    const Status asked = checkWritable(path);
    EXPECT_FALSE(asked);
    EXPECT_EQ(asked.error().text(), written.error().text());
    return written.error().text();
  };
  EXPECT_THAT(message(""), HasSubstr("empty"));
  EXPECT_THAT(message(directory.path("nowhere/out.h")), HasSubstr("directory does not exist"));
  fs::create_directory(directory.path("folder"));
  EXPECT_THAT(message(directory.path("folder")), HasSubstr("is a directory"));
  ::chmod(directory.write("fixed.h", "old").c_str(), 0444);
  EXPECT_THAT(message(directory.path("fixed.h")), HasSubstr("read-only"));
  EXPECT_EQ(readBytes(directory.path("fixed.h")), "old");
  ASSERT_EQ(::mkfifo(directory.path("fifo").c_str(), 0600), 0);
  EXPECT_THAT(message(directory.path("fifo")), HasSubstr("not a regular file"));
  ::chmod(directory.path("folder").c_str(), 0555);
  EXPECT_THAT(message(directory.path("folder/out.h")), HasSubstr("directory is not writable"));
  ::chmod(directory.path("folder").c_str(), 0755);
  EXPECT_TRUE(fs::is_empty(directory.path("folder")));
}

TEST(WriteFile, AskingChangesNothing) {
  const TempDir directory;
  EXPECT_TRUE(checkWritable(directory.path("new.h")));
  const std::string path = directory.write("old.h", "old");
  EXPECT_TRUE(checkWritable(path));
  EXPECT_EQ(snapshotAround(path), (std::map<std::string, std::string>{{"old.h", "old"}}));
}

// A limit on the file size stands in for a full disk.
TEST(WriteFile, AFailureInTheMiddleLeavesTheOldFile) {
  const TempDir directory;
  const std::string path = directory.write("out.h", "old");
  const pid_t child = startChild([&path] {
    const rlimit limit{50'000, 50'000};
    ::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const Status written = writeFile(path, kContent);
    return !written && written.error().message.find("as it was before") != std::string::npos ? 0
                                                                                             : 1;
  });
  EXPECT_EQ(waitFor(child), 0);
  EXPECT_EQ(snapshotAround(path), (std::map<std::string, std::string>{{"out.h", "old"}}));
}

} // namespace
} // namespace ptotune::test
