// A runner that computes instead of measuring, a store in memory that can be made to fail, and a
// small job.
#pragma once

#include "runners/Runner.h"
#include "space/Job.h"
#include "tuner/TrialStore.h"
#include "tuner/Tuner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace ptotune::test {

// The point as a program would see it: LocalSlotNum is inert.
inline Point programPoint(Point point) {
  point.set(Param::localSlotNum, 1);
  return point;
}

class FakeArtifact : public Artifact {
public:
  FakeArtifact(Hash source, Hash program) : source_(source), program_(program) {}
  Hash sourceHash() const override { return source_; }
  Hash programHash() const override { return program_; }

private:
  Hash source_, program_;
};

class FakeRunner : public Runner {
public:
  std::string version = "fake-1";
  std::string runner = "fake";
  bool isExact = true;
  // Replaceable behaviour; called from many threads.
  std::function<double(const Candidate&)> seconds = [](const Candidate& candidate) {
    const Point& p = candidate.point;
    return 1e-9 * static_cast<double>(candidate.problem.s1) *
           (1.0 / static_cast<double>(p.tileS1()) + 0.1 / static_cast<double>(p.qkPreload()) +
            0.01 * static_cast<double>(p.slotNumQK()) + (p.unitFlag() ? 0.0 : 0.001));
  };
  std::function<TrialStatus(const Candidate&)> status = [](const Candidate&) {
    return TrialStatus::correct;
  };
  std::function<bool(const Point&)> builds = [](const Point&) { return true; };
  std::function<void(const Candidate&)> onMeasure = [](const Candidate&) {};

  bool exact() const override { return isExact; }
  Environment environment() const override {
    return {.soc = "Ascend910B2", .runner = runner, .runnerVersion = version};
  }
  Result<std::shared_ptr<const Artifact>> prepare(const Candidate& candidate) override {
    {
      const std::lock_guard lock(mutex_);
      prepared_.push_back(candidate);
    }
    if (!builds(candidate.point))
      return Error{.message = "cannot be built"};
    const std::string kernel = std::to_string(candidate.problem.head);
    const Hash source = Hash::of(kernel + candidate.point.text());
    const Hash program = Hash::of(kernel + programPoint(candidate.point).text());
    return std::shared_ptr<const Artifact>(std::make_shared<FakeArtifact>(source, program));
  }
  Trial measure(const Candidate& candidate, const Artifact&, const Budget&) override {
    Trial trial{.problem = candidate.problem, .point = candidate.point};
    trial.status = status(candidate);
    if (trial.status == TrialStatus::correct)
      trial.seconds = {seconds(candidate)};
    else
      trial.detail = "no time";
    trial.calibrated = candidate.problem.s1 <= 8192;
    {
      const std::lock_guard lock(mutex_);
      measured_.push_back(candidate);
    }
    onMeasure(candidate);
    return trial;
  }

  const std::vector<Candidate>& prepared() const { return prepared_; }
  const std::vector<Candidate>& measured() const { return measured_; }
  void forget() {
    prepared_.clear();
    measured_.clear();
  }

private:
  std::mutex mutex_;
  std::vector<Candidate> prepared_, measured_;
};

class FakeStore : public TrialStore {
public:
  std::vector<std::vector<Trial>> batches;
  std::size_t failAfter = SIZE_MAX; // batches that are still accepted
  bool loads = true;
  std::vector<WarmStart> starts;

  Result<std::vector<Trial>> load(const Environment& environment, const Problem& problem) override {
    if (!loads)
      return Error{.message = "cannot read"};
    std::vector<Trial> found;
    for (const auto& [owner, trial] : trials_)
      if (owner == environment && trial.problem == problem)
        found.push_back(trial);
    return found;
  }
  Status record(const Environment& environment, std::span<const Trial> trials) override {
    if (batches.size() >= failAfter)
      return Error{.message = "disk full"};
    batches.emplace_back(trials.begin(), trials.end());
    for (const Trial& trial : trials) {
      trials_.emplace_back(environment, trial);
      keys_.push_back(search_);
    }
    return {};
  }

  void beginSearch(const SearchKey& key) override { search_ = key; }
  Result<std::vector<StoredSearch>> searches(const Environment& environment,
                                             const Problem& problem) override {
    std::vector<StoredSearch> found;
    for (std::size_t i = 0; i < trials_.size(); ++i) {
      const auto& [owner, trial] = trials_[i];
      if (owner != environment || trial.problem != problem || keys_[i].searcher.empty())
        continue;
      auto search = std::ranges::find(found, keys_[i], &StoredSearch::key);
      if (search == found.end())
        search = found.insert(found.end(), {.key = keys_[i], .trials = {}});
      search->trials.push_back(trial);
    }
    return found;
  }
  Result<std::vector<WarmStart>> warmStarts(const Environment&, const Problem&,
                                            std::size_t) override {
    return starts;
  }
  Result<std::vector<StoredProblem>> problems() override {
    std::vector<StoredProblem> found;
    for (const auto& [owner, trial] : trials_)
      if (trial.time() && std::ranges::none_of(found, [&](const StoredProblem& one) {
            return one.environment == owner && one.problem == trial.problem;
          }))
        found.push_back({owner, trial.problem});
    return found;
  }

  std::vector<Trial> trials() const {
    std::vector<Trial> all;
    for (const auto& [owner, trial] : trials_)
      all.push_back(trial);
    return all;
  }
  std::map<TrialStatus, int> statuses() const {
    std::map<TrialStatus, int> counts;
    for (const auto& [owner, trial] : trials_)
      ++counts[trial.status];
    return counts;
  }
  // Forgets the trials that `which` holds for.
  void forget(const std::function<bool(const Trial&)>& which) {
    for (std::size_t i = trials_.size(); i-- > 0;)
      if (which(trials_[i].second)) {
        trials_.erase(trials_.begin() + static_cast<std::ptrdiff_t>(i));
        keys_.erase(keys_.begin() + static_cast<std::ptrdiff_t>(i));
      }
  }

private:
  std::vector<std::pair<Environment, Trial>> trials_;
  std::vector<SearchKey> keys_; // by trial
  SearchKey search_;
};

inline void setDomain(Space& space, Param param, std::vector<std::int64_t> values) {
  space.domains[static_cast<std::size_t>(param)] = {.values = std::move(values)};
}

inline void follow(Space& space, Param param, Param followed) {
  space.domains[static_cast<std::size_t>(param)] = {.derived = true, .follows = followed};
}

// Of each problem of smallJob(); LocalSlotNum is inert in FakeRunner.
inline constexpr int kLegal = 48;
inline constexpr int kDistinct = 24; // programs

// 2 x 1 x 1 x 3 x 2 x 2 x 2 = 48 points around the default point. All of them are legal where
// TILE_S1 divides s1 and CUBE_S0 divides s0 (LegalAsExpected checks it).
inline Job smallJob(std::vector<std::int64_t> s1 = {1024, 2048}) {
  Job job;
  job.name = "small";
  auto soc = loadSoc(PTO_TUNE_SOURCE_DIR "/configs/soc/ascend910b2.toml");
  EXPECT_TRUE(soc.ok()) << (soc.ok() ? "" : soc.error().text());
  if (soc)
    job.soc = *soc;
  job.space.name = "small";
  setDomain(job.space, Param::tileS1, {256, 128});
  setDomain(job.space, Param::cubeS1, {128});
  setDomain(job.space, Param::cubeS0, {128});
  setDomain(job.space, Param::qkPreload, {4, 2, 3});
  setDomain(job.space, Param::slotNumQK, {6, 8});
  follow(job.space, Param::slotNumP, Param::slotNumQK);
  follow(job.space, Param::slotNumPV, Param::slotNumQK);
  setDomain(job.space, Param::localSlotNum, {1, 2});
  setDomain(job.space, Param::unitFlag, {0, 1});
  setDomain(job.space, Param::pipeModel, {static_cast<std::int64_t>(PipeModel::slot)});
  follow(job.space, Param::expRing, Param::slotNumQK);
  setDomain(job.space, Param::vecOrder, {static_cast<std::int64_t>(VecOrder::pFirst)});
  setDomain(job.space, Param::kvSplit, {1});
  for (const std::int64_t size : s1)
    job.problems.push_back({.s0 = 1024, .s1 = size});
  return job;
}

// What the search answered, as text, without times that differ from run to run.
inline std::string answerText(const TuneResult& result) {
  std::string text;
  const auto add = [&](const char* label, const std::optional<Trial>& trial) {
    text += std::string(label) + " ";
    text += trial ? trial->point.text() + " " + std::to_string(*trial->time() * 1e9) : "none";
    text += "\n";
  };
  for (const ProblemResult& one : result.problems) {
    text += one.problem.text() + " legal " + std::to_string(one.enumeration.legal) + " distinct " +
            std::to_string(one.distinct) + (one.complete ? "" : "+") + "\n";
    add("best", one.best);
    add("seed", one.seed);
    add("manual", one.manual);
  }
  return text;
}

inline TuneResult mustTune(const Job& job, Runner& runner, TrialStore& store,
                           const TuneOptions& options = {.jobs = 2}) {
  TuneProgress progress;
  auto result = tune(job, runner, store, options, progress);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().text());
  return result.ok() ? *result : TuneResult{};
}

} // namespace ptotune::test
