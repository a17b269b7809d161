#include "BenchJob.h"
#include "db/Database.h"
#include "tests/support/TempFile.h"

#include <benchmark/benchmark.h>

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
BENCHMARK(StoreTrials)->Arg(1)->Arg(512)->Unit(benchmark::kMillisecond)->UseRealTime();

} // namespace
} // namespace ptotune::bench
