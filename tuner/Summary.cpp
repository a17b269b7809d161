#include "tuner/Summary.h"

#include <unordered_set>

namespace ptotune {
namespace {

bool faster(const Trial& trial, const std::optional<Trial>& best) {
  return !best || *trial.time() < *best->time();
}

// The trial of an equal program, under the point at hand.
Trial as(const Point& point, const Trial& measured) {
  Trial trial = measured;
  trial.point = point;
  return trial;
}

// Points with the best time: the seed before all others, then in the order of Point, as the
// champions of the database.
bool winsTie(const Point& point, const Point& best, const Point& seed) {
  return best != seed && (point == seed || point < best);
}

// Adds one slot's time to its problem's result. Slots come in search order; the first of each
// program stands for it.
void addTime(const Job& job, const Point& point, const Trial& measured, bool newProgram,
             ProblemResult& result) {
  if (point == job.seed)
    result.seed = as(point, measured);
  if (point == Point())
    result.defaultPoint = as(point, measured);
  offerManual(job, point, measured, result);
  if (!newProgram)
    return;
  if (faster(measured, result.best)) {
    result.best = as(point, measured);
    result.ties = 0;
  } else if (*measured.time() == *result.best->time()) {
    ++result.ties;
    if (winsTie(point, result.best->point, job.seed))
      result.best = as(point, measured);
  }
}

} // namespace

void addFailure(const Trial& trial, ProblemResult& result) {
  ++result.failures[trial.status];
  if (!result.firstFailure)
    result.firstFailure = trial;
}

void offerManual(const Job& job, const Point& point, const Trial& trial, ProblemResult& result) {
  if (faster(trial, result.manual) &&
      manualKernelObjection({result.problem, job.soc, point}).empty())
    result.manual = as(point, trial);
}

void Answers::add(const Trial& trial) {
  if (trial.programHash.empty())
    unbuilt.emplace(trial.point.hash(), trial);
  else
    programs.emplace(trial.programHash, trial);
}

std::vector<ProblemResult> summarize(const Job& job, const WorkList& list,
                                     const std::vector<Answers>& answers) {
  std::vector<ProblemResult> results(job.problems.size());
  const std::vector<std::uint64_t> distinct = list.distinctPrograms(job.problems.size());
  for (std::size_t index = 0; index < results.size(); ++index) {
    results[index].problem = job.problems[index];
    results[index].enumeration = list.enumerations[index];
    results[index].distinct = distinct[index];
    results[index].complete = true;
  }
  std::vector<std::unordered_set<Hash>> seen(results.size());
  const auto addSlot = [&](const WorkItem& item, const WorkSlot& slot) {
    ProblemResult& result = results[slot.problem];
    const Answers& known = answers[slot.problem];
    if (!slot.answered) {
      result.complete = false;
    } else if (slot.program.empty()) {
      addFailure(known.unbuilt.at(item.point.hash()), result);
    } else {
      const Trial& trial = known.programs.at(slot.program);
      const bool newProgram = seen[slot.problem].insert(slot.program).second;
      if (trial.time())
        addTime(job, item.point, trial, newProgram, result);
      else if (newProgram)
        addFailure(trial, result);
    }
  };
  for (const WorkGroup& group : list.groups)
    for (const WorkItem& item : group.items)
      for (const WorkSlot& slot : item.slots)
        addSlot(item, slot);
  return results;
}

} // namespace ptotune
