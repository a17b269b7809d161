// pto-tune diff: what changed between two databases, or between two points.
#include "db/configurations/Profiles.h"
#include "tuner/cli/Commands.h"
#include "tuner/cli/DiffReport.h"
#include "tuner/cli/Kernel.h"
#include "tuner/cli/Terminal.h"
#include "tuner/cli/Text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace ptotune::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  pto-tune diff before.db after.db
      the best point of every problem in both: times, and which parameters moved
  pto-tune diff fa_910b2 --problem "s0=128,s1=8192" \
      --point "TILE_S1=256" --point "TILE_S1=512,QK_PRELOAD=3,SlotNum=6"
      two points in the simulator: which stage gained, and by how much
  pto-tune diff before.db after.db --format json | jq '.problems[].verdict'

With one --point, it is compared with the default point.

Exit code: 0 done, 1 a point is illegal and has no kernel, 2 bad input.)";

struct Options {
  std::string first;
  std::string second;
  std::vector<std::string> points;
  std::string problem;
  std::string format = "text";

  bool json() const { return format == "json"; }
};

int diffFiles(const Options& options) {
  if (options.second.empty())
    return fail({.message = "one file has nothing to be compared with",
                 .key = "A",
                 .value = options.first,
                 .expected = "two databases, or a job with --point",
                 .advice = "see 'pto-tune diff --help'"});
  if (!options.problem.empty())
    return fail({.message = "--problem belongs to a job with --point",
                 .key = "--problem",
                 .value = options.problem,
                 .advice = "leave it out"});
  const auto before = Database::open(options.first, OpenMode::readOnly);
  if (!before)
    return fail(before.error());
  const auto after = Database::open(options.second, OpenMode::readOnly);
  if (!after)
    return fail(after.error());
  const auto changes = diffDatabases(*before, *after);
  if (!changes)
    return fail(changes.error());
  if (options.json())
    fmt::print("{}\n", databaseDiffJson(*changes).dump(2));
  else
    fmt::print("{}", databaseDiffText(*changes, terminalOf(stdout).width));
  return kSuccess;
}

using TwoPoints = std::array<Point, 2>;

// A point that is given alone is the second one; the first is the default point then.
Result<TwoPoints> twoPoints(const Job& job, const std::vector<std::string>& texts) {
  TwoPoints points;
  const std::size_t first = points.size() - texts.size();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto point = pointOption(job, texts[i]);
    if (!point)
      return point.error();
    points[first + i] = *point;
  }
  return points;
}

void printPoints(const Job& job, const TwoPoints& points, const std::vector<Change>& changes,
                 std::size_t width) {
  fmt::print("{}\nA\n{}\nB\n{}\n", job.soc.name, wrapped(points[0].text(), 2, width),
             wrapped(points[1].text(), 2, width));
  const std::string text =
      changes.empty() ? "the points are equal" : "changed: " + changesText(changes);
  fmt::print("{}\n", wrapped(text, 0, width, 2));
}

// Both points on all problems; prints where text is asked for, else fills `list`.
int diffProblems(const Options& options, const Job& job, const std::vector<Problem>& problems,
                 const TwoPoints& points, nlohmann::ordered_json& list) {
  const std::size_t width = terminalOf(stdout).width;
  for (const Problem& problem : problems) {
    PointDiff diff{.problem = problem};
    Breakdown* const sides[] = {&diff.before, &diff.after};
    for (std::size_t i = 0; i < points.size(); ++i) {
      auto breakdown = breakdownOf(job, problem, points[i]);
      if (!breakdown) {
        fail(noKernel({problem, job.soc, points[i]}, breakdown.error()));
        return kRejected;
      }
      *sides[i] = *std::move(breakdown);
    }
    if (options.json())
      list.push_back(pointDiffJson(diff));
    else
      fmt::print("\n{}", pointDiffText(diff, width));
    std::fflush(stdout);
  }
  return kSuccess;
}

int diffPoints(const Options& options) {
  if (!options.second.empty())
    return fail({.message = "a job is compared with nothing but points",
                 .key = "B",
                 .value = options.second,
                 .expected = "one job, and --point once or twice"});
  if (options.points.size() > 2)
    return fail({.message = "more than two points",
                 .key = "--point",
                 .value = options.points.back(),
                 .expected = "--point once or twice"});
  const auto job = loadJob(jobFile(options.first), configsFolder());
  if (!job)
    return fail(job.error());
  const auto points = twoPoints(*job, options.points);
  if (!points)
    return fail(points.error());
  const auto problems = problemOption(*job, options.problem);
  if (!problems)
    return fail(problems.error());
  const std::vector<Change> changes = changesOf((*points)[0], (*points)[1]);
  if (!options.json())
    printPoints(*job, *points, changes, terminalOf(stdout).width);
  auto list = nlohmann::ordered_json::array();
  if (const int code = diffProblems(options, *job, *problems, *points, list); code != kSuccess)
    return code;
  if (options.json())
    fmt::print(
        "{}\n",
        nlohmann::ordered_json{{"soc", job->soc.name},
                               {"before", nlohmann::ordered_json::parse((*points)[0].json())},
                               {"after", nlohmann::ordered_json::parse((*points)[1].json())},
                               {"changes", changesJson(changes)},
                               {"problems", list}}
            .dump(2));
  return kSuccess;
}

} // namespace

void addDiff(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("diff", "Tell what changed between two databases or two points");
  command->add_option("A", options->first, "a database, or with --point a job")
      ->required()
      ->option_text(" ");
  command->add_option("B", options->second, "the other database")->option_text(" ");
  command
      ->add_option("--point", options->points,
                   "\"NAME=value,...\"; parameters left out are those of\nthe default point; give "
                   "it twice for two points")
      ->option_text("POINT")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      ->add_option("--problem", options->problem,
                   "\"s0=128,s1=8192\": on this problem alone; keys left\nout are those of the "
                   "job's first problem")
      ->option_text("PROBLEM");
  addFormat(*command, options->format);
  command->footer(kExamples);
  command->callback([options, &chosen] {
    chosen = [options] {
      return options->points.empty() ? diffFiles(*options) : diffPoints(*options);
    };
  });
}

} // namespace ptotune::cli
