#include "tuner/Prove.h"

#include "space/Bound.h"
#include "tuner/Attempt.h"
#include "tuner/Parallel.h"
#include "tuner/Summary.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <utility>

namespace ptotune {
namespace {

using Clock = std::chrono::steady_clock;

// The trials of one problem: those that are stored, and new ones.
class Prover {
public:
  Prover(const Job& job, const Problem& problem, Runner& runner, TrialStore& store,
         const TuneOptions& options, TuneProgress& progress, Arena& arena)
      : job_(job), problem_(problem), runner_(runner), store_(store), options_(options),
        progress_(progress), arena_(arena), environment_(runner.environment()) {}

  Status load();
  Result<search::Proof> run(search::StopConditions stop);
  // Finds the best point that upstream's manual kernel can express; after run().
  Status runManual();
  // Of points with exactly the best time takes the one that the database calls its champion: the
  // default point, else the first in the order of Point.
  void settleTies(search::Proof& proof) const;
  ProblemResult result(const search::Proof& proof) const;
  const Status& failure() const { return failure_; }

private:
  std::vector<std::optional<double>> times(const std::vector<Point>& points);
  std::optional<Trial> measure(const Point& point);
  void store(std::span<const Trial> trials);
  void lose(const Error& error);
  std::optional<Trial> correct(const Point& point) const;

  const Job& job_;
  const Problem& problem_;
  Runner& runner_;
  TrialStore& store_;
  const TuneOptions& options_;
  TuneProgress& progress_;
  Arena& arena_;
  const Environment environment_;
  std::map<Point, Trial> trials_;
  std::set<Point> asked_; // for, by the searches over the space
  std::uint64_t measured_ = 0;
  std::mutex mutex_;
  Status failure_; // of the store, or of the runner
};

Status Prover::load() {
  const auto stored = store_.load(environment_, problem_);
  if (!stored)
    return stored.error();
  for (const Trial& trial : *stored)
    if (trial.status != TrialStatus::constraints && trial.status != TrialStatus::pruned)
      trials_.emplace(trial.point, trial);
  return {};
}

// Nothing where the runner cannot go on.
std::optional<Trial> Prover::measure(const Point& point) {
  const auto start = Clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  const auto artifact = runner_.prepare({problem_, point});
  const double prepared = seconds();
  Trial trial{.problem = problem_, .point = point};
  if (artifact) {
    trial.sourceHash = (*artifact)->sourceHash();
    trial.programHash = (*artifact)->programHash();
    auto attempt = attemptAs(trial, runner_, **artifact, options_.budget);
    if (!attempt) {
      lose(attempt.error());
      return std::nullopt;
    }
    trial = *std::move(attempt);
  } else {
    trial.status = TrialStatus::compile;
    trial.detail = artifact.error().text();
  }
  trial.prepareSeconds = prepared;
  trial.measureSeconds = seconds() - prepared;
  return trial;
}

// After a stop it is no failure that the runner does not go on.
void Prover::lose(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (!progress_.stop.exchange(true) && failure_)
    failure_ = error;
}

void Prover::store(std::span<const Trial> trials) {
  const std::lock_guard lock(mutex_);
  if (auto status = store_.record(environment_, trials); !status && failure_)
    failure_ = status;
}

// Times of all points, measured where no trial is stored. What a device has measured is stored at
// once. After an interruption, and where the store fails, points go without a time, and the search
// ends.
std::vector<std::optional<double>> Prover::times(const std::vector<Point>& points) {
  asked_.insert(points.begin(), points.end());
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < points.size(); ++i)
    if (!trials_.contains(points[i]))
      open.push_back(i);
  std::vector<std::optional<Trial>> found(open.size());
  arena_.forEach(open.size(), [&](std::size_t i) {
    found[i] = measure(points[open[i]]);
    progress_.measured += found[i] ? 1 : 0;
    if (found[i] && !runner_.exact())
      store({&*found[i], 1});
  });
  std::vector<Trial> fresh;
  for (std::optional<Trial>& trial : found)
    if (trial)
      fresh.push_back(*std::move(trial));
  if (!fresh.empty() && runner_.exact())
    store(fresh);
  if (!failure_)
    progress_.stop = true;
  measured_ += fresh.size();
  for (Trial& trial : fresh)
    trials_.insert_or_assign(trial.point, std::move(trial));
  std::vector<std::optional<double>> times;
  times.reserve(points.size());
  for (const Point& point : points) {
    const auto trial = trials_.find(point);
    times.push_back(trial == trials_.end() ? std::nullopt : trial->second.time());
  }
  progress_.done += points.size();
  return times;
}

Result<search::Proof> Prover::run(search::StopConditions stop) {
  stop.flag = &progress_.stop;
  // A seed outside the space is measured as well, so that no answer is worse without saying so.
  if (legal({problem_, job_.soc, job_.seed}))
    times({job_.seed});
  asked_.clear();
  return search::branchAndBound(problem_, job_.soc, job_.space, {.stop = stop, .seed = job_.seed},
                                [this](const std::vector<Point>& points) { return times(points); });
}

// The part of a space where upstream's manual kernel can be at home: parameters for which it has
// one value, by the default point, which is that kernel's.
Space manualSpace(const Space& space) {
  constexpr Param kFixed[] = {Param::cubeS1,    Param::slotNumQK, Param::slotNumP,
                              Param::slotNumPV, Param::unitFlag,  Param::pipeModel,
                              Param::expRing,   Param::vecOrder,  Param::kvSplit};
  const Point usual;
  Space manual = space;
  for (const Param param : kFixed) {
    Domain& domain = manual.domains[static_cast<std::size_t>(param)];
    if (!domain.derived)
      std::erase_if(domain.values, [&](std::int64_t value) { return value != usual[param]; });
  }
  return manual;
}

Status Prover::runManual() {
  const search::StopConditions stop{.flag = &progress_.stop};
  const Space space = manualSpace(job_.space);
  if (space.rawSize() == 0 || progress_.stop)
    return {};
  const auto evaluate = [this](const std::vector<Point>& points) {
    std::vector<Point> expressible;
    for (const Point& point : points)
      if (manualKernelObjection({problem_, job_.soc, point}).empty())
        expressible.push_back(point);
    times(expressible);
    std::vector<std::optional<double>> found;
    found.reserve(points.size());
    for (const Point& point : points) {
      const bool isMeasured = std::ranges::find(expressible, point) != expressible.end();
      found.push_back(isMeasured && trials_.contains(point) ? trials_.at(point).time()
                                                            : std::nullopt);
    }
    return found;
  };
  const auto proof =
      search::branchAndBound(problem_, job_.soc, space, {.stop = stop, .seed = Point()}, evaluate);
  return proof ? Status() : proof.error();
}

std::optional<Trial> Prover::correct(const Point& point) const {
  const auto found = trials_.find(point);
  return found != trials_.end() && found->second.time() ? std::optional(found->second)
                                                        : std::nullopt;
}

void Prover::settleTies(search::Proof& proof) const {
  if (!proof.best)
    return;
  const auto ties = [&](const Point& point) {
    const auto trial = correct(point);
    return trial && trial->time() == proof.seconds;
  };
  const auto first = std::ranges::find_if(asked_, ties);
  if (asked_.contains(Point()) && ties(Point()))
    proof.best = Point();
  else if (first != asked_.end())
    proof.best = *first;
  proof.critical = timeBound(problem_, job_.soc, *proof.best);
}

ProblemResult Prover::result(const search::Proof& proof) const {
  ProblemResult result{.problem = problem_};
  result.enumeration = {proof.decided.raw, proof.decided.candidates, proof.decided.rejected};
  result.complete = proof.reason == "optimal";
  result.evaluated = measured_;
  if (proof.best)
    result.best = correct(*proof.best);
  result.seed = correct(job_.seed);
  result.defaultPoint = correct(Point());
  for (const auto& [point, trial] : trials_) {
    if (trial.time())
      offerManual(job_, point, trial, result);
    else
      addFailure(trial, result);
  }
  return result;
}

} // namespace

std::optional<SpaceProof> proofOf(const Job& job, const ProvenResult& result, std::size_t index) {
  const ProblemResult& one = result.tune.problems[index];
  if (!isExact(result.tune.environment) || !one.best)
    return std::nullopt;
  double bound = 0;
  if (index < result.proofs.size())
    bound = result.proofs[index].bound;
  else if (one.complete)
    bound = *one.best->time();
  if (bound <= 0)
    return std::nullopt;
  constexpr auto kMost = std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  return SpaceProof{.space = contentId(job.space),
                    .spaceName = job.space.name,
                    .points = static_cast<std::int64_t>(std::min(job.space.rawSize(), kMost)),
                    .bound = bound};
}

Result<ProvenResult> prove(const Job& job, Runner& runner, TrialStore& store,
                           const TuneOptions& options, const search::StopConditions& stop,
                           TuneProgress& progress) {
  Arena arena(options.jobs);
  ProvenResult all;
  all.tune.environment = runner.environment();
  for (const Problem& problem : job.problems) {
    Prover prover(job, problem, runner, store, options, progress, arena);
    if (auto status = prover.load(); !status)
      return status.error();
    auto proof = prover.run(stop);
    if (!proof)
      return proof.error();
    if (!prover.failure())
      return prover.failure().error();
    // A search that was ended early says what is the best of those that it measured.
    if (proof->reason == "optimal")
      if (auto status = prover.runManual(); !status)
        return status.error();
    if (!prover.failure())
      return prover.failure().error();
    prover.settleTies(*proof);
    all.tune.problems.push_back(prover.result(*proof));
    all.tune.interrupted |= proof->reason == "interrupted";
    all.proofs.push_back(*std::move(proof));
  }
  return all;
}

} // namespace ptotune
