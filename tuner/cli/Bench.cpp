// pto-tune bench: chosen points, measured for every problem of a job.
#include "tuner/Bench.h"

#include "runners/AscendRunner.h"
#include "runners/SimRunner.h"
#include "runners/manual/ManualKernels.h"
#include "tuner/cli/BenchPoints.h"
#include "tuner/cli/BenchReport.h"
#include "tuner/cli/Commands.h"
#include "tuner/cli/Interrupt.h"
#include "tuner/cli/Json.h"
#include "tuner/cli/RunnerOptions.h"
#include "tuner/cli/Terminal.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <utility>

namespace ptotune::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  pto-tune bench fa_910b2 --points TILE_S1=512
  pto-tune bench fa_910b2 --sweep TILE_S1
  pto-tune bench fa_910b2 --points champion --db fa.db
  pto-tune bench job.toml --points champion --db fa.db --runner ascend --sim
  PTO_ISA_ROOT=~/pto-isa pto-tune bench job.toml --db fa.db \
      --runner ascend --baseline manual

Points are "NAME=value,..." over the default point; "default" is the point of
upstream's manual kernel, "seed" the job's, "champion" what --db knows as the
best of each problem. "manual" is upstream's manual kernel itself, built from
PTO_ISA_ROOT with the case that a header exported from --db has (without one:
at the default point); it needs a device. Everything is measured now, the
baseline too: times of two runners never stand in one table.

A sweep goes over values that the rules reject as well: their rows say by which
rule, and are no failure.

Exit code: 0 done, 1 a row has no time (of a sweep: of a legal point), 2 bad
input, 130 interrupted.)";

struct Options {
  std::string job;
  BenchQuestion question;
  std::string problem;
  std::string format;
  int jobs = 0;
  bool sim = false;
  RunnerOptions runner;
};

int print(const Options& options, const Job& job, const BenchChoice& chosen,
          const std::vector<BenchSweep>& sweeps) {
  if (options.format == "json")
    printJson(benchJson(job, chosen.plan, sweeps, chosen.labels));
  else
    fmt::print("{}", benchText(job, chosen.plan, sweeps, chosen.labels, terminalOf(stdout).width));
  for (const BenchSweep& sweep : sweeps)
    if (sweep.interrupted)
      return kInterrupted;
  for (const BenchSweep& sweep : sweeps)
    for (const BenchRow& row : sweep.rows)
      if (!row.trial.time() && !chosen.expected(row))
        return kRejected;
  return kSuccess;
}

// Upstream's manual kernel, where a row asks for it.
Result<std::unique_ptr<manual::ManualKernels>> manualKernels(const Options& options, const Job& job,
                                                             const BenchChoice& chosen) {
  if (!chosen.needsManualKernel())
    return std::unique_ptr<manual::ManualKernels>();
  if (options.runner.runner != kAscendRunner)
    return Error{.message = "upstream's manual kernel runs on a device only",
                 .key = "--runner",
                 .value = options.runner.runner,
                 .expected = kAscendRunner,
                 .advice = "'default' is the same point of the kernel that is emitted here"};
  if (options.sim)
    return Error{.message = "the virtual Ascend cannot run upstream's manual kernel",
                 .key = "--sim",
                 .advice = "leave the option out, or 'manual'"};
  return manual::ManualKernels::make(job.soc, ascend::AscendOptions::fromEnvironment());
}

int runBenchCommand(const Options& options) {
  const auto job = jobForProblems(options.job, options.problem);
  if (!job)
    return fail(job.error());
  BenchQuestion question = options.question;
  question.runner = options.runner.runner;
  const auto chosen = choosePoints(question, *job);
  if (!chosen)
    return fail(chosen.error());
  const auto manual = manualKernels(options, *job, *chosen);
  if (!manual)
    return fail(manual.error());
  std::atomic<bool> stop = false;
  const InterruptGuard guard(stop);
  const auto runner = chooseRunner(options.runner, *job, &stop);
  if (!runner)
    return stop ? kInterrupted : fail(runner.error());
  std::vector<BenchSweep> sweeps;
  const auto measure = [&](Runner& by, bool simulates) -> Status {
    auto swept = runBench(*job, chosen->plan, by,
                          {.jobs = options.jobs,
                           .budget = runner->budget,
                           .numbers = simulates,
                           .manual = manual->get()},
                          stop);
    if (!swept)
      return swept.error();
    sweeps.push_back(*std::move(swept));
    return {};
  };
  if (auto status = measure(*runner->runner, options.runner.simulates()); !status)
    return fail(status.error());
  if (options.sim && !options.runner.simulates()) {
    SimRunner simulator(job->soc);
    if (auto status = measure(simulator, true); !status)
      return fail(status.error());
  }
  return print(options, *job, *chosen, sweeps);
}

} // namespace

void addBench(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("bench", "Measure chosen points for every problem of a job");
  addJob(*command, options->job);
  command
      ->add_option("--points", options->question.points,
                   "default, seed, champion, manual, or \"NAME=value,...\";\nmay be given several "
                   "times (default: champion with\n--db, else seed)")
      ->take_all()
      ->option_text("POINT");
  command
      ->add_option(
          "--sweep", options->question.sweep,
          "the default point with every value of this parameter\nthat the job's space has; those "
          "that the rules reject\nare told, and are no failure")
      ->option_text("NAME");
  command
      ->add_option("--baseline", options->question.baseline,
                   "point that times are held against, as --points has it\n(default: default)")
      ->option_text("POINT");
  command
      ->add_option("--db", options->question.database,
                   "tuning database of the champions, only read")
      ->option_text("FILE");
  command
      ->add_option("--problem", options->problem,
                   "one problem, \"s0=8192,s1=8192\", in place of the job's")
      ->option_text("PROBLEM");
  command->add_flag("--sim", options->sim, "also a table of the virtual Ascend's times");
  addFormat(*command, options->format);
  addThreads(*command, options->jobs);
  addRunner(*command, options->runner);
  command->footer(kExamples);
  command->callback(
      [options, &chosen] { chosen = [options] { return runBenchCommand(*options); }; });
}

} // namespace ptotune::cli
