// What an exhaustive search has to go through: the legal points of every problem of a job.
//
// Vocabulary
//   item   one point with the problems for which it is legal; it is lowered once for all of them
//   slot   one (point, problem) pair; `answered` when its time, or its failure, is known
//   group  the items of all problems that share a KernelSpec, hence share lowered kernels
//   search order  by the number of parameters that differ from the seed, then by Point's
//   comparison:
//                 the seed comes first, then what is most like it. Of equal programs the first is
//                 measured, so that parameters which do not matter keep the seed's value. The order
//                 does not depend on the other problems of the job nor on that of a space file.
#pragma once

#include "space/Hash.h"
#include "space/Job.h"
#include "space/Result.h"
#include "space/Rules.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace ptotune {

struct WorkSlot {
  std::uint32_t problem = 0; // index into Job::problems
  bool answered = false;
  Hash program; // empty while unknown, and for a point that cannot be built
};

struct WorkItem {
  Point point;
  bool inSpace = true; // false for a seed outside the space: measured, but not counted
  std::vector<WorkSlot> slots;

  bool answered() const;
};

struct WorkGroup {
  KernelSpec kernel;
  std::vector<WorkItem> items; // in search order
};

struct WorkList {
  std::vector<WorkGroup> groups;
  std::vector<Enumeration> enumerations; // by problem

  std::uint64_t slotCount() const;
  std::uint64_t answeredCount() const;
  // Different programs among the points of the space, by problem. Slots whose program is unknown
  // do not count.
  std::vector<std::uint64_t> distinctPrograms(std::size_t problems) const;
};

// Largest space that is searched, or counted, point by point.
inline constexpr std::uint64_t kMostPoints = 50'000'000;
// An error where the space has more points before any rule.
Status exhaustible(const Space& space);

// Whether `a` comes before `b` in search order.
bool searchedBefore(const Point& a, const Point& b, const Point& seed);

// Enumerates every problem of the job, on the threads of the caller's TBB arena.
WorkList makeWorkList(const Job& job);

// The slot of (point, problem); null when the point is not among the items.
WorkSlot* findSlot(WorkList& list, const Job& job, std::uint32_t problem, const Point& point);

} // namespace ptotune
