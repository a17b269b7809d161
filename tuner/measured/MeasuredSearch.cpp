#include "tuner/measured/MeasuredSearch.h"

#include "tuner/Parallel.h"
#include "tuner/Summary.h"
#include "tuner/measured/Round.h"
#include "tuner/measured/Searched.h"
#include "tuner/search/Searchers.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <unordered_set>
#include <utility>

namespace ptotune {
namespace {

using Clock = std::chrono::steady_clock;
using search::Index;

// Points in a row that the protocol rejects before a search is given up.
constexpr std::uint64_t kMostRejected = 100'000;
constexpr std::size_t kLargestRound = 8;
constexpr std::size_t kWarmStarts = 3;      // of a kind
constexpr std::size_t kAnswersPerPoint = 8; // a round grows by a point for so many answers

class ProblemSearch {
public:
  ProblemSearch(const Job& job, const Problem& problem, Runner& runner, TrialStore& store,
                const MeasuredOptions& options, TuneProgress& progress, Arena& arena)
      : job_(job), problem_(problem), runner_(runner), store_(store), options_(options),
        progress_(progress), arena_(arena), environment_(runner.environment()),
        isSimulator_(environment_.runner == kSimRunner), start_(Clock::now()) {}

  Status run();
  ProblemResult result() const;
  search::Proof proof() const { return proof_; }

private:
  SearchKey key(const Searched& searched) const;
  Status bound();
  Status go(const Searched& searched);
  Result<std::vector<Point>> firstPoints(const Searched& searched);
  Status measureSeed(const Searched& searched, search::Searcher* searcher);
  const Rule* broken(const Point& point) const;
  std::vector<Index> ask(const Searched& searched, search::Searcher& searcher);
  Status take(const Searched& searched, search::Searcher* searcher,
              const std::vector<Point>& points);
  void limit(search::Searcher& searcher) const;
  const char* stopReason(search::Searcher& searcher) const;
  double secondsSpent() const;
  search::Outcome outcomeOf(const Trial& trial, const std::optional<double>& time) const;
  void conclude(const char* reason);

  const Job& job_;
  const Problem& problem_;
  Runner& runner_;
  TrialStore& store_;
  const MeasuredOptions& options_;
  TuneProgress& progress_;
  Arena& arena_;
  const Environment environment_;
  const bool isSimulator_;
  const Clock::time_point start_;

  std::optional<Rounds> rounds_;
  Enumeration enumeration_;
  double bound_ = 0;
  std::uint64_t evaluations_ = 0; // replayed ones among them
  std::uint64_t fresh_ = 0;       // by this run
  std::uint64_t equal_ = 0;       // asked for, with the program of another point
  std::uint64_t lastBetter_ = 0;  // evaluations at the best one
  std::uint64_t told_ = 0;        // answers of the prelude
  double replayed_ = 0;           // seconds that earlier runs spent
  double spent_ = 0;              // seconds of all answers
  std::optional<Answer> best_;
  bool exhausted_ = false;
  search::Proof proof_;
};

Status ProblemSearch::run() {
  const auto what =
      searchedOf(job_, problem_, environment_, store_, options_.prior, arena_, progress_);
  if (!what)
    return what.error();
  const auto counts = countByRule(problem_, job_.soc, job_.space, what->rules);
  if (!counts)
    return counts.error();
  enumeration_ = *counts;
  if (progress_.stop) {
    conclude("interrupted");
    return {};
  }
  if (isSimulator_)
    if (auto status = bound(); !status)
      return status;
  return go(*what);
}

// Everything that the asks depend on, the prelude apart.
SearchKey ProblemSearch::key(const Searched& searched) const {
  std::string options =
      fmt::format("{} seed={} round={}", searched.text, job_.seed.hash().hex(), options_.round);
  if (options_.stop.evaluations)
    options += fmt::format(" evaluations={}", *options_.stop.evaluations);
  if (options_.stop.seconds)
    options += fmt::format(" seconds={}", *options_.stop.seconds);
  return {.searcher = options_.search, .seed = options_.seed, .options = options};
}

// The lowest bound of all legal points: the first point that branch and bound would evaluate has
// it.
Status ProblemSearch::bound() {
  double lowest = std::numeric_limits<double>::infinity();
  const auto evaluate = [&](const std::vector<Point>& points) {
    for (const Point& point : points)
      lowest = std::min(lowest, timeBound(problem_, job_.soc, point).seconds);
    return std::vector<std::optional<double>>(points.size());
  };
  const search::StopConditions stop{.evaluations = 1, .flag = &progress_.stop};
  const auto proof = search::branchAndBound(problem_, job_.soc, job_.space,
                                            {.stop = stop, .batch = 1, .seed = {}}, evaluate);
  if (!proof)
    return proof.error();
  lowest = std::min(lowest, proof->bound);
  bound_ = std::isfinite(lowest) ? lowest : 0;
  return {};
}

Status ProblemSearch::go(const Searched& searched) {
  const auto stored = store_.load(environment_, problem_);
  if (!stored)
    return stored.error();
  const auto searches = store_.searches(environment_, problem_);
  if (!searches)
    return searches.error();
  const auto first = firstPoints(searched);
  if (!first)
    return first.error();
  const Prelude prelude = preludeOf(key(searched), *first, *stored, *searches);
  store_.beginSearch(prelude.key);
  if (options_.stop.evaluations)
    progress_.total += *options_.stop.evaluations;
  rounds_.emplace(problem_, job_.soc, runner_, store_, options_.tune, progress_, arena_, prelude);
  if (!searched.configurations) {
    if (auto status = measureSeed(searched, nullptr); !status)
      return status;
    conclude(progress_.stop ? "interrupted" : "no legal point");
    return {};
  }
  const auto info = search::findSearcher(options_.search);
  if (!info)
    return info.error();
  const bool guided = searched.predictions.prior && (*info)->makeGuided;
  const auto searcher = guided ? (*info)->makeGuided(searched.configurations, options_.seed,
                                                     searched.predictions.prior)
                               : (*info)->make(searched.configurations, options_.seed);
  for (const Trial& trial : prelude.told) {
    const Trial* known = rounds_->known().find(trial.point);
    const auto index = searched.points.rank(trial.point);
    if (!known || !index)
      continue;
    searcher->tell(*index, outcomeOf(*known, known->time()));
    if (known->time() && (!best_ || *known->time() < *best_->time))
      best_ = Answer{.point = trial.point, .trial = *known, .time = known->time()};
  }
  told_ = searcher->history().size();
  if (auto status = measureSeed(searched, searcher.get()); !status)
    return status;
  const char* reason = stopReason(*searcher);
  for (const Point& point : prelude.first) {
    if (reason)
      break;
    if (!rounds_->known().find(point))
      if (auto status = take(searched, searcher.get(), {point}); !status)
        return status;
    reason = stopReason(*searcher);
  }
  while (!reason) {
    const std::vector<Index> asked = ask(searched, *searcher);
    if (asked.empty()) {
      exhausted_ = searcher->exhausted();
      reason = exhausted_ ? "every point" : "no legal point";
      break;
    }
    std::vector<Point> points;
    points.reserve(asked.size());
    for (const Index index : asked)
      points.push_back(searched.points.at(index));
    if (auto status = take(searched, searcher.get(), points); !status)
      return status;
    reason = stopReason(*searcher);
  }
  conclude(reason);
  return {};
}

// What was best elsewhere is confirmed before a search begins: with another toolchain, and where
// nothing is predicted, for other sizes and SoCs.
Result<std::vector<Point>> ProblemSearch::firstPoints(const Searched& searched) {
  std::vector<Point> first;
  if (isSimulator_)
    return first;
  const auto starts = store_.warmStarts(environment_, problem_, kWarmStarts);
  if (!starts)
    return starts.error();
  for (const WarmStart& start : *starts) {
    const bool counts = start.kind == WarmStart::Kind::confirm || !searched.predictions.prior;
    if (counts && start.point != job_.seed && job_.space.contains(start.point).ok() &&
        legal({problem_, job_.soc, start.point}))
      first.push_back(start.point);
  }
  return first;
}

Status ProblemSearch::measureSeed(const Searched& searched, search::Searcher* searcher) {
  if (!legal({problem_, job_.soc, job_.seed}) || rounds_->known().find(job_.seed) || progress_.stop)
    return {};
  return take(searched, searcher, {job_.seed});
}

// The first rule that a point does not obey; null for a legal one.
const Rule* ProblemSearch::broken(const Point& point) const {
  const RuleContext context{problem_, job_.soc, point};
  const auto found =
      std::ranges::find_if(rules(), [&](const Rule& rule) { return !rule.holds(context); });
  return found == rules().end() ? nullptr : &*found;
}

// The points of a round. Those that the protocol rejects fail at once and are asked for again.
std::vector<Index> ProblemSearch::ask(const Searched& searched, search::Searcher& searcher) {
  std::size_t wanted = options_.round;
  if (wanted == 0)
    wanted =
        std::clamp<std::size_t>(searcher.history().size() / kAnswersPerPoint, 1, kLargestRound);
  if (options_.stop.evaluations)
    wanted = std::min<std::size_t>(wanted, *options_.stop.evaluations - evaluations_);
  limit(searcher);
  std::vector<Index> round;
  for (std::uint64_t rejected = 0; round.size() < wanted && rejected < kMostRejected;) {
    const std::vector<Index> asked = searcher.ask(wanted - round.size());
    if (asked.empty() || progress_.stop)
      break;
    for (const Index index : asked) {
      const bool isLegal =
          searched.rules == RuleSet::all || legal({problem_, job_.soc, searched.points.at(index)});
      if (isLegal) {
        round.push_back(index);
        continue;
      }
      ++rejected;
      searcher.tell(index, {.value = std::nullopt, .cost = 0});
    }
  }
  return round;
}

Status ProblemSearch::take(const Searched& searched, search::Searcher* searcher,
                           const std::vector<Point>& points) {
  const auto answers = rounds_->answer(points);
  if (!answers)
    return answers.error();
  for (const Answer& answer : *answers) {
    if (!answer.finished)
      continue;
    evaluations_ += answer.measured ? 1 : 0;
    fresh_ += answer.measured && answer.fresh ? 1 : 0;
    equal_ += answer.trial.status == TrialStatus::pruned ? 1 : 0;
    const double seconds = answer.trial.prepareSeconds + answer.trial.measureSeconds;
    spent_ += seconds;
    replayed_ += answer.fresh ? 0 : seconds;
    progress_.done += answer.measured ? 1 : 0;
    if (answer.time && (!best_ || *answer.time < *best_->time)) {
      best_ = answer;
      lastBetter_ = evaluations_;
    }
    const auto index = searched.points.rank(answer.point);
    if (searcher && index)
      searcher->tell(*index, outcomeOf(answer.trial, answer.time));
  }
  return {};
}

// What may be spent follows from the answers, not from a clock, so that it is the same when the
// search is gone through again.
void ProblemSearch::limit(search::Searcher& searcher) const {
  search::Budget remaining;
  if (options_.stop.evaluations)
    remaining.evaluations = *options_.stop.evaluations - evaluations_;
  if (options_.stop.seconds && !isSimulator_)
    remaining.cost = std::max(0.0, *options_.stop.seconds - spent_);
  searcher.limit(remaining);
}

double ProblemSearch::secondsSpent() const {
  return replayed_ + std::chrono::duration<double>(Clock::now() - start_).count();
}

const char* ProblemSearch::stopReason(search::Searcher& searcher) const {
  const search::StopConditions& stop = options_.stop;
  if (progress_.stop)
    return "interrupted";
  if (stop.evaluations && evaluations_ >= *stop.evaluations)
    return "evaluations";
  if (stop.seconds && secondsSpent() >= *stop.seconds)
    return "time";
  if (stop.withoutBetter && evaluations_ - lastBetter_ >= *stop.withoutBetter)
    return "no better point";
  if (stop.gap && bound_ > 0 && best_ && 1 - bound_ / *best_->time <= *stop.gap)
    return "gap";
  if (options_.unlikely) {
    const auto chance = searcher.improvementChance(options_.unlikely->improvement);
    if (chance && *chance < options_.unlikely->chance)
      return "improvement unlikely";
  }
  return nullptr;
}

// The simulator's costs are all alike; its clock would only make a search depend on the machine.
search::Outcome ProblemSearch::outcomeOf(const Trial& trial,
                                         const std::optional<double>& time) const {
  return {.value = time, .cost = isSimulator_ ? 1 : trial.prepareSeconds + trial.measureSeconds};
}

void ProblemSearch::conclude(const char* reason) {
  proof_.reason = reason;
  search::Decided& decided = proof_.decided;
  decided.raw = enumeration_.raw;
  decided.rejected = enumeration_.rejected;
  decided.candidates = enumeration_.legal;
  decided.evaluated = evaluations_;
  decided.sameProgram = equal_;
  decided.told = told_;
  if (!best_)
    return;
  proof_.best = best_->point;
  proof_.seconds = *best_->time;
  proof_.critical = timeBound(problem_, job_.soc, best_->point);
  if (isSimulator_) {
    // With every point answered, none is faster.
    proof_.bound = exhausted_ ? proof_.seconds : bound_;
    proof_.gap = 1 - proof_.bound / proof_.seconds;
  }
}

ProblemResult ProblemSearch::result() const {
  ProblemResult result{.problem = problem_, .enumeration = enumeration_};
  result.evaluated = fresh_;
  result.complete = exhausted_;
  if (!rounds_)
    return result;
  const auto timeOf = [&](const Point& point) {
    std::optional<Trial> found;
    const Trial* trial = rounds_->known().find(point);
    if (trial && trial->time()) {
      found = *trial;
      found->point = point;
    }
    return found;
  };
  if (best_)
    result.best = timeOf(best_->point);
  result.seed = timeOf(job_.seed);
  result.defaultPoint = timeOf(Point());
  std::unordered_set<Hash> programs;
  for (const auto& [point, trial] : rounds_->known().measured()) {
    programs.insert(trial.programHash);
    if (trial.time())
      offerManual(job_, point, trial, result);
    else
      addFailure(trial, result);
  }
  result.distinct = programs.size();
  return result;
}

} // namespace

Result<ProvenResult> searchMeasured(const Job& job, Runner& runner, TrialStore& store,
                                    const MeasuredOptions& options, TuneProgress& progress) {
  Arena arena(options.tune.jobs);
  ProvenResult all;
  all.tune.environment = runner.environment();
  for (const Problem& problem : job.problems) {
    if (progress.stop) {
      all.tune.interrupted = true;
      all.tune.problems.push_back({.problem = problem});
      all.proofs.push_back({.reason = "interrupted"});
      continue;
    }
    ProblemSearch search(job, problem, runner, store, options, progress, arena);
    if (auto status = search.run(); !status)
      return status.error();
    all.tune.problems.push_back(search.result());
    all.proofs.push_back(search.proof());
    all.tune.interrupted |= all.proofs.back().reason == "interrupted";
  }
  return all;
}

} // namespace ptotune
