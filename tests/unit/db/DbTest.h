// Small trials, raw SQLite access and child processes for the tests of the database.
#pragma once

#include "db/Database.h"
#include "tests/support/TempFile.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace ptotune::test {

inline Environment simEnvironment() {
  return {.soc = "Ascend910B2",
          .socHash = Hash::of("profile"),
          .runner = "sim",
          .runnerVersion = "1",
          .toolchain = "",
          .toolVersion = "0.1.0"};
}

inline Environment deviceEnvironment() {
  return {.soc = "Ascend910B2",
          .socHash = {},
          .runner = "ascend",
          .runnerVersion = "2",
          .toolchain = "pto-isa f35e7f60, bisheng 8.5",
          .toolVersion = "0.1.0"};
}

inline Problem problem(std::int64_t s0, std::int64_t s1) {
  Problem problem;
  problem.s0 = s0;
  problem.s1 = s1;
  return problem;
}

// Points that differ from the default one in their ring depths; 4096 different ones.
inline SpaceProof proofOf(const std::string& space, std::int64_t points, double bound) {
  return {.space = Hash::of(space), .spaceName = space, .points = points, .bound = bound};
}

inline Point numberedPoint(int number) {
  Point point;
  point.set(Param::slotNumQK, 1 + number % 16);
  point.set(Param::slotNumP, 1 + number / 16 % 16);
  point.set(Param::slotNumPV, 1 + number / 256 % 16);
  return point;
}

inline Trial correctTrial(const Problem& problem, const Point& point, std::vector<double> seconds) {
  Trial trial;
  trial.problem = problem;
  trial.point = point;
  trial.status = TrialStatus::correct;
  trial.seconds = std::move(seconds);
  trial.sourceHash = Hash::of(point.text());
  trial.programHash = Hash::of("program " + point.text());
  trial.prepareSeconds = 0.25;
  trial.measureSeconds = 0.5;
  trial.calibrated = true;
  return trial;
}

inline Trial failedTrial(const Problem& problem, const Point& point, TrialStatus status,
                         std::string detail) {
  Trial trial;
  trial.problem = problem;
  trial.point = point;
  trial.status = status;
  trial.detail = std::move(detail);
  return trial;
}

inline Database mustOpen(const std::string& path, OpenMode mode = OpenMode::create) {
  auto database = Database::open(path, mode);
  if (!database) {
    ADD_FAILURE() << database.error().text();
    std::abort();
  }
  return std::move(*database);
}

inline SessionId mustBegin(Database& database, const Environment& environment = simEnvironment()) {
  auto session = database.beginSession(environment, "test");
  EXPECT_TRUE(session) << session.error().text();
  return *session;
}

inline void mustRecord(Database& database, const SessionId& session,
                       const std::vector<Trial>& trials) {
  const Status recorded = database.record(session, trials);
  EXPECT_TRUE(recorded) << recorded.error().text();
}

inline std::string readBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Name -> content of every regular file below the directory of `path`.
inline std::map<std::string, std::string> snapshotAround(const std::string& path) {
  std::map<std::string, std::string> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(path).parent_path()))
    files[entry.path().filename().string()] =
        entry.is_regular_file() ? readBytes(entry.path().string()) : "";
  return files;
}

// SQLite without the layer under test.
class RawDatabase {
public:
  explicit RawDatabase(const std::string& path) {
    EXPECT_EQ(sqlite3_open(path.c_str(), &handle_), SQLITE_OK);
    sqlite3_busy_timeout(handle_, 10'000);
  }
  ~RawDatabase() { sqlite3_close(handle_); }
  RawDatabase(const RawDatabase&) = delete;
  RawDatabase& operator=(const RawDatabase&) = delete;

  sqlite3* handle() const { return handle_; }

  void exec(const std::string& sql) {
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK)
        << sql << ": " << (message ? message : "");
    sqlite3_free(message);
  }
  // All rows, columns joined by '|'.
  std::vector<std::string> rows(const std::string& sql) {
    std::vector<std::string> found;
    const auto collect = [](void* out, int columns, char** values, char**) {
      std::string row;
      for (int i = 0; i < columns; ++i)
        row += (i > 0 ? "|" : "") + std::string(values[i] ? values[i] : "NULL");
      static_cast<std::vector<std::string>*>(out)->push_back(row);
      return 0;
    };
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(handle_, sql.c_str(), collect, &found, &message), SQLITE_OK)
        << sql << ": " << (message ? message : "");
    sqlite3_free(message);
    return found;
  }
  std::string value(const std::string& sql) {
    const auto found = rows(sql);
    return found.empty() ? "" : found.front();
  }

private:
  sqlite3* handle_ = nullptr;
};

// Starts `body` in a child process; its result is the exit code. No test macros in there: a child's
// failures are not seen.
inline pid_t startChild(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0)
    ::_exit(body());
  if (child < 0) // a signal to process -1 would reach everyone
    std::abort();
  return child;
}

inline int waitFor(pid_t child) {
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace ptotune::test
