// The parts of a worker runner that need no worker: words of a command, names of devices, locks.
#include "runners/worker/Device.h"
#include "runners/worker/DeviceLock.h"
#include "runners/worker/ShellWords.h"
#include "tests/unit/worker/WorkerTest.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace ptotune;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

// As /bin/sh splits them.
TEST(ShellWords, Words) {
  const std::pair<const char*, std::vector<std::string>> cases[] = {
      {"", {}},
      {"  \t ", {}},
      {"srun", {"srun"}},
      {" ssh  host\tenv A=1 ", {"ssh", "host", "env", "A=1"}},
      {"task-submit --run 'a b' \"c d\"", {"task-submit", "--run", "a b", "c d"}},
      {R"(a'b c'd"e f"g)", {"ab cde fg"}},
      {"'' \"\" x", {"", "", "x"}},
      {R"(a\ b \"c\" \\)", {"a b", "\"c\"", "\\"}},
      {R"('a\b' "a\b" "a\"b" "a\\b")", {R"(a\b)", R"(a\b)", "a\"b", R"(a\b)"}},
      {"echo $HOME; ls * | cat", {"echo", "$HOME;", "ls", "*", "|", "cat"}},
  };
  for (const auto& [text, expected] : cases) {
    const auto words = shellWords(text);
    ASSERT_TRUE(words.ok()) << text;
    EXPECT_EQ(*words, expected) << text;
  }
  for (const char* text : {"'", "a \"b", "a\\", "'a\\'b'"})
    EXPECT_FALSE(shellWords(text).ok()) << text;
}

TEST(Devices, Text) {
  EXPECT_THAT(*parseDevices("0"), ElementsAre("0"));
  EXPECT_THAT(*parseDevices("0,1,15"), ElementsAre("0", "1", "15"));
  EXPECT_THAT(*parseDevices("07"), ElementsAre("7"));
  EXPECT_THAT(*parseDevices("auto"), ElementsAre("auto"));
  for (const char* text : {"", ",", "0,", "a", "-1", "1,1", "0,auto", "12345", "1 2"})
    EXPECT_FALSE(parseDevices(text).ok()) << text;
}

TEST(Devices, AutoIsWhatTheEnvironmentSays) {
  ::unsetenv("TASK_DEVICE");
  ::unsetenv("ACL_DEVICE_ID");
  EXPECT_EQ(resolvedDevice("auto"), "0");
  ::setenv("ACL_DEVICE_ID", "2", 1);
  EXPECT_EQ(resolvedDevice("auto"), "2");
  ::setenv("TASK_DEVICE", "5", 1);
  EXPECT_EQ(resolvedDevice("auto"), "5");
  ::setenv("TASK_DEVICE", "none", 1);
  EXPECT_EQ(resolvedDevice("auto"), "2");
  EXPECT_EQ(resolvedDevice("3"), "3");
  ::unsetenv("TASK_DEVICE");
  ::unsetenv("ACL_DEVICE_ID");
}

class Locks : public test::WorkerTest {
protected:
  static DeviceLock mustAcquire(const std::string& name) {
    auto lock = DeviceLock::acquire(name);
    EXPECT_TRUE(lock.ok() && lock->has_value());
    return **std::move(lock);
  }
};

TEST_F(Locks, OneHolderAtATime) {
  std::atomic<int> holders = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        const DeviceLock lock = mustAcquire("one");
        most = std::max<int>(most, ++holders);
        std::this_thread::yield();
        --holders;
      }
    });
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(most, 1);
}

TEST_F(Locks, TwoNamesAreTwoLocks) {
  const DeviceLock first = mustAcquire("one");
  const DeviceLock second = mustAcquire("two");
}

// Whoever takes the lock again and again does not keep the other out.
TEST_F(Locks, IsFair) {
  std::atomic<bool> got = false;
  std::thread other;
  int rounds = 0;
  {
    const DeviceLock lock = mustAcquire("one");
    other = std::thread([&] {
      const DeviceLock mine = mustAcquire("one");
      got = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50)); // it is waiting by now
  }
  while (!got && rounds < 1000) {
    const DeviceLock lock = mustAcquire("one");
    ++rounds;
  }
  other.join();
  EXPECT_LE(rounds, 2);
}

TEST_F(Locks, EndsWithItsHolder) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t holder = ::fork();
  ASSERT_GE(holder, 0);
  ASSERT_GE(holder, 0);
  if (holder == 0) {
    const auto lock = DeviceLock::acquire("one");
    (void)!::write(ends[1], "x", 1);
    ::pause();
  }
  char ready = 0;
  ASSERT_EQ(::read(ends[0], &ready, 1), 1);
  std::atomic<bool> stop = false;
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stop = true;
  });
  const auto held = DeviceLock::acquire("one", &stop);
  ASSERT_TRUE(held.ok());
  EXPECT_FALSE(held->has_value());
  later.join();
  ::kill(holder, SIGKILL);
  ::waitpid(holder, nullptr, 0);
  const DeviceLock lock = mustAcquire("one");
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(Locks, FolderOfOthersIsRefused) {
  ASSERT_EQ(::mkdir(DeviceLock::folder().c_str(), 0777), 0);
  ASSERT_EQ(::chmod(DeviceLock::folder().c_str(), 0777), 0);
  const auto lock = DeviceLock::acquire("one");
  ASSERT_FALSE(lock.ok());
  EXPECT_THAT(lock.error().text(), HasSubstr("not a folder that belongs to this user alone"));
}

TEST_F(Locks, FolderThatCannotBeMade) {
  ::setenv("XDG_RUNTIME_DIR", "/proc/nowhere", 1);
  EXPECT_FALSE(DeviceLock::acquire("one").ok());
}

} // namespace
