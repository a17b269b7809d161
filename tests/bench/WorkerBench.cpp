// What isolation costs a candidate beside its build and its run: the worker processes of this
// project, with a runner that has next to nothing to do. At most 30 ms are allowed for a process of
// its own.
#include "BenchJob.h"
#include "runners/MakeRunner.h"
#include "runners/SimRunner.h"
#include "runners/worker/WorkerRunner.h"
#include "tests/support/Paths.h"

#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>
#include <thread>
#include <utility>

namespace ptotune::bench {
namespace {

worker::Options simWorkers(const Job& job, bool fresh) {
  return {.launcher = {},
          .program = test::binaryDir() + "/bin/pto-tune-worker",
          .open = {.runner = kSimRunner, .soc = job.soc.toml, .derived = job.soc.derived},
          .fresh = fresh,
          .locked = fresh};
}

worker::Options trivialWorkers(bool fresh) {
  return {.launcher = {},
          .program = test::binaryDir() + "/bin/pto-tune-faulty-worker",
          .open = {.runner = "faulty"},
          .fresh = fresh,
          .locked = fresh};
}

// `run` stands for what a device would need for each candidate; it is not in the figure.
void measureOn(benchmark::State& state, std::shared_ptr<Runner> builder, worker::Options options,
               std::chrono::milliseconds run = {}) {
  const Candidate candidate{square(1024), Point()};
  auto runner = WorkerRunner::start(std::move(builder), std::move(options));
  if (!runner) {
    state.SkipWithError(runner.error().text().c_str());
    return;
  }
  const auto artifact = (*runner)->prepare(candidate);
  for (auto _ : state) {
    state.PauseTiming();
    std::this_thread::sleep_for(run);
    state.ResumeTiming();
    const auto trial = (*runner)->attempt(candidate, **artifact, {});
    if (!trial || trial->status != TrialStatus::correct) {
      state.SkipWithError(trial ? trial->detail.c_str() : trial.error().text().c_str());
      break;
    }
  }
}

// A process for each candidate that only starts, loads nothing and answers.
void IsolateFreshTrivial(benchmark::State& state) {
  measureOn(state, std::make_shared<SimRunner>(defaultJob().soc), trivialWorkers(true));
}
BENCHMARK(IsolateFreshTrivial)->UseRealTime()->Unit(benchmark::kMillisecond);

// The shipped worker for each candidate. It loads the compiler's libraries; lowering and simulating
// are in the figure too, and SimulateInProcess has them alone.
void IsolateFreshSim(benchmark::State& state) {
  measureOn(state, std::make_shared<SimRunner>(defaultJob().soc), simWorkers(defaultJob(), true));
}
BENCHMARK(IsolateFreshSim)->UseRealTime()->Unit(benchmark::kMillisecond);

// The same where candidates take their time: the next process loads its libraries meanwhile.
void IsolateFreshSimBehindARun(benchmark::State& state) {
  measureOn(state, std::make_shared<SimRunner>(defaultJob().soc), simWorkers(defaultJob(), true),
            std::chrono::milliseconds(200));
}
BENCHMARK(IsolateFreshSimBehindARun)->UseRealTime()->Iterations(20)->Unit(benchmark::kMillisecond);

// One process for all candidates, as simulations have it.
void IsolateReusedSim(benchmark::State& state) {
  measureOn(state, std::make_shared<SimRunner>(defaultJob().soc), simWorkers(defaultJob(), false));
}
BENCHMARK(IsolateReusedSim)->UseRealTime()->Unit(benchmark::kMillisecond);

// What a fresh process has to do for a candidate, without a process.
void SimulateInProcess(benchmark::State& state) {
  const Candidate candidate{square(1024), Point()};
  for (auto _ : state) {
    SimRunner runner(defaultJob().soc);
    const auto artifact = runner.prepare(candidate);
    benchmark::DoNotOptimize(runner.measure(candidate, **artifact, {}));
  }
}
BENCHMARK(SimulateInProcess)->UseRealTime()->Unit(benchmark::kMillisecond);

} // namespace
} // namespace ptotune::bench
