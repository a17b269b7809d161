#include "tuner/measured/Round.h"

#include "codegen/Lowering.h"
#include "tuner/Attempt.h"
#include "tuner/BuildAhead.h"
#include "tuner/PointText.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace ptotune {
namespace {

using Clock = std::chrono::steady_clock;

// A killed process loses what was measured in this time, and what is being measured.
constexpr std::chrono::milliseconds kUnstored{200};

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

} // namespace

Rounds::Rounds(const Problem& problem, const SocProfile& soc, Runner& runner, TrialStore& store,
               const TuneOptions& options, TuneProgress& progress, Arena& arena,
               const Prelude& prelude)
    : problem_(problem), soc_(soc), runner_(runner), store_(store), options_(options),
      progress_(progress), arena_(arena), environment_(runner.environment()),
      stored_(Clock::now()) {
  for (const Trial& trial : prelude.told)
    known_.add(trial);
  for (const Trial& trial : prelude.replay)
    replay_.emplace(trial.point, trial);
  for (const Trial& trial : prelude.another)
    another_.add(trial);
}

Result<std::vector<Answer>> Rounds::answer(const std::vector<Point>& points) {
  std::vector<Answer> answers;
  answers.reserve(points.size());
  for (const Point& point : points) {
    Answer answer{.point = point, .trial = {}};
    fromStore(answer);
    answers.push_back(std::move(answer));
  }
  std::vector<Task> tasks = openTasks(answers);
  lowerAll(tasks, answers);
  chooseMeasured(tasks);
  if (runner_.exact())
    prepare(tasks, answers);
  else
    prepareAndMeasure(tasks, answers);
  chooseMeasured(tasks);
  measure(tasks, answers);
  for (Answer& one : answers)
    settle(one);
  finishUnmeasured(tasks, answers);
  flush();
  if (!failure_)
    return failure_.error();
  return answers;
}

// An earlier run of the search answers with its own trial, so that it goes on as it would have;
// what others have measured since answers as well.
bool Rounds::fromStore(Answer& answer) {
  if (const auto own = replay_.find(answer.point); own != replay_.end()) {
    answer.trial = own->second;
    answer.measured = answer.trial.status != TrialStatus::pruned;
  } else if (const Trial* other = another_.find(answer.point)) {
    answer.trial = *other;
    answer.trial.point = answer.point;
  } else {
    return false;
  }
  answer.finished = true;
  return true;
}

std::vector<Rounds::Task> Rounds::openTasks(const std::vector<Answer>& answers) const {
  std::vector<Task> tasks;
  for (std::size_t i = 0; i < answers.size(); ++i)
    if (!answers[i].finished)
      tasks.push_back({.number = i, .program = {}, .artifact = nullptr, .error = std::nullopt});
  return tasks;
}

// Where building costs more than lowering, programs are told apart before any is built.
void Rounds::lowerAll(std::vector<Task>& tasks, const std::vector<Answer>& answers) {
  if (runner_.exact())
    return;
  arena_.forEach(tasks.size(), [&](std::size_t i) {
    const auto kernel =
        lower(KernelSpec::of(problem_), answers[tasks[i].number].point, soc_, Emit::program);
    if (kernel)
      tasks[i].program = kernel->programHash;
  });
}

// In the order of the points: the first of each program that has no answer yet, and whatever has no
// program so far.
void Rounds::chooseMeasured(std::vector<Task>& tasks) const {
  std::unordered_set<Hash> chosen;
  for (Task& task : tasks)
    task.measure = task.program.empty() ||
                   (!known_.ofProgram(task.program) && !another_.ofProgram(task.program) &&
                    chosen.insert(task.program).second);
}

void Rounds::prepare(std::vector<Task>& tasks, const std::vector<Answer>& answers) {
  arena_.forEach(tasks.size(), [&](std::size_t i) {
    if (!progress_.stop && tasks[i].measure)
      build(tasks[i], answers[tasks[i].number].point);
  });
}

// On devices a point is measured as soon as it and those before it are built, while others are
// built; but for one that was taken for another program than it is.
void Rounds::prepareAndMeasure(std::vector<Task>& tasks, std::vector<Answer>& answers) {
  std::vector<Task*> built;
  for (Task& task : tasks)
    if (task.measure)
      built.push_back(&task);
  std::vector<Hash> lowered(built.size());
  std::ranges::transform(built, lowered.begin(), &Task::program);
  BuildAhead<Task*> pipeline(
      {.build = [&](std::size_t i) { build(*built[i], answers[built[i]->number].point); },
       .decide =
           [&](std::size_t i) {
             const bool known = built[i]->artifact && built[i]->program == lowered[i];
             return known ? std::vector<Task*>{built[i]} : std::vector<Task*>();
           },
       .isMeasured = [](Task* const&) { return true; },
       .measure = [&](Task*& task) { measure(*task, answers[task->number]); },
       .close = [](Task*&) {},
       .stopped = [&] { return progress_.stop.load(); }},
      built.size(), 2 * static_cast<std::size_t>(arena_.threads() + options_.devices));
  pipeline.run(arena_.threads(), options_.devices);
}

void Rounds::build(Task& task, const Point& point) {
  const auto start = Clock::now();
  auto artifact = runner_.prepare({problem_, point});
  task.prepareSeconds = secondsSince(start);
  if (artifact) {
    task.artifact = *artifact;
    task.program = task.artifact->programHash();
  } else {
    task.error = artifact.error();
  }
}

void Rounds::measure(const std::vector<Task>& tasks, std::vector<Answer>& answers) {
  std::vector<const Task*> measured;
  for (const Task& task : tasks)
    if (task.measure && task.artifact && !answers[task.number].finished)
      measured.push_back(&task);
  arena_.forEach(measured.size(),
                 [&](std::size_t i) { measure(*measured[i], answers[measured[i]->number]); });
}

void Rounds::measure(const Task& task, Answer& answer) {
  if (progress_.stop)
    return;
  const Trial blank = blankTrial(task, answer.point);
  const auto start = Clock::now();
  auto trial = attemptAs(blank, runner_, *task.artifact, options_.budget);
  if (!trial)
    return lose(trial.error());
  answer.trial = *std::move(trial);
  // A runner that knows better, a recording say, has filled in what it took.
  if (answer.trial.prepareSeconds == 0)
    answer.trial.prepareSeconds = blank.prepareSeconds;
  if (answer.trial.measureSeconds == 0)
    answer.trial.measureSeconds = secondsSince(start);
  answer.finished = answer.measured = answer.fresh = true;
  ++progress_.measured;
  keep(task.number, answer.trial);
}

// A point that cannot be built, and a point whose program has its answer.
void Rounds::finishUnmeasured(const std::vector<Task>& tasks, std::vector<Answer>& answers) {
  for (const Task& task : tasks) {
    Answer& answer = answers[task.number];
    if (answer.finished)
      continue;
    answer.trial = blankTrial(task, answer.point);
    if (task.error) {
      answer.trial.status = TrialStatus::compile;
      answer.trial.detail = task.error->text();
      answer.measured = true;
    } else {
      const Trial* trial = known_.ofProgram(task.program);
      if (!trial)
        trial = another_.ofProgram(task.program);
      if (!trial)
        continue;
      answer.trial.status = TrialStatus::pruned;
      answer.trial.detail = fmt::format("same program as {}", shortText(trial->point));
    }
    answer.finished = answer.fresh = true;
    keep(task.number, answer.trial);
    settle(answer);
  }
}

// The answer becomes known, with the time that stands for its point.
void Rounds::settle(Answer& answer) {
  if (!answer.finished)
    return;
  known_.add(answer.trial);
  if (answer.trial.status != TrialStatus::pruned) {
    answer.time = answer.trial.time();
    return;
  }
  const Trial* trial = known_.ofProgram(answer.trial.programHash);
  if (!trial)
    trial = another_.ofProgram(answer.trial.programHash);
  if (trial)
    answer.time = trial->time();
}

Trial Rounds::blankTrial(const Task& task, const Point& point) const {
  Trial trial{.problem = problem_, .point = point};
  trial.prepareSeconds = task.prepareSeconds;
  trial.programHash = task.program;
  if (task.artifact)
    trial.sourceHash = task.artifact->sourceHash();
  return trial;
}

void Rounds::keep(std::size_t number, const Trial& trial) {
  const std::lock_guard lock(mutex_);
  kept_.emplace_back(number, trial);
  // A device may take minutes to the next one.
  if (!runner_.exact() || Clock::now() - stored_ >= kUnstored)
    storeKept();
}

void Rounds::flush() {
  const std::lock_guard lock(mutex_);
  storeKept();
}

// The runner cannot go on. After a stop that is no failure.
void Rounds::lose(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (progress_.stop.exchange(true))
    return;
  storeKept();
  if (failure_)
    failure_ = error;
}

// In the order of the points, whichever thread was first.
void Rounds::storeKept() {
  std::ranges::sort(kept_, {}, [](const auto& one) { return one.first; });
  std::vector<Trial> trials;
  trials.reserve(kept_.size());
  for (auto& [number, trial] : kept_)
    trials.push_back(std::move(trial));
  kept_.clear();
  if (!trials.empty() && !storeFailed_) {
    if (auto status = store_.record(environment_, trials); !status) {
      storeFailed_ = true;
      failure_ = status;
      progress_.stop = true;
    }
  }
  stored_ = Clock::now();
}

} // namespace ptotune
