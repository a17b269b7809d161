#include "tuner/Classes.h"

#include "codegen/Lowering.h"
#include "space/PointSet.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <utility>

namespace ptotune {
namespace {

// Draws for each point that is wanted; fewer come out where hardly any is legal.
constexpr std::size_t kDrawsMax = 100;

std::vector<Param> freeParams(const Space& space) {
  std::vector<Param> params;
  for (const ParamInfo& param : allParams())
    if (space.domain(param.id).free())
      params.push_back(param.id);
  return params;
}

std::uint64_t pairsOf(std::uint64_t count) {
  return count * (count - 1) / 2;
}

} // namespace

std::vector<PointProgram> programsOf(const WorkList& list, std::uint32_t problem) {
  std::vector<PointProgram> programs;
  for (const WorkGroup& group : list.groups)
    for (const WorkItem& item : group.items)
      for (const WorkSlot& slot : item.slots)
        if (item.inSpace && slot.problem == problem && !slot.program.empty())
          programs.push_back({item.point, slot.program});
  return programs;
}

Result<std::vector<PointProgram>> sampleNeighbours(const Job& job, const Problem& problem,
                                                   std::size_t count, std::uint64_t seed,
                                                   Arena& arena) {
  // The protocol's rules read most parameters together: each point is asked instead of the set.
  const auto set =
      PointSet::build(problem, job.soc, job.space, {.rules = RuleSet::withoutProtocol});
  if (!set)
    return set.error();
  const auto isLegal = [&](const Point& point) { return legal({problem, job.soc, point}); };
  std::set<Point> points;
  std::mt19937_64 generator(seed);
  std::size_t centres = 0;
  for (std::size_t drawn = 0; set->count() > 0 && centres < count && drawn < kDrawsMax * count;
       ++drawn) {
    const Point centre = set->sample(generator);
    if (!isLegal(centre))
      continue;
    ++centres;
    points.insert(centre);
    for (const Param param : freeParams(job.space))
      for (const std::int64_t value : job.space.domain(param).values) {
        Point neighbour = centre;
        assign(param, value, job.space, neighbour);
        if (set->contains(neighbour) && isLegal(neighbour))
          points.insert(neighbour);
      }
  }
  const std::vector<Point> list(points.begin(), points.end());
  std::vector<PointProgram> programs;
  std::mutex mutex;
  const KernelSpec kernel = KernelSpec::of(problem);
  arena.forEach(list.size(), [&](std::size_t i) {
    const auto lowered = lower(kernel, list[i], job.soc, Emit::program);
    if (!lowered)
      return;
    const std::lock_guard lock(mutex);
    programs.push_back({list[i], lowered->programHash});
  });
  std::ranges::sort(programs, {}, &PointProgram::point);
  return programs;
}

void assign(Param param, std::int64_t value, const Space& space, Point& point) {
  for (const ParamInfo& other : allParams()) {
    const Domain& domain = space.domain(other.id);
    if (other.id == param || (domain.derived && domain.follows == param))
      point.set(other.id, value);
  }
}

std::string displayName(Param param, const Space& space) {
  const Domain& p = space.domain(Param::slotNumP);
  const Domain& pv = space.domain(Param::slotNumPV);
  const bool oneDepth = p.derived && pv.derived;
  return param == Param::slotNumQK && oneDepth ? "SlotNum" : std::string(info(param).name);
}

std::vector<NeighbourCount> countNeighbours(const Space& space,
                                            const std::vector<PointProgram>& programs) {
  std::vector<NeighbourCount> counts;
  for (const Param param : freeParams(space)) {
    // Programs of the points that are equal without the parameter.
    std::map<Point, std::map<Hash, std::uint64_t>> groups;
    for (const PointProgram& one : programs) {
      Point rest = one.point;
      assign(param, 0, space, rest);
      ++groups[rest][one.program];
    }
    NeighbourCount count{displayName(param, space), 0, 0};
    for (const auto& [rest, byProgram] : groups) {
      std::uint64_t all = 0;
      for (const auto& [program, points] : byProgram) {
        all += points;
        count.same += pairsOf(points);
      }
      count.pairs += pairsOf(all);
    }
    if (count.pairs > 0)
      counts.push_back(std::move(count));
  }
  return counts;
}

std::vector<ClassKind> classKinds(const Space& space, const std::vector<PointProgram>& programs) {
  std::map<Hash, std::vector<const Point*>> classes;
  for (const PointProgram& one : programs)
    classes[one.program].push_back(&one.point);
  std::map<std::vector<std::string>, ClassKind> kinds;
  for (const auto& [program, points] : classes) {
    std::vector<std::string> differ;
    for (const Param param : freeParams(space))
      if (std::ranges::any_of(points, [&](const Point* point) {
            return (*point)[param] != (*points.front())[param];
          }))
        differ.push_back(displayName(param, space));
    ClassKind& kind = kinds.try_emplace(differ, ClassKind{differ, 0, 0}).first->second;
    ++kind.classes;
    kind.points += points.size();
  }
  std::vector<ClassKind> result;
  result.reserve(kinds.size());
  for (auto& [differ, kind] : kinds)
    result.push_back(std::move(kind));
  std::ranges::sort(result, [](const ClassKind& a, const ClassKind& b) {
    return a.points != b.points ? a.points > b.points : a.parameters < b.parameters;
  });
  return result;
}

} // namespace ptotune
