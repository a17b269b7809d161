// pto-tune check: is a point legal, and why not.
#include "space/Rules.h"
#include "tuner/cli/Commands.h"
#include "tuner/cli/Terminal.h"
#include "tuner/cli/Text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace ptotune::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  pto-tune check configs/jobs/fa_910b2.toml
      the default point, on all problems of the job
  pto-tune check configs/jobs/fa_910b2.toml --point "QK_PRELOAD=8,SlotNum=2" \
      --problem "s0=128,s1=8192"
      one point on a problem that need not be in the job

Exit code: 0 legal for all problems, 1 rejected for any, 2 bad input.)";

struct Options {
  std::string job;
  std::string point;
  std::string problem;
};

// Rule and sentence, then its lines, then what to change.
std::string findingText(const Finding& finding, std::size_t width) {
  std::string text = fmt::format("  {}\n{}\n", finding.rule, wrapped(finding.text, 4, width));
  for (const std::string& detail : finding.details)
    text += wrapped(detail, 6, width, 4) + "\n";
  if (!finding.advice.empty())
    text += wrapped("advice: " + finding.advice, 4, width) + "\n";
  return text;
}

std::string verdictText(const Verdict& verdict, std::size_t width) {
  const bool legalPoint = verdict.legal();
  std::string text =
      legalPoint ? "legal\n"
                 : fmt::format("rejected by {}\n", counted(verdict.rejections.size(), "rule"));
  for (const Finding& finding : legalPoint ? verdict.facts : verdict.rejections)
    text += findingText(finding, width);
  return text;
}

// Problems with the same verdict stand together.
struct Judged {
  std::string text;
  std::vector<Problem> problems;
};

int runCheck(const Options& options) {
  const auto job = loadJob(options.job);
  if (!job)
    return fail(job.error());
  const auto point = pointOption(*job, options.point);
  if (!point)
    return fail(point.error());
  const auto problems = problemOption(*job, options.problem);
  if (!problems)
    return fail(problems.error());

  const std::size_t width = terminalOf(stdout).width;
  bool rejected = false;
  std::vector<Judged> judged;
  for (const Problem& problem : *problems) {
    const Verdict verdict = check({problem, job->soc, *point});
    rejected |= !verdict.legal();
    const std::string text = verdictText(verdict, width);
    auto same = std::ranges::find(judged, text, &Judged::text);
    if (same == judged.end())
      same = judged.insert(judged.end(), {text, {}});
    same->problems.push_back(problem);
  }
  fmt::print("point on {}\n{}\n", job->soc.name, wrapped(point->text(), 2, width));
  for (const Judged& one : judged) {
    fmt::print("\n");
    for (const Problem& problem : one.problems)
      fmt::print("{}\n", problem.text());
    fmt::print("{}", one.text);
  }
  return rejected ? kRejected : kSuccess;
}

} // namespace

void addCheck(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("check", "Judge a point by every legality rule");
  addJob(*command, options->job);
  addPoint(*command, options->point);
  command
      ->add_option("--problem", options->problem,
                   "\"s0=128,s1=8192\"; keys left out are those of the\njob's first problem; "
                   "without this option all problems\nof the job are judged")
      ->option_text("PROBLEM");
  command->footer(kExamples);
  command->callback([options, &chosen] { chosen = [options] { return runCheck(*options); }; });
}

} // namespace ptotune::cli
