// pto-tune study: search strategies compared on recorded spaces.
#include "db/file/WriteFile.h"
#include "tuner/WorkList.h"
#include "tuner/cli/Commands.h"
#include "tuner/cli/Interrupt.h"
#include "tuner/cli/Json.h"
#include "tuner/cli/PerturbedReport.h"
#include "tuner/cli/ProgressLine.h"
#include "tuner/cli/Text.h"
#include "tuner/search/study/Output.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace ptotune::cli {
namespace {

using namespace ptotune::search;

constexpr const char* kExamples = R"(Examples:
  pto-tune study --data recorded --search auto,genetic,random --repeats 100
  pto-tune study --data recorded --space A100 --search all --svg study.svg
  pto-tune study --perturbed fa_910b2 --problem s1=8192

Recorded spaces have the times of all their points, so that a search is replayed
in no time (docs/search.md).

--perturbed counts the measured points that each search needs on the virtual
Ascend with every cost off by up to a quarter, with and without the profile's
own times as predictions.)";

struct Options {
  std::string data;
  std::string perturbed;
  std::string problem;
  std::size_t devices = 20;
  std::string space;
  std::vector<std::string> searchers = {std::string(kDefaultSearcher), "random"};
  std::size_t repeats = 100;
  std::uint64_t seed = 1;
  int jobs = 0;
  std::string trace;
  std::string svg;
  std::string format;
};

Result<std::vector<Entrant>> entrantsOf(const std::vector<std::string>& names) {
  std::vector<Entrant> entrants;
  for (const std::string& name : names) {
    if (name == "all") {
      for (const SearcherInfo& searcher : allSearchers())
        entrants.push_back({std::string(searcher.name), searcher.make});
      continue;
    }
    const auto searcher = findSearcher(name);
    if (!searcher)
      return searcher.error();
    entrants.push_back({name, (*searcher)->make});
  }
  return entrants;
}

std::string evaluations(const std::optional<double>& count) {
  return count ? fmt::format("{:.0f}", *count) : std::string("-");
}

std::string spacesTable(const StudyResult& result) {
  using Align = Table::Align;
  Table table({Align::left, Align::left, Align::right, Align::left, Align::right, Align::right,
               Align::right, Align::right});
  table.row({"search", "space", "P", "95 %", "to 5 %", "to 1 %", "evaluated", "own us"});
  for (const StudyEntry& entry : result.entries)
    table.row({entry.searcher, entry.space, fmt::format("{:.3f}", entry.score),
               fmt::format("[{:.3f}, {:.3f}]", entry.interval.low, entry.interval.high),
               evaluations(entry.evaluations.within5), evaluations(entry.evaluations.within1),
               fmt::format("{:.0f}", entry.evaluated),
               fmt::format("{:.1f}", entry.ownMicroseconds)});
  return table.text();
}

std::string totalsTable(const StudyResult& result) {
  using Align = Table::Align;
  Table table({Align::left, Align::right, Align::left});
  table.row({"search", "mean P", "95 %"});
  for (const StudyTotal& total : result.totals)
    table.row({total.searcher, fmt::format("{:.3f}", total.score),
               fmt::format("[{:.3f}, {:.3f}]", total.interval.low, total.interval.high)});
  return table.text();
}

nlohmann::ordered_json studyJson(const StudyResult& result) {
  const auto number = [](const std::optional<double>& count) {
    return count ? nlohmann::ordered_json(*count) : nlohmann::ordered_json(nullptr);
  };
  auto entries = nlohmann::ordered_json::array();
  for (const StudyEntry& entry : result.entries)
    entries.push_back({{"search", entry.searcher},
                       {"space", entry.space},
                       {"score", entry.score},
                       {"interval", {{"low", entry.interval.low}, {"high", entry.interval.high}}},
                       {"to_5_percent", number(entry.evaluations.within5)},
                       {"to_1_percent", number(entry.evaluations.within1)},
                       {"evaluated", entry.evaluated},
                       {"own_microseconds", entry.ownMicroseconds}});
  auto totals = nlohmann::ordered_json::array();
  for (const StudyTotal& total : result.totals)
    totals.push_back({{"search", total.searcher},
                      {"score", total.score},
                      {"interval", {{"low", total.interval.low}, {"high", total.interval.high}}}});
  return {{"entries", entries}, {"totals", totals}};
}

nlohmann::ordered_json perturbedJson(const Job& job, const PerturbedResult& result) {
  const auto counts = [](const PerturbedRow::Counts& found) {
    const auto number = [](const std::optional<std::size_t>& count) {
      return count ? nlohmann::ordered_json(*count) : nlohmann::ordered_json(nullptr);
    };
    return nlohmann::ordered_json{{"median", number(found.median)},
                                  {"ninetieth", number(found.ninetieth)}};
  };
  auto rows = nlohmann::ordered_json::array();
  for (const PerturbedRow& row : result.rows)
    rows.push_back({{"problem", problemJson(row.problem)},
                    {"search", row.search},
                    {"guided", row.guided},
                    {"found", counts(row.found)},
                    {"answered", counts(row.answered)}});
  return {{"job", job.name}, {"rows", rows}};
}

int runStudyCommand(const Options& options) {
  if (options.data.empty())
    return fail({.message = "what is to be studied is missing",
                 .key = "--data",
                 .expected = "a folder of recorded spaces, or a job behind --perturbed"});
  const auto entrants = entrantsOf(options.searchers);
  if (!entrants)
    return fail(entrants.error());
  if (!options.svg.empty())
    if (auto writable = checkWritable(options.svg); !writable)
      return fail(writable.error());
  const auto recordings = readRecordings(options.data, options.space);
  if (!recordings)
    return fail(recordings.error());
  const auto result = runStudy(*recordings, *entrants,
                               {.repeats = options.repeats,
                                .seed = options.seed,
                                .threads = options.jobs,
                                .keepRuns = !options.trace.empty(),
                                .stopAtOptimum = options.trace.empty()});
  if (!result)
    return fail(result.error());
  if (!options.trace.empty())
    if (auto written = writeTraces(options.trace, *recordings, *result); !written)
      return fail(written.error());
  if (!options.svg.empty())
    if (auto written = writeFile(options.svg, drawStudy(*recordings, *result)); !written)
      return fail(written.error());
  if (options.format == "json") {
    printJson(studyJson(*result));
    return kSuccess;
  }
  fmt::print("{}, {} each, seed {}\n\n{}\n{}", counted(recordings->size(), "recorded space"),
             counted(options.repeats, "repeat"), options.seed, spacesTable(*result),
             totalsTable(*result));
  return kSuccess;
}

int runPerturbed(const Options& options) {
  const auto job = jobForProblems(options.perturbed, options.problem);
  if (!job)
    return fail(job.error());
  if (auto status = exhaustible(job->space); !status)
    return fail(status.error());
  PerturbedOptions study{.devices = options.devices, .seed = options.seed, .jobs = options.jobs};
  study.searches.clear();
  const auto entrants = entrantsOf(options.searchers);
  if (!entrants)
    return fail(entrants.error());
  study.searches.reserve(entrants->size());
  for (const Entrant& entrant : *entrants)
    study.searches.push_back(entrant.name);
  TuneProgress progress;
  const InterruptGuard guard(progress.stop);
  std::optional<ProgressLine> line(std::in_place, progress, stderr);
  const auto result = studyPerturbed(*job, study, progress);
  line.reset();
  if (!result)
    return fail(result.error());
  if (result->interrupted)
    return kInterrupted;
  if (options.format == "json")
    printJson(perturbedJson(*job, *result));
  else
    fmt::print("{}", perturbedReport(*job, study, *result));
  return kSuccess;
}

} // namespace

void addStudy(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("study", "Compare search strategies on recorded spaces");
  auto* data = command->add_option("--data", options->data,
                                   "folder of <kernel>/T1.json with\n<device>_T4.json[.gz]");
  data->option_text("DIR");
  command
      ->add_option("--perturbed", options->perturbed,
                   "job file: search perturbed devices in place of\nrecorded spaces")
      ->transform(jobOption)
      ->option_text("JOB")
      ->excludes(data);
  command
      ->add_option("--problem", options->problem, "--perturbed: one problem, \"s0=8192,s1=8192\"")
      ->option_text("TEXT");
  command->add_option("--devices", options->devices, "--perturbed: how many (default: 20)")
      ->check(CLI::Range(1, 10'000))
      ->option_text("N");
  command->add_option("--space", options->space, "only spaces whose name contains this")
      ->option_text("TEXT");
  command
      ->add_option("--search", options->searchers,
                   "strategies, separated by commas; all: every one\n(default: auto,random)")
      ->delimiter(',')
      ->option_text("A,B,...");
  command->add_option("--repeats", options->repeats, "runs of each on each space (default: 100)")
      ->check(CLI::Range(1, 100'000))
      ->option_text("N");
  command->add_option("--seed", options->seed, "of the first repeat (default: 1)")
      ->option_text("N");
  command
      ->add_option("--trace", options->trace,
                   "write <search>/<kernel>__<device>.csv below this\nfolder, with run,cfg,wall; "
                   "runs then go on behind "
                   "the\noptimum")
      ->option_text("DIR");
  command->add_option("--svg", options->svg, "draw performance over time")->option_text("FILE");
  addFormat(*command, options->format);
  addThreads(*command, options->jobs);
  command->footer(kExamples);
  command->callback([options, &chosen] {
    chosen = [options] {
      return options->perturbed.empty() ? runStudyCommand(*options) : runPerturbed(*options);
    };
  });
}

} // namespace ptotune::cli
