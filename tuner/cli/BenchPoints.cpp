#include "tuner/cli/BenchPoints.h"

#include "db/Database.h"
#include "db/configurations/Profiles.h"
#include "db/configurations/Winners.h"
#include "tuner/cli/Commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace ptotune::cli {
namespace {

// A longer point has a number in the table; what it is stands below.
constexpr std::size_t kLongestLabel = 16;

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
Result<Choice> champions(const BenchQuestion& question, const Job& job) {
  if (question.database.empty())
    return Error{.message = "whose champion is meant is not said",
                 .key = "--db",
                 .expected = "a tuning database"};
  const auto database = Database::open(question.database, OpenMode::readOnly);
  if (!database)
    return database.error();
  Choice choice{.label = {kChampionPoint, ""}, .candidates = {}};
  for (const Problem& problem : job.problems) {
    auto list = database->champions({.problem = problem, .soc = job.soc.name});
    if (!list)
      return list.error();
    std::ranges::sort(*list, [&](const Champion& a, const Champion& b) {
      const auto rank = [&](const Champion& one) {
        return std::pair(one.environment.runner == question.runner, one.lastRecorded);
      };
      return rank(a) > rank(b);
    });
    if (list->empty())
      continue;
    const Champion& champion = list->front();
    choice.label.source = fmt::format("recorded by {} {} in {}", champion.environment.runner,
                                      champion.environment.runnerVersion, question.database);
    choice.candidates.push_back({kChampionPoint, problem, champion.point});
  }
  if (choice.candidates.empty())
    return Error{.message = "the database knows no champion of a problem of the job",
                 .file = question.database,
                 .expected = fmt::format("times on {}", job.soc.name),
                 .advice = "measure some with 'pto-tune tune'"};
  return choice;
}

// Upstream's manual kernel, with the case that a header exported from the database has for the
// problem; without one at the default point.
Result<Choice> manualKernel(const BenchQuestion& question, const Job& job) {
  Choice choice = samePoint(job, kManualKernel, Point());
  choice.label.source = "upstream's kernel at its default point";
  for (BenchCandidate& candidate : choice.candidates)
    candidate.kernel = BenchKernel::manual;
  if (question.database.empty())
    return choice;
  const auto database = Database::open(question.database, OpenMode::readOnly);
  if (!database)
    return database.error();
  Profiles profiles(configsFolder());
  const auto found =
      winnerEntries(*database, {.soc = job.soc.name, .problems = job.problems}, profiles);
  if (!found)
    return found.error();
  for (const HeaderEntry& entry : found->entries)
    for (BenchCandidate& candidate : choice.candidates)
      if (entry.manual && candidate.problem == entry.champion.problem) {
        candidate.point = entry.manual->point;
        choice.label.source =
            "upstream's kernel with the cases of a header exported from " + question.database;
      }
  return choice;
}

// One of the names, or a point of its own, the `number`-th.
Result<Choice> choose(const BenchQuestion& question, const Job& job, const std::string& text,
                      std::size_t number) {
  if (text == kDefaultPoint)
    return samePoint(job, text, Point());
  if (text == kSeedPoint)
    return samePoint(job, text, job.seed);
  if (text == kChampionPoint)
    return champions(question, job);
  if (text == kManualKernel)
    return manualKernel(question, job);
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

std::string baselineLabel(const BenchQuestion& question, const std::string& label) {
  if (question.baseline == kDefaultPoint)
    return "the default point (of upstream's manual kernel)";
  return question.baseline == kManualKernel ? "upstream's manual kernel" : label;
}

} // namespace

bool BenchChoice::needsManualKernel() const {
  const auto manual = [](const BenchCandidate& one) { return one.kernel == BenchKernel::manual; };
  return std::ranges::any_of(plan.candidates, manual) ||
         std::ranges::any_of(plan.baselines, manual);
}

bool BenchChoice::expected(const BenchRow& row) const {
  return row.trial.status == TrialStatus::constraints && swept.contains(row.candidate.label);
}

Result<BenchChoice> choosePoints(const BenchQuestion& question, const Job& job) {
  std::vector<std::string> texts = question.points;
  if (texts.empty() && question.sweep.empty())
    texts = {question.database.empty() ? kSeedPoint : kChampionPoint};
  auto baseline = choose(question, job, question.baseline, 0);
  if (!baseline)
    return baseline.error();
  std::vector<Choice> choices = {*std::move(baseline)};
  for (const std::string& text : texts) {
    auto choice = choose(question, job, text, choices.size());
    if (!choice)
      return choice.error();
    choices.push_back(*std::move(choice));
  }
  const std::size_t named = choices.size();
  if (!question.sweep.empty()) {
    auto swept = sweep(job, question.sweep);
    if (!swept)
      return swept.error();
    std::ranges::move(*swept, std::back_inserter(choices));
  }
  BenchChoice chosen;
  chosen.plan.baselines = choices.front().candidates;
  chosen.plan.baselineLabel = baselineLabel(question, chosen.plan.baselines.front().label);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    Choice& choice = choices[i];
    if (std::ranges::find(chosen.labels, choice.label.label, &BenchLabel::label) ==
        chosen.labels.end()) {
      chosen.labels.push_back(choice.label);
      if (i >= named)
        chosen.swept.insert(choice.label.label);
    } else {
      choice.candidates.clear(); // named before, as the baseline for example
    }
  }
  // By problem, then in the order of the points.
  for (const Problem& problem : job.problems)
    for (const Choice& choice : choices)
      for (const BenchCandidate& candidate : choice.candidates)
        if (candidate.problem == problem)
          chosen.plan.candidates.push_back(candidate);
  return chosen;
}

} // namespace ptotune::cli
