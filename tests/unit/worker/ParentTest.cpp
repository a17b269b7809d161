// A parent that is killed at any moment takes its workers with it.
#include "tests/support/LongMode.h"
#include "tests/unit/worker/WorkerTest.h"

#include <csignal>
#include <random>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace ptotune;

namespace {

class Parents : public test::WorkerTest {
protected:
  // Measures on workers until it is killed; never returns.
  [[noreturn]] void work(const std::string& fault, bool fresh) {
    worker::Options chosen = options();
    chosen.devices = {"0", "1"};
    chosen.fresh = fresh;
    auto runner = WorkerRunner::start(builder_, chosen);
    if (!runner)
      ::_exit(1);
    builder_->fault = [&](const Point&) { return fault; };
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i)
      threads.emplace_back([&] {
        while (true) {
          const auto artifact = (*runner)->prepare(candidate());
          (*runner)->measure(candidate(), **artifact, {});
        }
      });
    while (true)
      ::pause();
  }
  // Ends with all children gone, which are reaped here; false where one stays.
  static bool allEnd() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < end) {
      while (::waitpid(-1, nullptr, WNOHANG) > 0) {
      }
      if (test::children().empty())
        return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
};

TEST_F(Parents, KilledAtAnyMoment) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1); // orphans come here
  std::mt19937 random(7);
  const int rounds = test::longMode() ? 50 : 8;
  const char* const faults[] = {"", "sleeps", "deaf", "spins"};
  for (int round = 0; round < rounds; ++round) {
    const pid_t parent = ::fork();
    ASSERT_GE(parent, 0);
    if (parent == 0)
      work(faults[round % 4], round % 8 < 4);
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 150));
    ::kill(parent, SIGKILL);
    EXPECT_TRUE(allEnd()) << "round " << round;
  }
  // Locks of a dead process are free. Their files may still be there: the next holder takes them
  // away.
  start(options());
  EXPECT_EQ(measure(candidate()).status, TrialStatus::correct);
  worker::Options second = options();
  second.devices = {"1"};
  start(second);
  EXPECT_EQ(measure(candidate()).status, TrialStatus::correct);
}

// A worker behind a launcher that stays has another parent: it sees the end of its stdin.
TEST_F(Parents, BehindALauncher) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const pid_t parent = ::fork();
  ASSERT_GE(parent, 0);
  if (parent == 0) {
    worker::Options chosen = options();
    chosen.launcher = {"sh", "-c", "\"$0\"; true"};
    auto runner = WorkerRunner::start(builder_, chosen);
    builder_->fault = [](const Point&) { return "sleeps"; };
    const auto artifact = (*runner)->prepare(candidate());
    (*runner)->measure(candidate(), **artifact, {});
    ::_exit(0);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  ::kill(parent, SIGKILL);
  EXPECT_TRUE(allEnd());
  std::filesystem::remove_all(DeviceLock::folder());
}

} // namespace
