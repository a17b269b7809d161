// What isolation costs a candidate beside its build and its run: the worker processes of this
// project, with a runner that has next to nothing to do. At most 30 ms are allowed for a process of
// its own.
#include "BenchJob.h"
#include "runners/SimRunner.h"
#include "runners/worker/WorkerRunner.h"
#include "tests/support/Paths.h"

#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>
#include <string>
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

std::shared_ptr<Runner> builder() {
  return std::make_shared<SimRunner>(defaultJob().soc, SimRunner::kCapacity, true);
}

// A process for each candidate that only starts and answers.
void IsolateFreshTrivial(benchmark::State& state) {
  measureOn(state, builder(), trivialWorkers(true));
}
BENCHMARK(IsolateFreshTrivial)->UseRealTime()->Unit(benchmark::kMillisecond);

// The shipped worker for each candidate, one behind the other; reading its program and simulating
// it are in the figure too.
void IsolateFreshSim(benchmark::State& state) {
  measureOn(state, builder(), simWorkers(defaultJob(), true));
  state.SetLabel("at most 30 ms; 33 to 40 ms where the worker loads the compiler as well");
}
BENCHMARK(IsolateFreshSim)->UseRealTime()->Unit(benchmark::kMillisecond);

// The same where candidates take their time: the next process starts meanwhile.
void IsolateFreshSimBehindARun(benchmark::State& state) {
  measureOn(state, builder(), simWorkers(defaultJob(), true), std::chrono::milliseconds(200));
  state.SetLabel("at most 30 ms; 21 to 24 ms where the worker loads the compiler as well");
}
BENCHMARK(IsolateFreshSimBehindARun)->UseRealTime()->Iterations(20)->Unit(benchmark::kMillisecond);

// One process for all candidates, as simulations have it.
void IsolateReusedSim(benchmark::State& state) {
  measureOn(state, builder(), simWorkers(defaultJob(), false));
}
BENCHMARK(IsolateReusedSim)->UseRealTime()->Unit(benchmark::kMillisecond);

// What a candidate's process has to do but for starting and talking.
void AdoptAndSimulate(benchmark::State& state) {
  const Candidate candidate{square(1024), Point()};
  sim::ProgramRunner runner(defaultJob().soc);
  const auto lowered = builder()->prepare(candidate);
  const std::string wire = (*lowered)->wire();
  for (auto _ : state) {
    const auto artifact = runner.adopt(candidate, wire);
    benchmark::DoNotOptimize(runner.measure(candidate, **artifact, {}));
  }
  state.counters["wire bytes"] = static_cast<double>(wire.size());
}
BENCHMARK(AdoptAndSimulate)->UseRealTime()->Unit(benchmark::kMillisecond);

} // namespace
} // namespace ptotune::bench
