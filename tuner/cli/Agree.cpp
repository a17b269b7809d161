// pto-tune agree: the protocol rules held against the simulator.
#include "db/configurations/Profiles.h"
#include "tuner/PointText.h"
#include "tuner/RuleSurvey.h"
#include "tuner/cli/Commands.h"
#include "tuner/cli/Interrupt.h"
#include "tuner/cli/ProgressLine.h"
#include "tuner/cli/Terminal.h"
#include "tuner/cli/Text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <limits>

namespace ptotune::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* kExamples =
    R"(Every point that the rules on shapes, capacities and resources let through is
lowered and run with the hazard checker, two blocks on one core, whatever the
protocol rules say. Accepted points must finish without a hazard, and right;
rejected ones must hang, or the checker must name the rule's own witness, and
under the delays that expose it the numbers must come out wrong.

  clean, hazard, hang, error   what became of the points in the simulator
  named                        the checker's first hazard is the rule's witness
  right, wrong                 programs that ran with data as well (--numbers)
  differ                       disagreements; each is listed

Examples:
  pto-tune agree fa_910b2 --problem "s1=1024"
  pto-tune agree fa_910b2 --sample 300 --seed 7 --numbers 10

Exit code: 0 rules and simulator agree, 1 they do not, 2 bad input.)";

struct Options {
  std::string job;
  std::string problem;
  std::string numbers = "20";
  std::string format = "text";
  SurveyOptions survey;
};

std::string rowName(const SurveyRow& row) {
  return row.rule.empty() ? "accepted" : row.rule;
}

std::string tableText(const Survey& survey) {
  using enum Table::Align;
  Table table({left, right, right, right, right, right, right, right, right, right});
  table.row(
      {"rules", "points", "clean", "hazard", "hang", "error", "named", "right", "wrong", "differ"});
  for (const SurveyRow& row : survey.rows)
    if (row.points > 0 || row.rule.empty())
      table.row({rowName(row), grouped(row.points), grouped(row.clean), grouped(row.hazard),
                 grouped(row.hang), grouped(row.protocolError), grouped(row.named),
                 grouped(row.right), grouped(row.wrong), grouped(row.disagreements)});
  return table.text();
}

std::string surveyText(const Survey& survey, std::size_t width) {
  std::string text = fmt::format(
      "{}\n  {} pass the static rules, {}\n\n{}",
      wrapped(fmt::format("head {}, s1 {}{}", survey.problem.head, survey.problem.s1,
                          survey.problem.causal ? ", causal" : ""),
              0, width),
      counted(survey.points, "point"), counted(survey.programs, "program"), tableText(survey));
  for (const Disagreement& one : survey.disagreements) {
    text += fmt::format("\n{}\n",
                        wrapped(fmt::format("{}: {}", one.rule.empty() ? "accepted" : one.rule,
                                            shortText(one.point)),
                                0, width, 2));
    text += wrapped(one.text, 2, width, 2) + "\n";
  }
  return text;
}

ordered_json jsonOf(const Survey& survey) {
  ordered_json rows = ordered_json::array();
  for (const SurveyRow& row : survey.rows)
    rows.push_back({{"rules", rowName(row)},
                    {"points", row.points},
                    {"no_hazard", row.clean},
                    {"hazard", row.hazard},
                    {"hang", row.hang},
                    {"protocol_error", row.protocolError},
                    {"witness_named", row.named},
                    {"ran_right", row.right},
                    {"ran_wrong", row.wrong},
                    {"disagreements", row.disagreements}});
  ordered_json disagreements = ordered_json::array();
  for (const Disagreement& one : survey.disagreements)
    disagreements.push_back({{"rules", one.rule.empty() ? "accepted" : one.rule},
                             {"point", one.point.text()},
                             {"problem", one.problem.text()},
                             {"text", one.text}});
  return {{"head", survey.problem.head},     {"s1", survey.problem.s1},
          {"causal", survey.problem.causal}, {"points", survey.points},
          {"programs", survey.programs},     {"rows", rows},
          {"disagreements", disagreements}};
}

// Problems that differ in s0 alone are one here.
std::vector<Problem> distinct(std::vector<Problem> problems) {
  std::vector<Problem> kept;
  for (Problem& problem : problems) {
    const auto same = [&](const Problem& other) {
      Problem at = problem;
      at.s0 = other.s0;
      return at == other;
    };
    if (std::ranges::none_of(kept, same))
      kept.push_back(std::move(problem));
  }
  return kept;
}

Result<std::uint64_t> numbersOption(const std::string& text) {
  if (text == "all")
    return std::uint64_t{std::numeric_limits<std::int32_t>::max()};
  std::uint64_t number = 0;
  if (text.empty() || text.size() > 9 || !CLI::detail::lexical_cast(text, number))
    return Error{.message = "not a number of programs",
                 .key = "--numbers",
                 .value = text,
                 .expected = "0 to 999999999, or all"};
  return number;
}

int runAgree(Options options) {
  auto job = loadJob(options.job, configsFolder());
  if (!job)
    return fail(job.error());
  const auto problems = problemOption(*job, options.problem);
  if (!problems)
    return fail(problems.error());
  const auto numbers = numbersOption(options.numbers);
  if (!numbers)
    return fail(numbers.error());
  options.survey.numbers = *numbers;

  const std::size_t width = terminalOf(stdout).width;
  TuneProgress progress;
  const InterruptGuard guard(progress.stop);
  ordered_json surveys = ordered_json::array();
  bool agree = true;
  bool first = true;
  for (const Problem& problem : distinct(*problems)) {
    auto survey = [&] {
      const ProgressLine line(progress, stderr);
      return surveyRules(*job, problem, options.survey, progress);
    }();
    if (!survey) {
      Error error = survey.error();
      error.advice = "give --sample N";
      return fail(error);
    }
    if (survey->interrupted)
      return kInterrupted;
    agree &= survey->disagreements.empty();
    if (options.format == "json")
      surveys.push_back(jsonOf(*survey));
    else
      fmt::print("{}{}", std::exchange(first, false) ? "" : "\n", surveyText(*survey, width));
    std::fflush(stdout);
  }
  if (options.format == "json")
    fmt::print("{}\n", surveys.dump(2));
  return agree ? kSuccess : kRejected;
}

} // namespace

void addAgree(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("agree", "Hold the protocol rules against the simulator");
  addJob(*command, options->job);
  command
      ->add_option(
          "--problem", options->problem,
          "\"head=64,s1=4096\": only this one; keys left out are\nthose of the job's first "
          "problem; s0 does not matter")
      ->option_text("PROBLEM");
  command
      ->add_option("--sample", options->survey.sample,
                   "so many points, drawn by --seed; default: all of the\nspace")
      ->check(CLI::Range(1, 1'000'000'000))
      ->option_text("N");
  command->add_option("--seed", options->survey.seed, "of the sample and of the inputs; default 1")
      ->option_text("N");
  command
      ->add_option("--numbers", options->numbers,
                   "programs a row that also run with data, a seeded\nchoice, or all; default 20")
      ->option_text("N");
  addFormat(*command, options->format);
  addThreads(*command, options->survey.jobs);
  command->footer(kExamples);
  command->callback([options, &chosen] { chosen = [options] { return runAgree(*options); }; });
}

} // namespace ptotune::cli
