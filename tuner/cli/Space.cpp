// pto-tune space: how large a space is and what the rules leave of it.
#include "tuner/Parallel.h"
#include "tuner/Programs.h"
#include "tuner/WorkList.h"
#include "tuner/cli/Classes.h"
#include "tuner/cli/Commands.h"
#include "tuner/cli/Json.h"
#include "tuner/cli/ProgressLine.h"
#include "tuner/cli/RejectionTable.h"
#include "tuner/cli/Terminal.h"
#include "tuner/cli/Text.h"
#include "tuner/cli/Why.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <optional>

namespace ptotune::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  pto-tune space fa_910b2
      how many points there are, and how many each rule rejects
  pto-tune space fa_910b2 --list --problem "s0=128,s1=8192"
      every legal point of one shape
  pto-tune space fa_910b2 --classes --problem "s0=128,s1=8192"
      which parameters make no difference

raw: every combination of the space's values; legal: what the rules leave;
distinct: the different programs among those, which are all that is measured.

Exit code: 0 done, 2 bad input.)";

struct Options {
  std::string job;
  std::string problem;
  bool count = false;
  bool list = false;
  bool classes = false;
  bool why = false;
  std::size_t sample = 0;
  int jobs = 0;
  std::string format;

  bool json() const { return format == "json"; }
};

// A column for each problem of the job from `first` to before `last`.
Table countsTable(const Job& job, const WorkList& list, const ProblemKeys& keys, std::size_t first,
                  std::size_t last) {
  const std::vector<std::uint64_t> distinct = list.distinctPrograms(job.problems.size());
  std::vector<Table::Align> aligns(last - first + 1, Table::Align::right);
  aligns.front() = Table::Align::left;
  Table table(aligns);
  const auto row = [&](std::string label, const auto& cell) {
    std::vector<std::string> cells = {std::move(label)};
    for (std::size_t index = first; index < last; ++index)
      cells.push_back(cell(index));
    table.row(std::move(cells));
  };
  for (std::size_t key = 0; key < keys.names.size(); ++key)
    row(keys.names[key], [&](std::size_t i) { return keys.values(job.problems[i])[key]; });
  row("raw", [&](std::size_t i) { return grouped(list.enumerations[i].raw); });
  for (const std::string& rule : rejectingRules(list.enumerations))
    row("rejected by " + rule,
        [&](std::size_t i) { return grouped(rejectedBy(list.enumerations[i], rule)); });
  row("legal", [&](std::size_t i) { return grouped(list.enumerations[i].legal); });
  row("distinct programs", [&](std::size_t i) { return grouped(distinct[i]); });
  return table;
}

std::string countsTables(const Job& job, const WorkList& list, const ProblemKeys& keys,
                         std::size_t width) {
  return tablesThatFit(job.problems.size(), width, [&](std::size_t first, std::size_t last) {
    return countsTable(job, list, keys, first, last);
  });
}

// "inert, as they never change the program: LocalSlotNum", with the problems where that is not all
// of them.
std::string inertText(const Job& job, const WorkList& list) {
  std::vector<std::pair<std::string, std::vector<std::string>>> byNames;
  for (std::uint32_t problem = 0; problem < job.problems.size(); ++problem) {
    const auto names = inertParameters(job, list, problem);
    const std::string text = names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
    auto same = std::ranges::find(byNames, text, [](const auto& one) { return one.first; });
    if (same == byNames.end())
      same = byNames.insert(byNames.end(), {text, {}});
    same->second.push_back(job.problems[problem].text());
  }
  std::string text;
  for (const auto& [names, problems] : byNames) {
    text += fmt::format("inert, as they never change the program: {}", names);
    if (byNames.size() > 1)
      text += fmt::format(" (on {})", fmt::join(problems, "; "));
    text += '\n';
  }
  return text;
}

nlohmann::ordered_json countsJson(const Job& job, const WorkList& list) {
  const std::vector<std::uint64_t> distinct = list.distinctPrograms(job.problems.size());
  auto problems = nlohmann::ordered_json::array();
  for (std::uint32_t index = 0; index < job.problems.size(); ++index) {
    nlohmann::ordered_json one = {{"problem", problemJson(job.problems[index])}};
    one.update(enumerationJson(list.enumerations[index]));
    one["distinct_programs"] = distinct[index];
    one["inert"] = inertParameters(job, list, index);
    problems.push_back(std::move(one));
  }
  return {{"space", job.space.name}, {"soc", job.soc.name}, {"problems", problems}};
}

int runCount(const Job& job, const Options& options) {
  Arena arena(options.jobs);
  WorkList list;
  Unlowered unlowered;
  {
    TuneProgress progress;
    const ProgressLine line(progress, stderr);
    arena.run([&] { list = makeWorkList(job); });
    unlowered = lowerAll(job, list, arena, progress);
  }
  if (options.json()) {
    nlohmann::ordered_json json = countsJson(job, list);
    json["not_lowered"] = unlowered.count;
    printJson(json);
    return kSuccess;
  }
  const std::size_t width = terminalOf(stdout).width;
  const ProblemKeys keys(job.problems);
  fmt::print("space {} on {}; {}\n\n", job.space.name, job.soc.name, keys.common);
  fmt::print("{}\n{}", countsTables(job, list, keys, width), inertText(job, list));
  if (unlowered.count > 0)
    fmt::print("{} legal but not lowered, the first because: {}\n",
               counted(unlowered.count, "point"), unlowered.first.text());
  return kSuccess;
}

int runList(const Job& job, const Options& options) {
  if (options.json()) {
    auto problems = nlohmann::ordered_json::array();
    for (const Problem& problem : job.problems) {
      auto points = nlohmann::ordered_json::array();
      enumerate(problem, job.soc, job.space,
                [&](const Point& point) { points.push_back(pointJson(point)); });
      problems.push_back({{"problem", problemJson(problem)}, {"points", points}});
    }
    printJson({{"space", job.space.name}, {"soc", job.soc.name}, {"problems", problems}});
    return kSuccess;
  }
  for (const Problem& problem : job.problems) {
    if (job.problems.size() > 1)
      fmt::print("# {}\n", problem.text());
    enumerate(problem, job.soc, job.space,
              [](const Point& point) { fmt::print("{}\n", point.text()); });
  }
  return kSuccess;
}

int runSpace(const Options& options) {
  if (options.count + options.list + options.classes + options.why > 1)
    return fail({.message = "--count, --list, --classes and --why exclude each other",
                 .advice = "give one of them"});
  const auto job = jobForProblems(options.job, options.problem);
  if (!job)
    return fail(job.error());
  if (options.why)
    return runWhy(*job, options.json());
  if (options.classes)
    return runClasses(*job, options.sample, options.jobs, options.json());
  if (auto status = exhaustible(job->space); !status)
    return fail(status.error());
  return options.list ? runList(*job, options) : runCount(*job, options);
}

} // namespace

void addSpace(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("space", "Count or list the points of a job's space");
  addJob(*command, options->job);
  command->add_flag(
      "--count", options->count,
      "raw, rejected by rule, legal and distinct programs\nof every problem (default)");
  CLI::Option* classes = command->add_flag(
      "--classes", options->classes,
      "in which parameters points that lower to one program\ndiffer, with counts");
  command
      ->add_option("--sample", options->sample,
                   "with --classes: draw so many points and look at\ntheir neighbours, for spaces "
                   "that are too large")
      ->needs(classes)
      ->option_text("N");
  command->add_flag("--why", options->why,
                    "what each rule rejects, which one rejects most\nalone, and the single change "
                    "that makes most "
                    "points\nlegal; for spaces of any size");
  command->add_flag("--list", options->list, "the legal points in search order, a line each");
  command
      ->add_option("--problem", options->problem,
                   "\"s0=128,s1=8192\": only this one; keys left out are\nthose of the job's first "
                   "problem")
      ->option_text("PROBLEM");
  addFormat(*command, options->format);
  addThreads(*command, options->jobs);
  command->footer(kExamples);
  command->callback([options, &chosen] { chosen = [options] { return runSpace(*options); }; });
}

} // namespace ptotune::cli
