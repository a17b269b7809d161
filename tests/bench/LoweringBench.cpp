#include "BenchJob.h"
#include "codegen/Lowering.h"

#include <benchmark/benchmark.h>

namespace ptotune::bench {
namespace {

void lowerPoint(benchmark::State& state, Emit what) {
  const Job& job = defaultJob();
  const KernelSpec kernel = KernelSpec::of(job.problems.front());
  for (auto _ : state) {
    auto lowered = lower(kernel, Point(), job.soc, what);
    if (!lowered) {
      state.SkipWithError(lowered.error().text().c_str());
      break;
    }
    benchmark::DoNotOptimize(lowered->programHash);
  }
  state.counters["lowerings"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void LowerDefaultPoint(benchmark::State& state) {
  lowerPoint(state, Emit::program | Emit::cpp);
}
void LowerDefaultPointProgramOnly(benchmark::State& state) {
  lowerPoint(state, Emit::program);
}

BENCHMARK(LowerDefaultPoint)->Threads(1)->ThreadPerCpu()->UseRealTime();
BENCHMARK(LowerDefaultPointProgramOnly)->Threads(1)->UseRealTime();

} // namespace
} // namespace ptotune::bench
