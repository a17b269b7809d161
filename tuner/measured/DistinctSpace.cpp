#include "tuner/measured/DistinctSpace.h"

#include "tuner/Classes.h"
#include "tuner/Programs.h"
#include "tuner/WorkList.h"

#include <algorithm>
#include <unordered_set>

namespace ptotune {
namespace {

std::size_t programsWithin(const Space& space, const std::vector<PointProgram>& programs) {
  std::unordered_set<Hash> within;
  for (const PointProgram& one : programs)
    if (space.contains(one.point).ok())
      within.insert(one.program);
  return within.size();
}

} // namespace

Space distinctSpace(const Job& job, const Problem& problem, Arena& arena,
                    const Counting& counting) {
  Job one = job;
  one.problems = {problem};
  WorkList list;
  arena.run([&] { list = makeWorkList(one); });
  lowerAll(one, list, arena, counting);
  if (counting.stop)
    return job.space;
  const std::vector<PointProgram> programs = programsOf(list, 0);
  const std::size_t all = programsWithin(job.space, programs);
  Space narrowed = job.space;
  for (const Param param : inertParams(one, list, 0)) {
    Space tried = narrowed;
    std::vector<std::int64_t>& values = tried.domains[static_cast<std::size_t>(param)].values;
    const bool hasSeed = std::ranges::find(values, job.seed[param]) != values.end();
    values = {hasSeed ? job.seed[param] : values.front()};
    // A rule may read the parameter, and reject where another value would not be rejected.
    if (programsWithin(tried, programs) == all)
      narrowed = std::move(tried);
  }
  return narrowed;
}

} // namespace ptotune
