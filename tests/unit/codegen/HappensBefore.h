// Checks the order that flags, barriers and unit flags really enforce between the instructions of
// one core, independently of how the compiler placed them.
//
// Every pipe has a clock of what it knows to be finished on each pipe. A set takes the clock of its
// pipe along, a wait joins it. Two instructions that touch the same bytes, one of them writing,
// must be ordered: on different pipes the later one must know that the earlier one has finished; on
// the vector pipe there must be a barrier between.
#pragma once

#include "Unroll.h"

#include <string>
#include <vector>

namespace ptotune::program {

struct OrderReport {
  std::vector<std::string> faults; // at most the first few
  int sets = 0;
  int waits = 0;
  int barriers = 0;
  int conflicts = 0; // pairs of accesses that were checked
};

OrderReport checkOrder(const Program& program, const std::vector<Step>& steps);

} // namespace ptotune::program
