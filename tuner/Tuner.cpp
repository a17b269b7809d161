#include "tuner/Tuner.h"

#include "tuner/Attempt.h"
#include "tuner/BuildAhead.h"
#include "tuner/Parallel.h"
#include "tuner/PointText.h"
#include "tuner/Summary.h"
#include "tuner/WorkList.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_set>
#include <utility>

namespace ptotune {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Prepared {
  std::shared_ptr<const Artifact> artifact; // null: cannot be built, or not tried any more
  std::optional<Error> error;
  double seconds = 0;
};

// One (point, problem) pair, in search order.
struct Task {
  WorkItem* item = nullptr;
  WorkSlot* slot = nullptr;
  std::shared_ptr<const Prepared> prepared;
  bool charged = false; // carries the time of the preparation
  bool measure = false; // first of its program
  bool finished = false;
  Trial trial;
};
using Chosen = std::vector<std::unordered_set<Hash>>; // programs with a task, by problem

class Search {
public:
  Search(const Job& job, Runner& runner, TrialStore& store, const TuneOptions& options,
         TuneProgress& progress)
      : job_(job), runner_(runner), store_(store), options_(options), progress_(progress),
        environment_(runner.environment()), arena_(options.jobs), answers_(job.problems.size()),
        evaluated_(job.problems.size()) {}

  Result<TuneResult> run();

private:
  Status loadKnown();
  Status searchGroup(WorkGroup& group);
  Status runBatch(std::span<WorkItem* const> items);
  Status runOnDevices(std::span<WorkItem* const> items);
  std::shared_ptr<const Prepared> prepare(const WorkItem& item);
  std::vector<Task> tasksOf(WorkItem& item, const std::shared_ptr<const Prepared>& prepared,
                            Chosen& chosen) const;
  void measure(Task& task);
  void finishMeasured(const Task& task);
  void finishUnmeasured(Task& task);
  Status record(std::span<Task> tasks);
  Trial blankTrial(const Task& task) const;
  void lose(const Error& error);
  void fail(const Error& error);

  const Job& job_;
  Runner& runner_;
  TrialStore& store_;
  const TuneOptions& options_;
  TuneProgress& progress_;
  const Environment environment_;
  Arena arena_;
  WorkList list_;
  std::vector<Answers> answers_; // by problem
  std::vector<std::uint64_t> evaluated_;
  std::mutex mutex_;
  std::optional<Error> lost_; // the runner cannot go on, or the store
};

Result<TuneResult> Search::run() {
  arena_.run([&] { list_ = makeWorkList(job_); });
  if (auto status = loadKnown(); !status)
    return status.error();
  progress_.total = list_.slotCount() - list_.answeredCount();
  for (WorkGroup& group : list_.groups)
    if (auto status = searchGroup(group); !status)
      return status.error();

  TuneResult result{.environment = environment_,
                    .problems = summarize(job_, list_, answers_),
                    .interrupted = progress_.stop && list_.answeredCount() < list_.slotCount()};
  for (std::size_t index = 0; index < result.problems.size(); ++index)
    result.problems[index].evaluated = evaluated_[index];
  return result;
}

Status Search::loadKnown() {
  for (std::uint32_t problem = 0; problem < job_.problems.size(); ++problem) {
    Answers& answers = answers_[problem];
    std::vector<WorkSlot*> pruned;
    const auto stored = store_.load(environment_, job_.problems[problem]);
    if (!stored)
      return stored.error();
    for (const Trial& trial : *stored) {
      // A stored rejection says nothing here: the rules of this run have accepted the point.
      if (trial.status == TrialStatus::constraints)
        continue;
      WorkSlot* slot = findSlot(list_, job_, problem, trial.point);
      if (trial.status != TrialStatus::pruned)
        answers.add(trial);
      if (!slot || (trial.status == TrialStatus::pruned && slot->answered))
        continue;
      slot->program = trial.programHash;
      if (trial.status == TrialStatus::pruned)
        pruned.push_back(slot);
      else
        slot->answered = true;
    }
    for (WorkSlot* slot : pruned)
      slot->answered = slot->answered || answers.programs.contains(slot->program);
  }
  return {};
}

Status Search::searchGroup(WorkGroup& group) {
  std::vector<WorkItem*> open;
  for (WorkItem& item : group.items)
    if (!item.answered())
      open.push_back(&item);
  const std::size_t batch = options_.batch > 0 ? options_.batch : batchSize(arena_.threads());
  std::span<WorkItem* const> rest = open;
  while (!rest.empty() && !progress_.stop) {
    // The seed is by itself: it is measured and stored before anything else begins.
    const bool seedFirst = rest.front()->point == job_.seed;
    const std::size_t all = runner_.exact() ? std::min(batch, rest.size()) : rest.size();
    const auto items = rest.first(seedFirst ? 1 : all);
    if (auto status = runner_.exact() ? runBatch(items) : runOnDevices(items); !status)
      return status;
    rest = rest.subspan(items.size());
  }
  return {};
}

Status Search::runBatch(std::span<WorkItem* const> items) {
  std::vector<std::shared_ptr<const Prepared>> prepared(items.size());
  arena_.forEach(items.size(), [&](std::size_t i) {
    if (!progress_.stop)
      prepared[i] = prepare(*items[i]);
  });
  std::vector<Task> tasks;
  Chosen chosen(answers_.size());
  for (std::size_t i = 0; i < items.size(); ++i)
    if (prepared[i])
      std::ranges::move(tasksOf(*items[i], std::exchange(prepared[i], nullptr), chosen),
                        std::back_inserter(tasks));
  std::vector<Task*> measured;
  for (Task& task : tasks)
    if (task.measure)
      measured.push_back(&task);
  arena_.forEach(measured.size(), [&](std::size_t i) { measure(*measured[i]); });
  for (const Task* task : measured)
    finishMeasured(*task);
  for (Task& task : tasks)
    finishUnmeasured(task);
  if (auto status = record(tasks); !status)
    return status;
  return lost_ ? Status(*lost_) : Status();
}

// What a device has measured is stored at once: what follows may take hours.
Status Search::runOnDevices(std::span<WorkItem* const> items) {
  std::vector<std::shared_ptr<const Prepared>> prepared(items.size());
  Chosen chosen(answers_.size());
  const auto close = [&](Task& task) {
    if (task.measure)
      finishMeasured(task);
    else
      finishUnmeasured(task);
    if (auto status = record({&task, 1}); !status)
      fail(status.error());
  };
  BuildAhead<Task> pipeline(
      {.build = [&](std::size_t i) { prepared[i] = prepare(*items[i]); },
       .decide =
           [&](std::size_t i) {
             return tasksOf(*items[i], std::exchange(prepared[i], nullptr), chosen);
           },
       .isMeasured = [](const Task& task) { return task.measure; },
       .measure = [&](Task& task) { measure(task); },
       .close = close,
       .stopped = [&] { return progress_.stop.load(); }},
      items.size(), 2 * static_cast<std::size_t>(arena_.threads() + options_.devices));
  pipeline.run(arena_.threads(), options_.devices);
  return lost_ ? Status(*lost_) : Status();
}

// Kernels take s0 and s1 at run time, so the artifact that was prepared for one problem of the
// group serves all of them.
std::shared_ptr<const Prepared> Search::prepare(const WorkItem& item) {
  const auto slot = std::ranges::find(item.slots, false, &WorkSlot::answered);
  const auto start = Clock::now();
  auto artifact = runner_.prepare({job_.problems[slot->problem], item.point});
  auto result = std::make_shared<Prepared>();
  result->seconds = secondsSince(start);
  if (artifact)
    result->artifact = *artifact;
  else
    result->error = artifact.error();
  return result;
}

// Called in search order, hence independently of the threads, this decides which task of each
// program is measured: the first that has no answer yet.
std::vector<Task> Search::tasksOf(WorkItem& item, const std::shared_ptr<const Prepared>& prepared,
                                  Chosen& chosen) const {
  std::vector<Task> tasks;
  for (WorkSlot& slot : item.slots) {
    if (slot.answered)
      continue;
    Task task{.item = &item, .slot = &slot, .prepared = prepared, .charged = tasks.empty()};
    if (prepared->artifact) {
      const Hash program = prepared->artifact->programHash();
      task.measure = !answers_[slot.problem].programs.contains(program) &&
                     chosen[slot.problem].insert(program).second;
    }
    tasks.push_back(std::move(task));
  }
  return tasks;
}

void Search::measure(Task& task) {
  if (progress_.stop)
    return;
  const Trial blank = blankTrial(task);
  const auto start = Clock::now();
  auto trial = attemptAs(blank, runner_, *task.prepared->artifact, options_.budget);
  if (!trial)
    return lose(trial.error());
  task.trial = *std::move(trial);
  // A recording knows better what both took, and a worker what its wait for a device was not.
  task.trial.prepareSeconds =
      task.charged ? std::max(blank.prepareSeconds, task.trial.prepareSeconds) : 0;
  if (task.trial.measureSeconds == 0)
    task.trial.measureSeconds = secondsSince(start);
  task.finished = true;
  ++progress_.measured;
  ++progress_.done;
}

// After a stop it is no failure that the runner does not go on.
void Search::lose(const Error& error) {
  if (!progress_.stop)
    fail(error);
}

void Search::fail(const Error& error) {
  const std::lock_guard lock(mutex_);
  progress_.stop = true;
  if (!lost_)
    lost_ = error;
}

void Search::finishMeasured(const Task& task) {
  if (!task.finished)
    return;
  answers_[task.slot->problem].add(task.trial);
  ++evaluated_[task.slot->problem];
}

// Answers a task that needs no measurement: a point that cannot be built, and a point whose program
// has its trial. After a stop, points whose program was not measured stay open.
void Search::finishUnmeasured(Task& task) {
  if (task.measure)
    return;
  task.trial = blankTrial(task);
  if (task.prepared->error) {
    task.trial.status = TrialStatus::compile;
    task.trial.detail = task.prepared->error->text();
    answers_[task.slot->problem].add(task.trial);
  } else {
    const auto& programs = answers_[task.slot->problem].programs;
    const auto known = programs.find(task.trial.programHash);
    if (known == programs.end())
      return;
    task.trial.status = TrialStatus::pruned;
    task.trial.detail = fmt::format("same program as {}", shortText(known->second.point));
  }
  task.finished = true;
  ++progress_.done;
}

Status Search::record(std::span<Task> tasks) {
  std::vector<Trial> trials;
  for (Task& task : tasks) {
    if (!task.finished)
      continue;
    task.slot->answered = true;
    task.slot->program = task.trial.programHash;
    trials.push_back(std::move(task.trial));
  }
  return trials.empty() ? Status() : store_.record(environment_, trials);
}

// What is known before the measurement. Preparation is charged to one problem alone, so that the
// sum over trials is the time that was spent.
Trial Search::blankTrial(const Task& task) const {
  Trial trial{.problem = job_.problems[task.slot->problem], .point = task.item->point};
  if (task.charged)
    trial.prepareSeconds = task.prepared->seconds;
  if (task.prepared->artifact) {
    trial.sourceHash = task.prepared->artifact->sourceHash();
    trial.programHash = task.prepared->artifact->programHash();
  }
  return trial;
}

} // namespace

Result<TuneResult> tune(const Job& job, Runner& runner, TrialStore& store,
                        const TuneOptions& options, TuneProgress& progress) {
  return Search(job, runner, store, options, progress).run();
}

} // namespace ptotune
