// A space without the parameters that change nothing.
#pragma once

#include "space/Job.h"
#include "space/Space.h"
#include "tuner/Parallel.h"
#include "tuner/Tuner.h"

namespace ptotune {

// The space of a job as one of its problems needs it searched: every parameter that changes the
// program of no legal point keeps the seed's value, or the first of its domain where the seed's is
// not in it. Every program of the space is still that of a legal point. Lowers and counts all legal
// points; for spaces that can be searched point by point. After a stop it is the job's space.
Space distinctSpace(const Job& job, const Problem& problem, Arena& arena, const Counting& counting);

} // namespace ptotune
