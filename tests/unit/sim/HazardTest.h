// What the tests of the hazard checker share: the mini kernel's report, and lookups in it.
#pragma once

#include "MiniKernel.h"
#include "Mutate.h"
#include "SimTest.h"
#include "runners/sim/Hazards.h"

#include <gtest/gtest.h>

#include <string>

namespace ptotune::sim {

// Of two blocks on one core.
inline HazardReport check(const program::Program& program, std::int64_t tiles = 8) {
  return findHazards(program, test::miniSoc(), test::miniProblem(tiles));
}

// The first hazard of this kind over this object; fails where there is none.
inline Hazard hazardIn(const HazardReport& report, HazardKind kind, const std::string& object) {
  for (const Hazard& hazard : report.hazards)
    if (hazard.kind == kind && hazard.object == object)
      return hazard;
  ADD_FAILURE() << "no " << name(kind) << " of " << object << " in:\n" << report.text();
  return {};
}

} // namespace ptotune::sim
