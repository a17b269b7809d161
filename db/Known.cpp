#include "db/Known.h"

#include <utility>

namespace ptotune {
namespace {

// How little a status says about a point: the least is kept.
int rank(TrialStatus status) {
  switch (status) {
  case TrialStatus::correct:
    return 0;
  case TrialStatus::correctness:
    return 1;
  case TrialStatus::hang:
    return 2;
  case TrialStatus::runtime:
    return 3;
  case TrialStatus::timeout:
    return 4;
  case TrialStatus::compile:
    return 5;
  case TrialStatus::constraints:
    return 6;
  case TrialStatus::pruned:
    break;
  }
  return 7;
}

bool ran(TrialStatus status) {
  return rank(status) <= rank(TrialStatus::timeout);
}

void keepBetter(std::unordered_map<Hash, const Trial*>& map, const Hash& key, const Trial& trial) {
  const auto [entry, isNew] = map.emplace(key, &trial);
  if (!isNew && rank(trial.status) < rank(entry->second->status))
    entry->second = &trial;
}

const Trial* find(const std::unordered_map<Hash, const Trial*>& map, const Hash& key) {
  const auto entry = map.find(key);
  return entry == map.end() ? nullptr : entry->second;
}

} // namespace

KnownTrials::KnownTrials(std::vector<Trial> trials) {
  for (Trial& trial : trials)
    add(std::move(trial));
}

void KnownTrials::add(Trial trial) {
  const Trial& stored = trials_.emplace_back(std::move(trial));
  keepBetter(byPoint_, stored.point.hash(), stored);
  if (ran(stored.status) && !stored.programHash.empty())
    keepBetter(byProgram_, stored.programHash, stored);
}

const Trial* KnownTrials::findPoint(const Hash& point) const {
  return find(byPoint_, point);
}

const Trial* KnownTrials::findProgram(const Hash& program) const {
  return find(byProgram_, program);
}

} // namespace ptotune
