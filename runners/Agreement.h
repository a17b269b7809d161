// What the protocol rules say of a point, held against what the simulator does with its program.
//
// The rules reason on the family's schedule, the simulator runs what the compiler made. A point
// that the rules accept must run to the end without a hazard. A point that a protocol rule rejects
// is lowered and run all the same:
//   protocol.hang             the run hangs
//   protocol.counter          a counter overflows
//   protocol.slot, .ring      the first hazard over the ring of the rule's witness has the
//                             witness's tiles, and under the delays that expose it the numbers
//                             come out wrong
#pragma once

#include "codegen/program/Program.h"
#include "runners/sim/Functional.h"
#include "runners/sim/Hazards.h"
#include "space/Rules.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ptotune {

// What the simulator finds in a program, as far as it takes to compare.
struct ProgramEvidence {
  sim::SimResult run;
  std::int64_t found = 0; // HazardReport::found
  // The first hazard over every object that has one.
  std::vector<sim::Hazard> first;
  // Under which first[i] shows.
  std::vector<sim::Delays> exposing;

  bool clean() const { return run.outcome == sim::Outcome::finished && found == 0; }
  std::string text() const; // one line
};
ProgramEvidence examine(const program::Program& program, const SocProfile& soc,
                        const Problem& problem);

// A reuse that a rule's witness names: tile `writer` of the object may overwrite tile `reader`.
struct ReuseWitness {
  std::string object; // as the Program calls it
  std::int64_t reader = 0;
  std::int64_t writer = 0;
};
// The witness of a rejection; nothing where the rule has none.
std::optional<ReuseWitness> witnessOf(const Finding& rejection);
// Index into ProgramEvidence::first of the hazard that the witness names, or -1.
std::ptrdiff_t named(const ProgramEvidence& evidence, const ReuseWitness& witness);

// One row of a verdict: a rejection by one protocol rule, or the acceptance of the point.
struct Comparison {
  std::string rule; // "" where the point is accepted
  bool agrees = false;
  std::string text;           // why not
  std::ptrdiff_t hazard = -1; // slot, ring: index into ProgramEvidence::first
};
// One comparison for each protocol rule that rejects the point, one for an accepted point; none
// where a rule on shapes, capacities or resources rejects it.
std::vector<Comparison> compare(const Explanation& explanation, const ProgramEvidence& evidence);

// Whether any rule but the protocol's rejects: such a point has no program.
bool rejectsStatically(const Explanation& explanation);

// Runs the program with data, under the delays that expose the comparison's hazard where there is
// one. An accepted point should come out right, a rejected one wrong.
sim::FunctionalResult runNumbers(const program::Program& program, const SocProfile& soc,
                                 const sim::AttentionCase& attention, const Comparison& comparison,
                                 const ProgramEvidence& evidence);
// What is wrong with the numbers' answer, or "".
std::string objection(const Comparison& comparison, const sim::FunctionalResult& result);

} // namespace ptotune
