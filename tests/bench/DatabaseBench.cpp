#include "BenchJob.h"
#include "db/Database.h"
#include "tests/support/TempFile.h"

#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <memory>
#include <string>
#include <vector>

namespace ptotune::bench {
namespace {

constexpr std::int64_t kPoints = 16 * 16 * 16;

Point distinctPoint(std::int64_t n) {
  Point point;
  point.set(Param::slotNumQK, 1 + n % 16);
  point.set(Param::slotNumP, 1 + n / 16 % 16);
  point.set(Param::slotNumPV, 1 + n / 256 % 16);
  return point;
}

// Batches of range(0) new trials with one sample each, into one growing file.
void StoreTrials(benchmark::State& state) {
  const test::TempDir directory;
  auto database = Database::open(directory.path("bench.db"), OpenMode::create);
  if (!database) {
    state.SkipWithError(database.error().text().c_str());
    return;
  }
  const Environment environment{.soc = "Ascend910B2", .runner = "bench"};
  const auto session = database->beginSession(environment, "bench");
  if (!session) {
    state.SkipWithError(session.error().text().c_str());
    return;
  }
  std::int64_t next = 0;
  std::vector<Trial> batch(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    state.PauseTiming();
    for (Trial& trial : batch) {
      trial.problem = square(128 * (1 + next / kPoints));
      trial.point = distinctPoint(next % kPoints);
      trial.status = TrialStatus::correct;
      trial.seconds = {1e-6 * static_cast<double>(1 + next)};
      trial.sourceHash = trial.programHash = trial.point.hash();
      ++next;
    }
    state.ResumeTiming();
    if (auto status = database->record(*session, batch); !status) {
      state.SkipWithError(status.error().text().c_str());
      break;
    }
  }
  state.counters["trials"] = benchmark::Counter(
      static_cast<double>(state.iterations() * state.range(0)), benchmark::Counter::kIsRate);
}
BENCHMARK(StoreTrials)->Arg(1)->Arg(512)->Arg(4096)->Unit(benchmark::kMillisecond)->UseRealTime();

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using PlainDatabase = std::unique_ptr<sqlite3, CloseDatabase>;
using PlainStatement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

PlainStatement prepare(sqlite3* database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database, sql, -1, &statement, nullptr);
  return PlainStatement(statement);
}

bool stepOnce(const PlainStatement& statement) {
  const bool done = sqlite3_step(statement.get()) == SQLITE_DONE;
  sqlite3_reset(statement.get());
  return done;
}

// What the same trials cost as rows of two tables by plain statements, prepared once, with the same
// journal and the same flush for each batch: no identities, no shared points, no checks.
void StoreRowsPlainly(benchmark::State& state) {
  const test::TempDir directory;
  sqlite3* handle = nullptr;
  sqlite3_open(directory.path("plain.db").c_str(), &handle);
  const PlainDatabase database(handle);
  sqlite3_exec(
      handle,
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
      "CREATE TABLE trial (key INTEGER PRIMARY KEY, problem TEXT, point TEXT, status INTEGER,"
      " recorded INTEGER);"
      "CREATE TABLE sample (trial INTEGER, ordinal INTEGER, seconds REAL)",
      nullptr, nullptr, nullptr);
  const PlainStatement trial =
      prepare(handle, "INSERT INTO trial (problem, point, status, recorded) VALUES (?, ?, 0, ?)");
  const PlainStatement sample = prepare(handle, "INSERT INTO sample VALUES (?, 0, ?)");
  std::int64_t next = 0;
  bool good = true;
  for (auto _ : state) {
    sqlite3_exec(handle, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
    for (std::int64_t i = 0; i < state.range(0); ++i, ++next) {
      const std::string problem = square(128 * (1 + next / kPoints)).json();
      const std::string point = distinctPoint(next % kPoints).json();
      sqlite3_bind_text(trial.get(), 1, problem.c_str(), -1, SQLITE_STATIC);
      sqlite3_bind_text(trial.get(), 2, point.c_str(), -1, SQLITE_STATIC);
      sqlite3_bind_int64(trial.get(), 3, next);
      good &= stepOnce(trial);
      sqlite3_bind_int64(sample.get(), 1, sqlite3_last_insert_rowid(handle));
      sqlite3_bind_double(sample.get(), 2, 1e-6 * static_cast<double>(1 + next));
      good &= stepOnce(sample);
    }
    sqlite3_exec(handle, "COMMIT", nullptr, nullptr, nullptr);
  }
  if (!good)
    state.SkipWithError("a plain statement failed");
  state.counters["trials"] = benchmark::Counter(
      static_cast<double>(state.iterations() * state.range(0)), benchmark::Counter::kIsRate);
}
BENCHMARK(StoreRowsPlainly)
    ->Arg(1)
    ->Arg(512)
    ->Arg(4096)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

} // namespace
} // namespace ptotune::bench
