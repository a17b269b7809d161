#include "BenchJob.h"
#include "codegen/Lowering.h"
#include "runners/sim/Simulator.h"

#include <benchmark/benchmark.h>

namespace ptotune::bench {
namespace {

// The default point at S0 = S1 = range(0).
void SimulateDefaultPoint(benchmark::State& state) {
  const Job& job = defaultJob();
  const Problem problem = square(state.range(0));
  const auto lowered = lower(KernelSpec::of(problem), Point(), job.soc, Emit::program);
  if (!lowered) {
    state.SkipWithError(lowered.error().text().c_str());
    return;
  }
  const auto code = sim::compile(lowered->program, job.soc);
  if (!code) {
    state.SkipWithError(code.error().text().c_str());
    return;
  }
  double seconds = 0;
  for (auto _ : state) {
    const sim::SimResult result = sim::simulate(**code, problem);
    if (result.outcome != sim::Outcome::finished) {
      state.SkipWithError(result.detailText().c_str());
      break;
    }
    seconds = result.seconds;
  }
  state.counters["simulations"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["predicted_us"] = seconds * 1e6;
}
BENCHMARK(SimulateDefaultPoint)->Arg(1024)->Arg(8192)->Arg(16384)->Arg(131072);

} // namespace
} // namespace ptotune::bench
