// Which points of a work list lower to the same program, and which parameters never matter.
#pragma once

#include "tuner/Parallel.h"
#include "tuner/Tuner.h"
#include "tuner/WorkList.h"

#include <string>
#include <vector>

namespace ptotune {

// Points that the compiler refused, which the rules should have done.
struct Unlowered {
  std::uint64_t count = 0;
  Error first; // meaningful when count > 0
};

// Lowers each item once and enters its program into its slots. Counts (point, problem) pairs; after
// a stop the other slots stay without a program.
Unlowered lowerAll(const Job& job, WorkList& list, Arena& arena, const Counting& counting);
// The same, counted as the search itself.
inline Unlowered lowerAll(const Job& job, WorkList& list, Arena& arena, TuneProgress& progress) {
  return lowerAll(job, list, arena, progress.searching());
}

// Free parameters of the space that, for no point legal on `problem`, change the program when they
// alone (and what follows them) change; in declaration order. A parameter that no two legal points
// differ in alone is not among them. Call after lowerAll().
std::vector<Param> inertParams(const Job& job, const WorkList& list, std::uint32_t problem);
// The same by name.
std::vector<std::string> inertParameters(const Job& job, const WorkList& list,
                                         std::uint32_t problem);

} // namespace ptotune
