#include "runners/SimRunner.h"
#include "space/Bound.h"
#include "space/PointSet.h"
#include "tuner/Parallel.h"
#include "tuner/report/Columns.h"
#include "tuner/report/Report.h"
#include "tuner/report/Simulated.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <unordered_map>
#include <utility>

namespace ptotune::report {
namespace {

// Spaces up to this many points are counted with the protocol's rules.
constexpr std::uint64_t kMostWithProtocol = 1'000'000;
constexpr std::uint64_t kInfluenceSeed = 1;

// The environments to report, each with the problems it has trials of, in the order of champions();
// those that only have failures come behind.
struct Asked {
  Environment environment;
  std::vector<Problem> problems;
};

bool wanted(const Environment& environment, const Job* job) {
  return job == nullptr || environment.soc == job->soc.name;
}

std::vector<Asked> askedOf(const std::vector<Champion>& champions,
                           const std::vector<Environment>& environments, const Job* job) {
  std::vector<Asked> all;
  const auto entry = [&](const Environment& environment) -> Asked& {
    const auto known = std::ranges::find(all, environment, &Asked::environment);
    return known != all.end() ? *known : all.emplace_back(Asked{environment, {}});
  };
  for (const Champion& champion : champions)
    if (wanted(champion.environment, job)) {
      Asked& asked = entry(champion.environment);
      if (job == nullptr)
        asked.problems.push_back(champion.problem);
    }
  for (const Environment& environment : environments)
    if (wanted(environment, job))
      entry(environment);
  if (job != nullptr)
    for (Asked& asked : all)
      asked.problems = job->problems;
  std::erase_if(all, [](const Asked& asked) { return asked.problems.empty(); });
  return all;
}

// Every point with a time, also by an equal program.
using Times = std::map<Point, double>;

void addTime(Times& times, const Point& point, double seconds) {
  const auto [place, isNew] = times.emplace(point, seconds);
  if (!isNew)
    place->second = std::min(place->second, seconds);
}

Times takeTrials(std::vector<Trial> trials, Shape& shape) {
  Times times;
  std::unordered_map<Hash, double> programs;
  for (const Trial& trial : trials)
    if (const auto time = trial.time(); time && !trial.programHash.empty())
      programs.emplace(trial.programHash, *time);
  for (Trial& trial : trials) {
    if (const auto time = trial.time())
      addTime(times, trial.point, *time);
    if (trial.status != TrialStatus::pruned) {
      shape.samples.push_back(std::move(trial));
      continue;
    }
    ++shape.equalPrograms;
    if (const auto equal = programs.find(trial.programHash); equal != programs.end())
      addTime(times, trial.point, equal->second);
  }
  return times;
}

std::optional<search::Influence> influenceOf(const std::vector<Column>& columns,
                                             const Times& times) {
  search::Sample sample;
  for (const Column& column : columns)
    sample.counts.push_back(column.values.size());
  for (const auto& [point, seconds] : times) {
    sample.values.push_back(std::log(seconds));
    for (const Column& column : columns)
      sample.levels.push_back(static_cast<search::Level>(levelOf(column, point).value_or(0)));
  }
  if (columns.empty() || sample.values.empty())
    return std::nullopt;
  auto influence = search::influenceOf(sample, search::ForestSettings{}, kInfluenceSeed);
  return influence ? std::optional(*std::move(influence)) : std::nullopt;
}

void sortByCount(Legality& legality) {
  std::ranges::sort(legality.rejected, [](const auto& a, const auto& b) {
    return std::pair(b.second, a.first) < std::pair(a.second, b.first);
  });
}

Result<Legality> legalityOf(const Job& job, const Problem& problem) {
  Legality legality;
  legality.withProtocol = job.space.rawSize() <= kMostWithProtocol;
  const auto counts = countByRule(problem, job.soc, job.space,
                                  legality.withProtocol ? RuleSet::all : RuleSet::withoutProtocol);
  if (!counts)
    return counts.error();
  legality.raw = counts->raw;
  legality.legal = counts->legal;
  legality.rejected.assign(counts->rejected.begin(), counts->rejected.end());
  sortByCount(legality);
  return legality;
}

// What a session counted and stored.
Legality legalityOf(const Rejections& stored) {
  Legality legality{.raw = static_cast<std::uint64_t>(stored.legal),
                    .legal = static_cast<std::uint64_t>(stored.legal)};
  for (const auto& [rule, points] : stored.rejected) {
    legality.raw += static_cast<std::uint64_t>(points);
    legality.rejected.emplace_back(rule, static_cast<std::uint64_t>(points));
  }
  sortByCount(legality);
  return legality;
}

class Maker {
public:
  Maker(const Database& database, const Job* job, const ReportOptions& options,
        TuneProgress& progress)
      : database_(database), job_(job), options_(options), progress_(progress),
        arena_(options.jobs) {}

  Result<Report> run();

private:
  Result<Target> target(const Asked& asked, const std::vector<Champion>& champions);
  Status addConfidence(Shape& shape) const;
  Status addRules(Target& target) const;
  Status addProofs(Target& target) const;
  Status addSimulated(Target& target);

  const Database& database_;
  const Job* job_;
  const ReportOptions& options_;
  TuneProgress& progress_;
  Arena arena_;
  std::vector<Times> times_; // of the target at hand, by shape
};

Result<Target> Maker::target(const Asked& asked, const std::vector<Champion>& champions) {
  Target target{.environment = asked.environment};
  const Point base = job_ != nullptr ? job_->seed : Point();
  times_.clear();
  for (const Problem& problem : asked.problems) {
    auto trials = database_.trials(asked.environment.hash(), problem);
    if (!trials)
      return trials.error();
    if (trials->empty())
      continue;
    Shape& shape = target.shapes.emplace_back(Shape{.problem = problem});
    times_.push_back(takeTrials(*std::move(trials), shape));
    if (const auto found = times_.back().find(base); found != times_.back().end())
      shape.baseSeconds = found->second;
    for (const Champion& champion : champions)
      if (champion.environment == asked.environment && champion.problem == problem)
        shape.champion = champion;
    if (auto status = addConfidence(shape); !status)
      return status.error();
  }
  std::vector<const Point*> all;
  for (std::size_t i = 0; i < times_.size(); ++i) {
    for (const auto& one : times_[i])
      all.push_back(&one.first);
    for (const Trial& trial : target.shapes[i].samples)
      all.push_back(&trial.point);
  }
  target.columns = columnsOf(all);
  target.fixed = fixedText(all, target.columns);
  arena_.forEach(times_.size(), [&](std::size_t i) {
    target.shapes[i].influence = influenceOf(target.columns, times_[i]);
  });
  return target;
}

// Of measured times: how sure the best is, and how many points cannot be told apart from it.
Status Maker::addConfidence(Shape& shape) const {
  if (!shape.champion || isExact(shape.champion->environment))
    return {};
  const auto standing = standingOf(database_, *shape.champion);
  if (!standing)
    return standing.error();
  shape.interval = standing->best.interval;
  shape.champion->ties = static_cast<std::int64_t>(standing->ties.size());
  return {};
}

// Of the job's space; without a job, what is stored.
Status Maker::addRules(Target& target) const {
  if (job_ == nullptr) {
    const auto stored = database_.rejections();
    if (!stored)
      return stored.error();
    for (Shape& shape : target.shapes)
      for (const Rejections& one : *stored)
        if (one.environment == target.environment.hash() && one.problem == shape.problem)
          shape.legality = legalityOf(one);
    return {};
  }
  for (Shape& shape : target.shapes) {
    auto legality = legalityOf(*job_, shape.problem);
    if (!legality)
      return legality.error();
    shape.legality = *std::move(legality);
  }
  return {};
}

// Of the job's space; without a job, of the space that the champion's gap is over.
Status Maker::addProofs(Target& target) const {
  for (Shape& shape : target.shapes) {
    if (!shape.champion)
      continue;
    std::optional<SpaceProof> proof = shape.champion->proof;
    if (job_ != nullptr) {
      const auto proofs = database_.proofs(target.environment.hash(), shape.problem);
      if (!proofs)
        return proofs.error();
      const auto own = std::ranges::find(*proofs, contentId(job_->space), &SpaceProof::space);
      proof = own == proofs->end() ? std::nullopt : std::optional(*own);
    }
    if (!proof)
      continue;
    shape.bound = SpaceBound{.seconds = proof->bound,
                             .optimal = proof->bound >= shape.champion->seconds,
                             .heldBackBy = {}};
    if (job_ != nullptr)
      shape.bound->heldBackBy = timeBound(shape.problem, job_->soc, shape.champion->point).text();
  }
  return {};
}

Status Maker::addSimulated(Target& target) {
  for (std::size_t i = 0; i < target.shapes.size(); ++i) {
    if (target.shapes[i].bound)
      continue;
    const auto bound = spaceBound(*job_, target.shapes[i].problem, times_[i], options_, progress_);
    if (!bound)
      return bound.error();
    target.shapes[i].bound = *bound;
  }
  arena_.forEach(target.shapes.size(), [&](std::size_t i) {
    Shape& shape = target.shapes[i];
    if (!shape.champion)
      return;
    if (auto picture = timeline(*job_, shape.problem, shape.champion->point))
      shape.timeline = *std::move(picture);
  });
  return {};
}

Result<Report> Maker::run() {
  Report report;
  report.database = std::filesystem::path(database_.path()).filename().string();
  if (job_ != nullptr) {
    report.job = job_->name;
    report.space = job_->space.name;
    report.base = job_->seed;
  }
  const auto champions = database_.champions();
  if (!champions)
    return champions.error();
  const auto environments = database_.environments();
  if (!environments)
    return environments.error();
  for (const Asked& one : askedOf(*champions, *environments, job_)) {
    auto made = target(one, *champions);
    if (!made)
      return made.error();
    if (made->shapes.empty())
      continue;
    if (auto status = addRules(*made); !status)
      return status.error();
    if (auto status = addProofs(*made); !status)
      return status.error();
    if (job_ != nullptr && one.environment == SimRunner(job_->soc).environment())
      if (auto status = addSimulated(*made); !status)
        return status.error();
    report.targets.push_back(*std::move(made));
  }
  return report;
}

} // namespace

Result<Report> makeReport(const Database& database, const Job* job, const ReportOptions& options,
                          TuneProgress& progress) {
  return Maker(database, job, options, progress).run();
}

} // namespace ptotune::report
