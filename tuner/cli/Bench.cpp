// pto-tune bench: chosen points, measured for every problem of a job.
#include "tuner/Bench.h"

#include "db/Database.h"
#include "runners/SimRunner.h"
#include "tuner/cli/BenchReport.h"
#include "tuner/cli/Commands.h"
#include "tuner/cli/Interrupt.h"
#include "tuner/cli/Json.h"
#include "tuner/cli/RunnerOptions.h"
#include "tuner/cli/Terminal.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace ptotune::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  pto-tune bench configs/jobs/fa_910b2.toml --points TILE_S1=512
  pto-tune bench configs/jobs/fa_910b2.toml --sweep TILE_S1
  pto-tune bench configs/jobs/fa_910b2.toml --points champion --db fa.db
  pto-tune bench job.toml --points champion --db fa.db --runner ascend --sim

Points are "NAME=value,..." over the default point; "default" is upstream's
manual kernel, "seed" the job's, "champion" what --db knows as the best of each
problem. Everything is measured now, the baseline too: times of two runners
never stand in one table.

Exit code: 0 done, 1 a row has no time, 2 bad input, 130 interrupted.)";

constexpr const char* kDefault = "default";
constexpr const char* kSeed = "seed";
constexpr const char* kChampion = "champion";
// A longer point has a number in the table; what it is stands below.
constexpr std::size_t kLongestLabel = 16;

struct Options {
  std::string job;
  std::vector<std::string> points;
  std::string sweep;
  std::string baseline = kDefault;
  std::string database;
  std::string problem;
  std::string format;
  int jobs = 0;
  bool sim = false;
  RunnerOptions runner;
};

// A named point for each problem that has one.
struct Choice {
  BenchLabel label;
  std::vector<BenchCandidate> candidates;
};

Choice samePoint(const Job& job, std::string label, const Point& point) {
  Choice choice{.label = {std::move(label), ""}, .candidates = {}};
  for (const Problem& problem : job.problems)
    choice.candidates.push_back({choice.label.label, problem, point});
  return choice;
}

// The newest champion of each problem on the job's SoC; one that this runner's kind has measured
// comes before others.
Result<Choice> champions(const Options& options, const Job& job) {
  if (options.database.empty())
    return Error{.message = "whose champion is meant is not said",
                 .key = "--db",
                 .expected = "a tuning database"};
  const auto database = Database::open(options.database, OpenMode::readOnly);
  if (!database)
    return database.error();
  Choice choice{.label = {kChampion, ""}, .candidates = {}};
  for (const Problem& problem : job.problems) {
    auto list = database->champions({.problem = problem, .soc = job.soc.name});
    if (!list)
      return list.error();
    std::ranges::sort(*list, [&](const Champion& a, const Champion& b) {
      const auto rank = [&](const Champion& one) {
        return std::pair(one.environment.runner == options.runner.runner, one.lastRecorded);
      };
      return rank(a) > rank(b);
    });
    if (list->empty())
      continue;
    const Champion& champion = list->front();
    choice.label.source = fmt::format("recorded by {} {} in {}", champion.environment.runner,
                                      champion.environment.runnerVersion, options.database);
    choice.candidates.push_back({kChampion, problem, champion.point});
  }
  if (choice.candidates.empty())
    return Error{.message = "the database knows no champion of a problem of the job",
                 .file = options.database,
                 .expected = fmt::format("times on {}", job.soc.name),
                 .advice = "measure some with 'pto-tune tune'"};
  return choice;
}

// One of the three names, or a point of its own, the `number`-th.
Result<Choice> choose(const Options& options, const Job& job, const std::string& text,
                      std::size_t number) {
  if (text == kDefault)
    return samePoint(job, text, Point());
  if (text == kSeed)
    return samePoint(job, text, job.seed);
  if (text == kChampion)
    return champions(options, job);
  const auto point = Point::parse(text, Point());
  if (!point)
    return point.error();
  return samePoint(job, text.size() <= kLongestLabel ? text : "point " + std::to_string(number),
                   *point);
}

// The default point with each value that the job's space has for the parameter.
Result<std::vector<Choice>> sweep(const Job& job, const std::string& name) {
  const ParamInfo* param = findParam(name);
  std::vector<Choice> choices;
  if (param == nullptr) {
    std::string names;
    for (const ParamInfo& one : allParams())
      names += fmt::format("{}{}", names.empty() ? "" : ", ", one.name);
    return Error{.message = "there is no such parameter",
                 .key = "--sweep",
                 .value = name,
                 .expected = names};
  }
  for (const std::int64_t value : job.space.domains[static_cast<std::size_t>(param->id)].values) {
    Point point;
    point.set(param->id, value);
    const std::string text = param->names.empty()
                                 ? std::to_string(value)
                                 : std::string(param->names[static_cast<std::size_t>(value)]);
    choices.push_back(samePoint(job, fmt::format("{}={}", name, text), point));
  }
  if (choices.empty())
    return Error{.message = "the parameter has no values of its own in the job's space",
                 .key = "--sweep",
                 .value = name};
  return choices;
}

struct Chosen {
  BenchPlan plan;
  std::vector<BenchLabel> labels;
};

Result<Chosen> makePlan(const Options& options, const Job& job) {
  std::vector<std::string> texts = options.points;
  if (texts.empty() && options.sweep.empty())
    texts = {options.database.empty() ? kSeed : kChampion};
  auto baseline = choose(options, job, options.baseline, 0);
  if (!baseline)
    return baseline.error();
  std::vector<Choice> choices = {*std::move(baseline)};
  for (const std::string& text : texts) {
    auto choice = choose(options, job, text, choices.size());
    if (!choice)
      return choice.error();
    choices.push_back(*std::move(choice));
  }
  if (!options.sweep.empty()) {
    auto swept = sweep(job, options.sweep);
    if (!swept)
      return swept.error();
    std::ranges::move(*swept, std::back_inserter(choices));
  }
  Chosen chosen;
  chosen.plan.baselines = choices.front().candidates;
  chosen.plan.baselineLabel = options.baseline == kDefault
                                  ? "the default point (upstream's manual kernel)"
                                  : chosen.plan.baselines.front().label;
  for (Choice& choice : choices) {
    if (std::ranges::find(chosen.labels, choice.label.label, &BenchLabel::label) ==
        chosen.labels.end())
      chosen.labels.push_back(choice.label);
    else
      choice.candidates.clear(); // named before, as the baseline for example
  }
  // By problem, then in the order of the points.
  for (const Problem& problem : job.problems)
    for (const Choice& choice : choices)
      for (const BenchCandidate& candidate : choice.candidates)
        if (candidate.problem == problem)
          chosen.plan.candidates.push_back(candidate);
  return chosen;
}

int print(const Options& options, const Job& job, const Chosen& chosen,
          const std::vector<BenchSweep>& sweeps) {
  if (options.format == "json")
    printJson(benchJson(job, chosen.plan, sweeps, chosen.labels));
  else
    fmt::print("{}", benchText(job, chosen.plan, sweeps, chosen.labels,
                               std::max<std::size_t>(terminalOf(stdout).width, 80)));
  for (const BenchSweep& sweep : sweeps)
    if (sweep.interrupted)
      return kInterrupted;
  for (const BenchSweep& sweep : sweeps)
    for (const BenchRow& row : sweep.rows)
      if (!row.trial.time())
        return kRejected;
  return kSuccess;
}

int runBenchCommand(const Options& options) {
  const auto job = jobForProblems(options.job, options.problem);
  if (!job)
    return fail(job.error());
  const auto chosen = makePlan(options, *job);
  if (!chosen)
    return fail(chosen.error());
  std::atomic<bool> stop = false;
  const InterruptGuard guard(stop);
  const auto runner = chooseRunner(options.runner, *job, &stop);
  if (!runner)
    return stop ? kInterrupted : fail(runner.error());
  std::vector<BenchSweep> sweeps;
  const auto measure = [&](Runner& by, bool simulates) -> Status {
    auto swept =
        runBench(*job, chosen->plan, by,
                 {.jobs = options.jobs, .budget = runner->budget, .numbers = simulates}, stop);
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
      ->add_option("--points", options->points,
                   "default, seed, champion, or \"NAME=value,...\"; may be\ngiven several times "
                   "(default: champion with --db, else\nseed)")
      ->take_all()
      ->option_text("POINT");
  command
      ->add_option("--sweep", options->sweep,
                   "the default point with every value of this parameter\nthat the job's space has")
      ->option_text("NAME");
  command
      ->add_option("--baseline", options->baseline,
                   "point that times are held against, as --points has it\n(default: default)")
      ->option_text("POINT");
  command->add_option("--db", options->database, "tuning database of the champions, only read")
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
