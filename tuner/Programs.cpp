#include "tuner/Programs.h"

#include "codegen/Lowering.h"
#include "tuner/Classes.h"

#include <algorithm>
#include <map>
#include <mutex>

namespace ptotune {
namespace {

// `point` without `param` and what follows it: equal for points that differ in these alone.
Point without(Param param, const Space& space, Point point) {
  for (const ParamInfo& other : allParams()) {
    const Domain& domain = space.domain(other.id);
    if (other.id == param || (domain.derived && domain.follows == param))
      point.set(other.id, 0);
  }
  return point;
}

bool inert(Param param, const Space& space, const std::vector<PointProgram>& programs) {
  std::map<Point, Hash> seen;
  bool compared = false;
  for (const PointProgram& one : programs) {
    const auto [found, inserted] = seen.emplace(without(param, space, one.point), one.program);
    if (inserted)
      continue;
    if (found->second != one.program)
      return false;
    compared = true;
  }
  return compared;
}

} // namespace

Unlowered lowerAll(const Job& job, WorkList& list, Arena& arena, const Counting& counting) {
  Unlowered unlowered;
  std::mutex mutex;
  counting.total += list.slotCount();
  for (WorkGroup& group : list.groups) {
    arena.forEach(group.items.size(), [&](std::size_t index) {
      if (counting.stop)
        return;
      WorkItem& item = group.items[index];
      const auto lowered = lower(group.kernel, item.point, job.soc, Emit::program);
      if (lowered) {
        for (WorkSlot& slot : item.slots)
          slot.program = lowered->programHash;
      } else {
        const std::lock_guard lock(mutex);
        if (unlowered.count++ == 0)
          unlowered.first = lowered.error();
      }
      counting.done += item.slots.size();
    });
  }
  return unlowered;
}

std::vector<Param> inertParams(const Job& job, const WorkList& list, std::uint32_t problem) {
  const std::vector<PointProgram> programs = programsOf(list, problem);
  std::vector<Param> params;
  for (const ParamInfo& param : allParams())
    if (job.space.domain(param.id).free() && inert(param.id, job.space, programs))
      params.push_back(param.id);
  return params;
}

std::vector<std::string> inertParameters(const Job& job, const WorkList& list,
                                         std::uint32_t problem) {
  std::vector<std::string> names;
  for (const Param param : inertParams(job, list, problem))
    names.push_back(displayName(param, job.space));
  return names;
}

} // namespace ptotune
