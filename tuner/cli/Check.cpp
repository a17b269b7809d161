// pto-tune check: is a point legal, and why not.
#include "db/file/WriteFile.h"
#include "space/Bound.h"
#include "space/PointSet.h"
#include "space/Repair.h"
#include "space/Rules.h"
#include "tuner/cli/Commands.h"
#include "tuner/cli/Drawing.h"
#include "tuner/cli/Json.h"
#include "tuner/cli/Terminal.h"
#include "tuner/cli/Text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace ptotune::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  pto-tune check fa_910b2
      the default point, on all problems of the job
  pto-tune check fa_910b2 --point "QK_PRELOAD=8,SlotNum=2" \
      --problem "s0=128,s1=8192"
      one point on a problem that need not be in the job

Exit code: 0 legal for all problems, 1 rejected for any, 2 bad input.)";

struct Options {
  std::string job;
  std::string point;
  std::string problem;
  bool explain = false;
  std::string dot;
  std::string format;
};

// Rule and sentence, then its lines, then what to change.
std::string findingText(const Finding& finding, std::size_t width, bool explain) {
  std::string text = fmt::format("  {}\n{}\n", finding.rule, wrapped(finding.text, 4, width));
  if (explain) {
    std::string operands;
    for (const auto& [name, value] : finding.operands)
      operands += fmt::format("{}{} = {}", operands.empty() ? "" : ", ", name, value);
    if (finding.limit != 0)
      operands += fmt::format("{}limit {}", operands.empty() ? "" : ", ", finding.limit);
    if (!operands.empty())
      text += wrapped(operands, 6, width, 4) + "\n";
  }
  for (const std::string& detail : finding.details)
    text += wrapped(detail, 6, width, 4) + "\n";
  if (explain)
    text += drawing(finding.links, 6);
  if (!finding.advice.empty())
    text += wrapped("advice: " + finding.advice, 4, width) + "\n";
  return text;
}

std::string ruleIds(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings)
    text += (text.empty() ? "" : ", ") + finding.rule;
  return text;
}

// Rules of which a broken one before them leaves nothing to say.
std::vector<Finding> unjudged(const Explanation& explanation) {
  std::vector<Finding> silent;
  for (const Rule& rule : rules()) {
    const auto says = [&](const Finding& finding) { return finding.rule == rule.id; };
    if (std::ranges::none_of(explanation.rejections, says) &&
        std::ranges::none_of(explanation.facts, says))
      silent.push_back({.rule = std::string(rule.id)});
  }
  return silent;
}

std::string unjudgedText(const Explanation& explanation, std::size_t width) {
  const std::vector<Finding> silent = unjudged(explanation);
  return silent.empty() ? "" : wrapped("cannot be judged: " + ruleIds(silent), 2, width, 2) + "\n";
}

std::string verdictText(const Explanation& explanation, std::size_t width, bool explain) {
  const bool legalPoint = explanation.legal();
  std::string text =
      legalPoint ? "legal\n"
                 : fmt::format("rejected by {}\n", counted(explanation.rejections.size(), "rule"));
  for (const Finding& finding : legalPoint ? explanation.facts : explanation.rejections)
    text += findingText(finding, width, explain);
  if (!explain || legalPoint)
    return text;
  text += "held\n";
  for (const Finding& finding : explanation.facts)
    text += findingText(finding, width, explain);
  return text + unjudgedText(explanation, width);
}

// What a legal point takes at least, and what keeps it from taking less.
std::string boundText(const Problem& problem, const SocProfile& soc, const Point& point) {
  const Bound bound = timeBound(problem, soc, point);
  return fmt::format("  at least {} us: {}\n", microseconds(bound.seconds), bound.text());
}

nlohmann::ordered_json verdictJson(const Job& job, const Problem& problem, const Point& point,
                                   const Explanation& explanation,
                                   const std::vector<Repair>& nearest) {
  nlohmann::ordered_json json = {{"problem", problemJson(problem)},
                                 {"legal", explanation.legal()},
                                 {"rejections", nlohmann::ordered_json::array()},
                                 {"facts", nlohmann::ordered_json::array()},
                                 {"unjudged", nlohmann::ordered_json::array()},
                                 {"repairs", nlohmann::ordered_json::array()},
                                 {"bound", nullptr}};
  for (const Finding& finding : explanation.rejections)
    json["rejections"].push_back(findingJson(finding));
  for (const Finding& finding : explanation.facts)
    json["facts"].push_back(findingJson(finding));
  for (const Repair& repair : nearest)
    json["repairs"].push_back(repair.text);
  if (explanation.legal())
    json["bound"] = boundJson(timeBound(problem, job.soc, point));
  else
    for (const Finding& finding : unjudged(explanation))
      json["unjudged"].push_back(finding.rule);
  return json;
}

// The nearest points of the space that are legal.
constexpr std::size_t kMostRepairs = 3;

std::string repairsText(const std::vector<Repair>& nearest, std::size_t width) {
  std::string text;
  for (const Repair& repair : nearest)
    text += (text.empty() ? "legal with " : "; or with ") + repair.text;
  return wrapped(text.empty() ? "no change of one or two parameters within the space makes it legal"
                              : text,
                 2, width, 2) +
         "\n";
}

// Problems with the same verdict stand together.
struct Judged {
  std::string text;
  std::vector<Problem> problems;
};

void print(const Job& job, const Point& point, const std::vector<Judged>& judged,
           std::size_t width) {
  fmt::print("point on {}\n{}\n", job.soc.name, wrapped(point.text(), 2, width));
  for (const Judged& one : judged) {
    fmt::print("\n");
    for (const Problem& problem : one.problems)
      fmt::print("{}\n", problem.text());
    fmt::print("{}", one.text);
  }
}

int runCheck(const Options& options) {
  const auto asked = pointOfJob(options.job, options.point, options.problem);
  if (!asked)
    return fail(asked.error());
  const auto& [job, point, problems] = *asked;

  const std::size_t width = terminalOf(stdout).width;
  bool rejected = false;
  std::vector<Judged> judged;
  std::string drawn;
  auto verdicts = nlohmann::ordered_json::array();
  for (const Problem& problem : problems) {
    const RuleContext context{problem, job.soc, point};
    Explanation explanation = explain(context);
    explainConstraints(context, job.space, explanation);
    rejected |= !explanation.legal();
    drawn += dot(explanation, problem.text());
    const std::vector<Repair> nearest =
        explanation.legal() ? std::vector<Repair>() : repairs(context, job.space, kMostRepairs);
    if (options.format == "json")
      verdicts.push_back(verdictJson(job, problem, point, explanation, nearest));
    std::string text = verdictText(explanation, width, options.explain);
    if (!explanation.legal())
      text += repairsText(nearest, width);
    if (options.explain && explanation.legal())
      text += boundText(problem, job.soc, point);
    auto same = std::ranges::find(judged, text, &Judged::text);
    if (same == judged.end())
      same = judged.insert(judged.end(), {text, {}});
    same->problems.push_back(problem);
  }
  if (!options.dot.empty())
    if (auto status = writeFile(options.dot, drawn); !status)
      return fail(status.error());
  if (options.format == "json")
    printJson({{"soc", job.soc.name},
               {"point", pointJson(point)},
               {"point_text", point.text()},
               {"verdicts", verdicts}});
  else
    print(job, point, judged, width);
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
  command->add_flag("--explain", options->explain,
                    "every rule with its operands, the witness as a\ndrawing, and the bound of a "
                    "legal point's time");
  command
      ->add_option("--dot", options->dot,
                   "write the witnesses as graphs for Graphviz, one for\neach problem; "
                   "'dot -Tsvg -O FILE' draws them")
      ->check(refuseImage)
      ->option_text("FILE");
  addFormat(*command, options->format);
  command->footer(kExamples);
  command->callback([options, &chosen] { chosen = [options] { return runCheck(*options); }; });
}

} // namespace ptotune::cli
