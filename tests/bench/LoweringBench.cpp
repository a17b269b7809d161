#include "BenchJob.h"
#include "codegen/Lowering.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <string>
#include <thread>

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

// Where the time goes: microseconds of each step, on average. "rest" is what no step covers:
// hashes, statistics, and taking the module down.
void LowerDefaultPointSteps(benchmark::State& state) {
  const Job& job = defaultJob();
  const KernelSpec kernel = KernelSpec::of(job.problems.front());
  std::map<std::string, double> seconds;
  for (auto _ : state) {
    auto lowered = lower(kernel, Point(), job.soc, Emit::program | Emit::cpp);
    if (!lowered) {
      state.SkipWithError(lowered.error().text().c_str());
      return;
    }
    for (const StepTime& step : lowered->stats.steps)
      seconds[step.step] += step.seconds;
  }
  for (const auto& [step, sum] : seconds)
    state.counters[step + " us"] =
        benchmark::Counter(sum * 1e6, benchmark::Counter::kAvgIterations);
}

// "VmHWM" or "VmRSS" of this process in bytes.
double memoryOf(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == key + ":") {
      double kibibytes = 0;
      status >> kibibytes;
      return kibibytes * 1024;
    }
  return 0;
}

// The most memory that the first lowering of a thread takes over what the process had: the context
// of the compiler, the module and everything emitted. MiB.
void LowerDefaultPointMemory(benchmark::State& state) {
  const Job& job = defaultJob();
  const KernelSpec kernel = KernelSpec::of(job.problems.front());
  double most = 0;
  for (auto _ : state) {
    std::ofstream("/proc/self/clear_refs") << "5"; // the high-water mark begins anew
    const double base = memoryOf("VmRSS");
    std::thread([&] {
      const auto everything = Emit::program | Emit::cpp | Emit::ir | Emit::frontend | Emit::pto;
      auto lowered = lower(kernel, Point(), job.soc, everything);
      benchmark::DoNotOptimize(lowered);
    }).join();
    most = std::max(most, memoryOf("VmHWM") - base);
  }
  state.counters["peak MiB"] = most / (1 << 20);
}

BENCHMARK(LowerDefaultPointMemory)->Iterations(5); // first, on a process without a compiler
BENCHMARK(LowerDefaultPointSteps)->UseRealTime();
BENCHMARK(LowerDefaultPoint)->Threads(1)->ThreadPerCpu()->UseRealTime();
BENCHMARK(LowerDefaultPointProgramOnly)->Threads(1)->UseRealTime();

} // namespace
} // namespace ptotune::bench
