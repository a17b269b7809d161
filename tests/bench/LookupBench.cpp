// A lookup through libptotune, beside a plain SQLite statement that answers the same question.
#include "BenchJob.h"
#include "db/Database.h"
#include "ptotune/Lookup.h"
#include "tests/support/Paths.h"
#include "tests/support/TempFile.h"

#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace ptotune::bench {
namespace {

constexpr const char* kSoc = "Ascend910B2";

// Shapes 128 x 256, 128 x 512, ...: two points each.
class Tuned {
public:
  explicit Tuned(std::int64_t shapes) : path_(directory_.path("bench.db")) {
    auto database = Database::open(path_, OpenMode::create);
    if (!database)
      return;
    const Environment environment{.soc = kSoc, .runner = "bench"};
    const auto session = database->beginSession(environment, "bench");
    std::vector<Trial> batch;
    for (std::int64_t i = 1; i <= shapes; ++i)
      for (const std::int64_t tile : {128, 256}) {
        Trial trial;
        trial.problem = square(128);
        trial.problem.s1 = 256 * i;
        trial.point.set(Param::tileS1, tile);
        trial.status = TrialStatus::correct;
        trial.seconds = {1e-6 * static_cast<double>(tile + i)};
        batch.push_back(std::move(trial));
      }
    good_ = session && database->record(*session, batch);
  }
  const std::string& path() const { return path_; }
  bool good() const { return good_; }

private:
  test::TempDir directory_;
  std::string path_;
  bool good_ = false;
};

// Median over single calls; the loop's own figure is a mean.
class Median {
public:
  template <typename Call> void time(Call&& call) {
    const auto before = std::chrono::steady_clock::now();
    call();
    times_.push_back(std::chrono::steady_clock::now() - before);
  }
  void report(benchmark::State& state) {
    const auto middle = times_.begin() + static_cast<std::ptrdiff_t>(times_.size() / 2);
    std::nth_element(times_.begin(), middle, times_.end());
    state.counters["median_us"] =
        std::chrono::duration<double, std::micro>(times_.empty() ? times_.front() : *middle)
            .count();
  }

private:
  std::vector<std::chrono::steady_clock::duration> times_;
};

// range(0) tuned shapes; range(1): 0 asks for one of them, 1 for one between them.
void Lookup(benchmark::State& state) {
  const Tuned tuned(state.range(0));
  std::string error;
  const auto table = lookup::Table::open(tuned.path(), error, {.configs = test::config("")});
  if (!table) {
    state.SkipWithError(error.c_str());
    return;
  }
  Median median;
  std::int64_t next = 0;
  for (auto _ : state) {
    const auto s1 = static_cast<int>(256 * (1 + next++ % state.range(0)) + 128 * state.range(1));
    median.time([&] {
      lookup::Answer answer = table->find({kSoc, 128, 128, s1, false});
      benchmark::DoNotOptimize(answer);
    });
  }
  median.report(state);
}
BENCHMARK(Lookup)->ArgsProduct({{8, 1000}, {0, 1}});

// The point with the least time of one shape, by a prepared statement on an open connection.
void LookupByPlainSqlite(benchmark::State& state) {
  const Tuned tuned(state.range(0));
  sqlite3* connection = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (!tuned.good() ||
      sqlite3_open_v2(tuned.path().c_str(), &connection, SQLITE_OPEN_READONLY, nullptr) !=
          SQLITE_OK ||
      sqlite3_prepare_v2(connection,
                         "SELECT point.json, sample.seconds FROM problem"
                         " CROSS JOIN environment CROSS JOIN trial CROSS JOIN sample"
                         " CROSS JOIN point"
                         " WHERE problem.id = ?1 AND environment.soc = ?2"
                         " AND trial.environment = environment.key"
                         " AND trial.problem = problem.key AND trial.status = 0"
                         " AND sample.trial = trial.key AND point.key = trial.point"
                         " ORDER BY sample.seconds LIMIT 1",
                         -1, &statement, nullptr) != SQLITE_OK) {
    state.SkipWithError(connection != nullptr ? sqlite3_errmsg(connection) : "no database");
    sqlite3_close(connection);
    return;
  }
  Problem problem = square(128);
  Median median;
  std::int64_t next = 0;
  for (auto _ : state) {
    problem.s1 = 256 * (1 + next++ % state.range(0));
    const std::string id = problem.hash().hex();
    std::string bytes;
    for (std::size_t i = 0; i < id.size(); i += 2)
      bytes += static_cast<char>(std::stoi(id.substr(i, 2), nullptr, 16));
    median.time([&] {
      sqlite3_reset(statement);
      sqlite3_bind_blob(statement, 1, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
      sqlite3_bind_text(statement, 2, kSoc, -1, SQLITE_STATIC);
      if (sqlite3_step(statement) != SQLITE_ROW)
        state.SkipWithError("the shape is not found");
      benchmark::DoNotOptimize(sqlite3_column_text(statement, 0));
    });
  }
  median.report(state);
  sqlite3_finalize(statement);
  sqlite3_close(connection);
}
BENCHMARK(LookupByPlainSqlite)->Arg(8)->Arg(1000);

} // namespace
} // namespace ptotune::bench
