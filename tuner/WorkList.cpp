#include "tuner/WorkList.h"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <map>
#include <string>
#include <unordered_set>
#include <utility>

namespace ptotune {
namespace {

struct LegalPoint {
  int distance; // from the seed
  Point point;
  std::uint32_t problem;

  auto operator<=>(const LegalPoint&) const = default;
};

// Parameters whose values differ.
int distance(const Point& a, const Point& b) {
  return static_cast<int>(std::ranges::count_if(
      allParams(), [&](const ParamInfo& param) { return a[param.id] != b[param.id]; }));
}

// Merges (point, problem) pairs into items in search order.
std::vector<WorkItem> itemsOf(std::vector<LegalPoint> legalPoints, const Job& job) {
  std::ranges::sort(legalPoints);
  const auto duplicates = std::ranges::unique(legalPoints);
  legalPoints.erase(duplicates.begin(), duplicates.end());
  const bool seedInSpace = job.space.contains(job.seed).ok();
  std::vector<WorkItem> items;
  for (const auto& [far, point, problem] : legalPoints) {
    if (items.empty() || items.back().point != point)
      items.push_back({point, point != job.seed || seedInSpace, {}});
    items.back().slots.push_back({.problem = problem});
  }
  return items;
}

WorkItem* findItem(WorkGroup& group, const Point& point, const Point& seed) {
  const auto before = [&](const Point& a, const Point& b) { return searchedBefore(a, b, seed); };
  const auto found = std::ranges::lower_bound(group.items, point, before, &WorkItem::point);
  return found != group.items.end() && found->point == point ? &*found : nullptr;
}

} // namespace

bool WorkItem::answered() const {
  return std::ranges::all_of(slots, &WorkSlot::answered);
}

std::uint64_t WorkList::slotCount() const {
  std::uint64_t count = 0;
  for (const WorkGroup& group : groups)
    for (const WorkItem& item : group.items)
      count += item.slots.size();
  return count;
}

std::uint64_t WorkList::answeredCount() const {
  std::int64_t count = 0;
  for (const WorkGroup& group : groups)
    for (const WorkItem& item : group.items)
      count += std::ranges::count_if(item.slots, &WorkSlot::answered);
  return static_cast<std::uint64_t>(count);
}

std::vector<std::uint64_t> WorkList::distinctPrograms(std::size_t problems) const {
  std::vector<std::unordered_set<Hash>> programs(problems);
  for (const WorkGroup& group : groups)
    for (const WorkItem& item : group.items)
      for (const WorkSlot& slot : item.slots)
        if (item.inSpace && !slot.program.empty())
          programs[slot.problem].insert(slot.program);
  std::vector<std::uint64_t> counts;
  counts.reserve(programs.size());
  for (const auto& set : programs)
    counts.push_back(set.size());
  return counts;
}

Status exhaustible(const Space& space) {
  if (space.rawSize() <= kMostPoints)
    return {};
  return Error{.message =
                   fmt::format("space '{}' is too large to go through point by point", space.name),
               .key = "points",
               .value = std::to_string(space.rawSize()),
               .expected = fmt::format("at most {}", kMostPoints),
               .advice = "narrow the domains of the space file"};
}

bool searchedBefore(const Point& a, const Point& b, const Point& seed) {
  return std::pair(distance(a, seed), a) < std::pair(distance(b, seed), b);
}

WorkList makeWorkList(const Job& job) {
  const std::size_t problems = job.problems.size();
  WorkList list;
  list.enumerations.resize(problems);
  std::vector<std::vector<LegalPoint>> legalPoints(problems);
  tbb::parallel_for(std::size_t{0}, problems, [&](std::size_t index) {
    const Problem& problem = job.problems[index];
    const auto number = static_cast<std::uint32_t>(index);
    std::vector<LegalPoint>& found = legalPoints[index];
    const auto add = [&](const Point& point) {
      found.push_back({distance(point, job.seed), point, number});
    };
    list.enumerations[index] = enumerate(problem, job.soc, job.space, add);
    if (legal({problem, job.soc, job.seed}))
      add(job.seed);
  });

  std::map<KernelSpec, std::vector<LegalPoint>> byKernel;
  for (std::size_t index = 0; index < problems; ++index) {
    auto& merged = byKernel[KernelSpec::of(job.problems[index])];
    merged.insert(merged.end(), legalPoints[index].begin(), legalPoints[index].end());
    legalPoints[index] = {};
  }
  for (auto& [kernel, points] : byKernel)
    list.groups.push_back({kernel, itemsOf(std::move(points), job)});
  return list;
}

WorkSlot* findSlot(WorkList& list, const Job& job, std::uint32_t problem, const Point& point) {
  const KernelSpec kernel = KernelSpec::of(job.problems[problem]);
  for (WorkGroup& group : list.groups) {
    if (group.kernel != kernel)
      continue;
    WorkItem* item = findItem(group, point, job.seed);
    if (!item)
      return nullptr;
    const auto slot = std::ranges::find(item->slots, problem, &WorkSlot::problem);
    return slot == item->slots.end() ? nullptr : &*slot;
  }
  return nullptr;
}

} // namespace ptotune
