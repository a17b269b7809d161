// The answer of a search, computed from the work list and the trials of its programs.
#pragma once

#include "tuner/Tuner.h"
#include "tuner/WorkList.h"

#include <unordered_map>
#include <vector>

namespace ptotune {

// What was measured for one problem: the first trial of each program, and points that cannot be
// built. The point of a trial need not be in the space of the job.
struct Answers {
  std::unordered_map<Hash, Trial> programs; // by program hash
  std::unordered_map<Hash, Trial> unbuilt;  // by the point's hash

  void add(const Trial& trial);
};

// Counts a trial without a time among the result's failures.
void addFailure(const Trial& trial, ProblemResult& result);
// Takes a trial with a time as the best of upstream's manual kernel, under `point`, where that
// kernel can express the point and nothing faster was offered.
void offerManual(const Job& job, const Point& point, const Trial& trial, ProblemResult& result);

// One result per problem of the job; `evaluated` is left at 0. `answers` is by problem.
std::vector<ProblemResult> summarize(const Job& job, const WorkList& list,
                                     const std::vector<Answers>& answers);

} // namespace ptotune
