#include "tuner/RuleSurvey.h"

#include "codegen/Lowering.h"
#include "runners/Agreement.h"
#include "space/PointSet.h"
#include "space/Rules.h"
#include "tuner/Parallel.h"
#include "tuner/WorkList.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <random>
#include <set>
#include <utility>

namespace ptotune {
namespace {

bool isProtocol(const Rule& rule) {
  return rule.id.starts_with("protocol.");
}

class Surveyor {
public:
  Surveyor(const Job& job, const Problem& problem, const SurveyOptions& options,
           TuneProgress& progress)
      : space_(job.space), soc_(job.soc), problem_(problem), options_(options), progress_(progress),
        arena_(options.jobs) {
    soc_.cubeCores = 1;
  }

  Result<Survey> run() {
    auto points = choose();
    if (!points)
      return points.error();
    points_ = *std::move(points);
    answers_.resize(points_.size());
    progress_.total += points_.size();
    arena_.forEach(points_.size(), [this](std::size_t i) {
      if (!progress_.stop) {
        judge(i);
        ++progress_.done;
      }
    });
    Survey survey{.problem = problem_};
    survey.points = points_.size();
    survey.programs = evidence_.size();
    if (!progress_.stop)
      runWithData();
    survey.interrupted = progress_.stop;
    collect(survey);
    return survey;
  }

private:
  using Evidence = std::shared_ptr<const ProgramEvidence>;
  // What became of one comparison of one point.
  struct Answer {
    Comparison comparison;
    Evidence evidence;
    bool withData = false;
    bool right = false;
  };

  Problem problemOf(const Point& point) const {
    Problem problem = problem_;
    problem.s0 = options_.blocks * point.cubeS0();
    return problem;
  }

  // The points that the static rules let through: all of them, or a sample without repetition.
  Result<std::vector<Point>> choose() const {
    Problem common = problem_;
    common.s0 = options_.blocks;
    for (const std::int64_t rows : space_.domain(Param::cubeS0).values)
      common.s0 = std::lcm(common.s0, options_.blocks * rows);
    const auto set =
        PointSet::build(common, soc_, space_, {.rules = RuleSet::withoutProtocol, .without = {}});
    if (!set)
      return set.error();
    std::vector<Point> points;
    if (options_.sample == 0 || options_.sample >= set->count()) {
      if (set->count() > kMostPoints)
        return Error{.message = fmt::format("the space has {} points that pass the static rules, "
                                            "too many to run each",
                                            set->count()),
                     .file = space_.path};
      set->forEach([&](const Point& point) { points.push_back(point); });
      return points;
    }
    std::mt19937_64 random(options_.seed);
    std::set<Point> drawn;
    while (points.size() < options_.sample)
      if (const Point point = set->sample(random); drawn.insert(point).second)
        points.push_back(point);
    return points;
  }

  Result<LoweredKernel> program(const Point& point) const {
    return lower(KernelSpec::of(problem_), point, soc_, Emit::program);
  }

  // Points with one program and one problem are run once.
  Evidence examineOnce(const LoweredKernel& kernel, const Problem& problem) {
    std::promise<Evidence> promise;
    std::shared_future<Evidence> result;
    {
      const std::lock_guard lock(mutex_);
      const auto [found, mine] = evidence_.try_emplace({kernel.programHash.hex(), problem.s0},
                                                       std::shared_future<Evidence>());
      if (!mine) {
        result = found->second;
      } else {
        found->second = promise.get_future().share();
      }
    }
    if (result.valid())
      return result.get();
    auto evidence = std::make_shared<ProgramEvidence>(examine(kernel.program, soc_, problem));
    promise.set_value(evidence);
    return evidence;
  }

  void judge(std::size_t index) {
    const Point& point = points_[index];
    const Problem problem = problemOf(point);
    const Explanation explanation = explain({problem, soc_, point});
    const auto kernel = program(point);
    if (!kernel) {
      const std::string rule =
          explanation.rejections.empty() ? "" : explanation.rejections.front().rule;
      answers_[index].push_back(
          {{.rule = rule, .text = "not lowered: " + kernel.error().text()}, nullptr});
      return;
    }
    const Evidence evidence = examineOnce(*kernel, problem);
    for (Comparison& comparison : compare(explanation, *evidence))
      answers_[index].push_back({std::move(comparison), evidence});
  }

  // A seeded choice of programs in every row; the same whatever the threads.
  void runWithData() {
    struct Candidate {
      Answer* answer;
      std::size_t index;
    };
    std::map<std::string, std::vector<Candidate>> byRule;
    std::set<std::pair<std::string, const ProgramEvidence*>> seen;
    for (std::size_t i = 0; i < answers_.size(); ++i)
      for (Answer& answer : answers_[i])
        if (answer.comparison.agrees && answer.evidence->run.outcome == sim::Outcome::finished &&
            seen.emplace(answer.comparison.rule, answer.evidence.get()).second)
          byRule[answer.comparison.rule].push_back({&answer, i});
    std::vector<Candidate> chosen;
    for (const auto& [rule, candidates] : byRule) {
      std::mt19937_64 random(options_.seed);
      std::ranges::sample(candidates, std::back_inserter(chosen),
                          static_cast<std::ptrdiff_t>(options_.numbers), random);
    }
    progress_.total += chosen.size();
    arena_.forEach(chosen.size(), [&](std::size_t i) {
      if (!progress_.stop) {
        runNumbersOf(*chosen[i].answer, points_[chosen[i].index]);
        ++progress_.done;
      }
    });
  }

  void runNumbersOf(Answer& answer, const Point& point) {
    const auto kernel = program(point);
    if (!kernel)
      return;
    const sim::FunctionalResult result = runNumbers(kernel->program, soc_, caseOf(problemOf(point)),
                                                    answer.comparison, *answer.evidence);
    answer.withData = true;
    answer.right = result.right();
    answer.comparison.text = objection(answer.comparison, result);
    answer.comparison.agrees = answer.comparison.text.empty();
  }

  const sim::AttentionCase& caseOf(const Problem& problem) {
    const std::lock_guard lock(mutex_);
    auto& attention = cases_[problem.s0];
    if (!attention)
      attention = std::make_unique<sim::AttentionCase>(problem, options_.seed);
    return *attention;
  }

  static void add(const Answer& answer, SurveyRow& row) {
    ++row.points;
    row.disagreements += answer.comparison.agrees ? 0 : 1;
    row.right += answer.withData && answer.right ? 1 : 0;
    row.wrong += answer.withData && !answer.right ? 1 : 0;
    row.named += answer.comparison.hazard >= 0 ? 1 : 0;
    if (!answer.evidence)
      return;
    switch (answer.evidence->run.outcome) {
    case sim::Outcome::finished:
      ++(answer.evidence->clean() ? row.clean : row.hazard);
      break;
    case sim::Outcome::hang:
      ++row.hang;
      break;
    default:
      ++row.protocolError;
      break;
    }
  }

  void collect(Survey& survey) const {
    std::map<std::string, SurveyRow> rows;
    rows[""];
    for (const Rule& rule : rules())
      if (isProtocol(rule))
        rows[std::string(rule.id)];
    for (std::size_t i = 0; i < answers_.size(); ++i)
      for (const Answer& answer : answers_[i]) {
        const Comparison& comparison = answer.comparison;
        add(answer, rows[comparison.rule]);
        if (!comparison.agrees)
          survey.disagreements.push_back(
              {points_[i], problemOf(points_[i]), comparison.rule, comparison.text});
      }
    for (auto& [rule, row] : rows) {
      row.rule = rule;
      survey.rows.push_back(std::move(row));
    }
  }

  const Space& space_;
  SocProfile soc_;
  const Problem& problem_;
  const SurveyOptions& options_;
  TuneProgress& progress_;
  Arena arena_;
  std::vector<Point> points_;
  std::vector<std::vector<Answer>> answers_; // by point

  std::mutex mutex_;
  std::map<std::pair<std::string, std::int64_t>, std::shared_future<Evidence>> evidence_;
  std::map<std::int64_t, std::unique_ptr<sim::AttentionCase>> cases_; // by s0
};

} // namespace

Result<Survey> surveyRules(const Job& job, const Problem& problem, const SurveyOptions& options,
                           TuneProgress& progress) {
  return Surveyor(job, problem, options, progress).run();
}

} // namespace ptotune
