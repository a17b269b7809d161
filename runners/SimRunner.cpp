#include "runners/SimRunner.h"

#include "codegen/Lowering.h"
#include "space/Bound.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace ptotune {
namespace {

using Clock = std::chrono::steady_clock;

// Instructions of one core that a slow host simulates in a millisecond: what a budget is worth,
// told without a clock so that it is the same everywhere.
constexpr std::int64_t kInstructionsPerMillisecond = 10'000;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

TrialStatus statusOf(sim::Outcome outcome) {
  switch (outcome) {
  case sim::Outcome::finished:
    return TrialStatus::correct;
  case sim::Outcome::hang:
    return TrialStatus::hang;
  case sim::Outcome::limit:
    return TrialStatus::timeout;
  case sim::Outcome::protocolError:
  case sim::Outcome::invalid:
    break;
  }
  return TrialStatus::runtime;
}

} // namespace

SimRunner::SimRunner(SocProfile soc, std::size_t capacity)
    : soc_(std::move(soc)), capacity_(std::max<std::size_t>(capacity, 1)) {}

Environment SimRunner::environment() const {
  Environment environment;
  environment.soc = soc_.name;
  environment.socHash = soc_.hash;
  environment.runner = kSimRunner;
  environment.runnerVersion = sim::kVersion;
  environment.toolchain = kCodegenVersion;
  environment.toolVersion = PTO_TUNE_VERSION;
  environment.cores = soc_.cubeCores;
  environment.frequency = static_cast<std::int64_t>(soc_.clockHz);
  return environment;
}

SimRunner::Lowered SimRunner::lower(const Key& key) const {
  const auto start = Clock::now();
  const auto kernel = ptotune::lower(key.first, key.second, soc_, Emit::program | Emit::cpp);
  if (!kernel)
    return kernel.error();
  auto code = sim::compile(kernel->program, soc_);
  if (!code)
    return code.error();
  return std::shared_ptr<const Artifact>(std::make_shared<SimArtifact>(
      *code, kernel->sourceHash, kernel->programHash, secondsSince(start)));
}

Result<std::shared_ptr<const Artifact>> SimRunner::prepare(const Candidate& candidate) {
  const Key key{KernelSpec::of(candidate.problem), candidate.point};
  std::promise<Lowered> promise;
  std::shared_future<Lowered> lowered;
  bool mine = false;
  {
    const std::lock_guard lock(mutex_);
    const auto found = cache_.find(key);
    if (found != cache_.end()) {
      ages_.splice(ages_.begin(), ages_, found->second.age);
      lowered = found->second.lowered;
    } else {
      mine = true;
      lowered = promise.get_future().share();
      ages_.push_front(key);
      cache_.emplace(key, Slot{lowered, ages_.begin()});
      if (cache_.size() > capacity_) {
        cache_.erase(ages_.back());
        ages_.pop_back();
      }
    }
  }
  if (mine)
    promise.set_value(lower(key));
  return lowered.get();
}

bool SimRunner::calibrated(const Problem& problem, std::int64_t cores) const {
  const CalibrationRange& range = soc_.calibration;
  return !soc_.derived && problem.head == range.head && problem.s1 >= range.s1Min &&
         problem.s1 <= range.s1Max && cores <= range.coresMax && !problem.causal;
}

Trial SimRunner::measure(const Candidate& candidate, const Artifact& artifact,
                         const Budget& budget) {
  Trial trial;
  trial.problem = candidate.problem;
  trial.point = candidate.point;
  trial.sourceHash = artifact.sourceHash();
  trial.programHash = artifact.programHash();
  const auto* lowered = dynamic_cast<const SimArtifact*>(&artifact);
  if (lowered == nullptr) {
    trial.detail = "the artifact was prepared by another runner";
    return trial;
  }
  sim::SimOptions options;
  const std::int64_t milliseconds = std::clamp<std::int64_t>(
      budget.limit.count(), 0, options.instructionLimit / kInstructionsPerMillisecond);
  options.instructionLimit = milliseconds * kInstructionsPerMillisecond;
  const auto start = Clock::now();
  const sim::SimResult result = sim::simulate(lowered->code(), candidate.problem, options);
  trial.status = statusOf(result.outcome);
  trial.detail = result.detailText();
  if (trial.status == TrialStatus::correct) {
    trial.seconds = {result.seconds};
    // The cheap bound: the longest path costs more than simulating the point does.
    trial.boundSeconds = resourceBound(candidate.problem, soc_, candidate.point).seconds;
  }
  trial.prepareSeconds = lowered->seconds();
  trial.measureSeconds = secondsSince(start);
  trial.calibrated = calibrated(candidate.problem, result.activeCores);
  return trial;
}

} // namespace ptotune
