// A proven lower bound of the time that the virtual Ascend gives a point, without lowering it.
//
// Vocabulary
//   full bound     the longest path through the timed event graph of all work units of one core:
//                  every node is an instruction of a stage on its pipe, lasting what Op.h says
//   resource bound the busy time of the most loaded pipe, or of a scalar unit; much cheaper
//   open depths    rings of any depth: no store waits for a free slot
// Both count no instruction and no order that a lowered kernel could do without, so they stay below
// the simulated time; docs/bounds.md has the argument.
#pragma once

#include "space/Point.h"
#include "space/Problem.h"
#include "space/Soc.h"

#include <string>

namespace ptotune {

enum class Depths : std::uint8_t { ofPoint, open };

struct Bound {
  double seconds = 0; // of one call, launch included
  // What keeps the kernel from being faster: the pipe whose work fills most of the time, and the
  // stage that takes most of it.
  std::string pipe;  // "V on AIV"
  std::string stage; // "P"
  double share = 0;  // of the time without the launch, 0 .. 1

  // "V on AIV: P, 71 %"
  std::string text() const;
};

// The point passes the shape rules for the problem.
Bound resourceBound(const Problem& problem, const SocProfile& soc, const Point& point);
// At least the resource bound. Open depths: a bound of all points that differ in them alone.
Bound timeBound(const Problem& problem, const SocProfile& soc, const Point& point,
                Depths depths = Depths::ofPoint);

} // namespace ptotune
