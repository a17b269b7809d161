#include "tuner/Bench.h"

#include "codegen/Lowering.h"
#include "runners/manual/ManualKernel.h"
#include "runners/sim/Functional.h"
#include "space/Rules.h"
#include "tuner/Parallel.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace ptotune {
namespace {

// A check with data takes a block of query rows, and as many tiles of keys.
constexpr std::int64_t kCheckedTiles = 8;

using Key = std::tuple<Hash, Point, BenchKernel>; // of the problem

Key keyOf(const BenchCandidate& candidate) {
  return {candidate.problem.hash(), candidate.point, candidate.kernel};
}

// The smallest problem of this kernel with about that many tiles for which the point is legal, or
// one block of the whole length.
Problem smallProblem(const Job& job, const BenchCandidate& candidate) {
  const Point& point = candidate.point;
  Problem small = candidate.problem;
  small.s0 = std::min(small.s0, point.cubeS0());
  for (std::int64_t tiles = kCheckedTiles; tiles * point.tileS1() < candidate.problem.s1;
       tiles *= 2) {
    small.s1 = tiles * point.tileS1() * point.kvSplit();
    if (small.s1 < candidate.problem.s1 && legal({small, job.soc, point}))
      return small;
  }
  small.s1 = candidate.problem.s1;
  return legal({small, job.soc, point}) ? small : candidate.problem;
}

struct Numbers {
  Problem problem;
  double maxError = 0;
  bool right = false;
};

Result<Numbers> checkNumbers(const Job& job, const BenchCandidate& candidate) {
  const Problem problem = smallProblem(job, candidate);
  const auto kernel = lower(KernelSpec::of(problem), candidate.point, job.soc, Emit::program);
  if (!kernel)
    return kernel.error();
  const auto result = sim::runFunctional(kernel->program, job.soc, problem, {.hazards = false});
  return Numbers{problem, result.agreement.maxAbs, result.right()};
}

class Sweep {
public:
  Sweep(const Job& job, const BenchPlan& plan, Runner& runner, const BenchOptions& options,
        const std::atomic<bool>& stop)
      : job_(job), plan_(plan), runner_(runner), options_(options), stop_(stop),
        arena_(options.jobs) {}

  Result<BenchSweep> run() {
    collect();
    build();
    if (auto status = measure(); !status)
      return status.error();
    BenchSweep sweep{.environment = runner_.environment(), .rows = {}, .interrupted = stop_};
    if (options_.manual != nullptr)
      sweep.manual = options_.manual->identity();
    for (const BenchCandidate& candidate : plan_.candidates)
      sweep.rows.push_back(rowOf(candidate));
    return sweep;
  }

private:
  struct One {
    const BenchCandidate* candidate = nullptr;
    std::shared_ptr<const Artifact> artifact;
    Trial trial;
    std::optional<Numbers> numbers;
    bool open = false; // to be measured
  };

  // Baselines first: nothing is told without what it is held against.
  void collect() {
    for (const auto* list : {&plan_.baselines, &plan_.candidates})
      for (const BenchCandidate& candidate : *list)
        if (places_.emplace(keyOf(candidate), all_.size()).second)
          all_.push_back({.candidate = &candidate});
  }

  void build() {
    arena_.forEach(all_.size(), [&](std::size_t i) {
      One& one = all_[i];
      one.trial = {.problem = one.candidate->problem,
                   .point = one.candidate->point,
                   .status = TrialStatus::constraints,
                   .detail = objection(*one.candidate)};
      if (!one.trial.detail.empty() || stop_)
        return;
      auto artifact = prepare(*one.candidate);
      if (!artifact) {
        one.trial.status = TrialStatus::compile;
        one.trial.detail = artifact.error().text();
        return;
      }
      one.artifact = *std::move(artifact);
      one.open = true;
      if (!options_.numbers)
        return;
      if (auto numbers = checkNumbers(job_, *one.candidate))
        one.numbers = *numbers;
    });
  }

  // "" where the candidate's kernel can run its point.
  std::string objection(const BenchCandidate& candidate) const {
    const auto& [label, problem, point, kernel] = candidate;
    if (kernel == BenchKernel::manual)
      return manual::objection(problem, point, job_.soc);
    const Explanation explanation = explain({problem, job_.soc, point});
    if (explanation.legal())
      return "";
    const Finding& finding = explanation.rejections.front();
    return fmt::format("{}: {}", finding.rule, finding.text);
  }

  Result<std::shared_ptr<const Artifact>> prepare(const BenchCandidate& candidate) {
    const auto& [label, problem, point, kernel] = candidate;
    if (kernel == BenchKernel::own)
      return runner_.prepare({problem, point});
    if (options_.manual == nullptr)
      return Error{.message = "upstream's manual kernel is not at hand"};
    return options_.manual->build(problem, point);
  }

  Status measure() {
    for (One& one : all_) {
      if (!one.open || stop_)
        continue;
      auto trial = runner_.attempt({one.candidate->problem, one.candidate->point}, *one.artifact,
                                   options_.budget);
      if (!trial && !stop_)
        return trial.error();
      if (trial)
        one.trial = *std::move(trial);
    }
    return {};
  }

  const One& find(const BenchCandidate& candidate) const {
    return all_[places_.at(keyOf(candidate))];
  }

  BenchRow rowOf(const BenchCandidate& candidate) const {
    const One& one = find(candidate);
    BenchRow row{.candidate = candidate, .trial = one.trial};
    const auto baseline =
        std::ranges::find(plan_.baselines, candidate.problem, &BenchCandidate::problem);
    if (baseline != plan_.baselines.end())
      row.baselineSeconds = find(*baseline).trial.time();
    if (one.numbers) {
      row.maxError = one.numbers->maxError;
      row.right = one.numbers->right;
      row.checked = one.numbers->problem;
      row.checkedRows = one.numbers->problem.s0;
    } else if (one.trial.outputError) {
      row.maxError = one.trial.outputError->maxAbs;
      row.right = one.trial.status == TrialStatus::correct;
      row.checked = candidate.problem;
      row.checkedRows = one.trial.outputError->checkedRows;
    }
    return row;
  }

  const Job& job_;
  const BenchPlan& plan_;
  Runner& runner_;
  const BenchOptions& options_;
  const std::atomic<bool>& stop_;
  Arena arena_;
  std::vector<One> all_;
  std::map<Key, std::size_t> places_;
};

} // namespace

std::optional<double> BenchRow::speedUp() const {
  const auto time = trial.time();
  if (!time || !baselineSeconds)
    return std::nullopt;
  return *baselineSeconds / *time;
}

Result<BenchSweep> runBench(const Job& job, const BenchPlan& plan, Runner& runner,
                            const BenchOptions& options, const std::atomic<bool>& stop) {
  return Sweep(job, plan, runner, options, stop).run();
}

} // namespace ptotune
