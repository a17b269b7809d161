#include "BenchJob.h"
#include "space/Bound.h"
#include "space/PointSet.h"
#include "space/Rules.h"

#include <benchmark/benchmark.h>

namespace ptotune::bench {
namespace {

void rate(benchmark::State& state, const char* what) {
  state.counters[what] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

// What every rule says of a legal point, without a word.
void CheckKnownStructure(benchmark::State& state) {
  const Job& job = defaultJob();
  const Problem problem = square(8192);
  for (auto _ : state)
    benchmark::DoNotOptimize(check({problem, job.soc, Point()}));
  rate(state, "checks");
}
BENCHMARK(CheckKnownStructure);

// The same with every number and sentence.
void ExplainKnownStructure(benchmark::State& state) {
  const Job& job = defaultJob();
  const Problem problem = square(8192);
  for (auto _ : state)
    benchmark::DoNotOptimize(explain({problem, job.soc, Point()}));
  rate(state, "checks");
}
BENCHMARK(ExplainKnownStructure);

// Yes or no alone, as enumeration asks.
void LegalKnownStructure(benchmark::State& state) {
  const Job& job = defaultJob();
  const Problem problem = square(8192);
  for (auto _ : state)
    benchmark::DoNotOptimize(legal({problem, job.soc, Point()}));
  rate(state, "checks");
}
BENCHMARK(LegalKnownStructure);

// Points whose protocol was never judged in this process: rings of unequal depths, which no other
// benchmark uses. 4,096 depths times 16 rings times 8 preloads; the counter never wraps in a run.
Point newStructure() {
  static std::int64_t next = 0;
  const std::int64_t n = next++;
  Point point;
  point.set(Param::slotNumQK, 1 + n % 16);
  point.set(Param::slotNumP, 1 + n / 16 % 16);
  point.set(Param::slotNumPV, 1 + n / 256 % 16);
  point.set(Param::expRing, 1 + n / 4096 % 16);
  point.set(Param::qkPreload, 1 + n / 65536 % 8);
  return point;
}

void LegalNewStructure(benchmark::State& state) {
  const Job& job = defaultJob();
  const Problem problem = square(8192);
  for (auto _ : state)
    benchmark::DoNotOptimize(legal({problem, job.soc, newStructure()}));
  rate(state, "checks");
}
BENCHMARK(LegalNewStructure);

void CheckNewStructure(benchmark::State& state) {
  const Job& job = defaultJob();
  const Problem problem = square(8192);
  for (auto _ : state)
    benchmark::DoNotOptimize(check({problem, job.soc, newStructure()}));
  rate(state, "checks");
}
BENCHMARK(CheckNewStructure);

const Space& wideSpace() {
  static const Space space = *loadSpace(test::config("spaces/fa_wide.toml"));
  return space;
}

// The points of fa_wide.toml that shape, capacity and resource rules leave, factored and counted.
// Cold: for a profile that no rule remembers anything of.
void countFaWide(benchmark::State& state, bool cold) {
  SocProfile soc = defaultJob().soc;
  const Problem problem = square(8192);
  static std::uint64_t profile = 0;
  for (auto _ : state) {
    if (cold)
      soc.hash = Hash::of(std::to_string(++profile));
    const auto set = PointSet::build(problem, soc, wideSpace(),
                                     {.rules = RuleSet::withoutProtocol, .without = {}});
    state.counters["points"] = static_cast<double>(set->count());
  }
}
BENCHMARK_CAPTURE(countFaWide, cold, true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(countFaWide, known, false)->Unit(benchmark::kMillisecond);

// The longest path of a point.
void BoundOfPoint(benchmark::State& state) {
  const Job& job = defaultJob();
  const Problem problem = square(8192);
  for (auto _ : state)
    benchmark::DoNotOptimize(timeBound(problem, job.soc, Point()));
}
BENCHMARK(BoundOfPoint)->Unit(benchmark::kMicrosecond);

// fa.toml, 86,016 raw points, at S0 = S1 = 8192.
void EnumerateFa(benchmark::State& state) {
  const Job& job = defaultJob();
  const Problem problem = square(8192);
  std::uint64_t raw = 0;
  for (auto _ : state) {
    const Enumeration all = enumerate(problem, job.soc, job.space,
                                      [](const Point& point) { benchmark::DoNotOptimize(point); });
    raw = all.raw;
    state.counters["legal"] = static_cast<double>(all.legal);
  }
  state.counters["points"] =
      benchmark::Counter(static_cast<double>(raw) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
}
BENCHMARK(EnumerateFa)->Unit(benchmark::kMillisecond);

} // namespace
} // namespace ptotune::bench
