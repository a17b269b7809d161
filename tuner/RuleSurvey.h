// The protocol rules held against the simulator over a whole space, or over a seeded sample of it.
//
// Every point that the rules on shapes, capacities and resources let through is lowered and run
// with the hazard checker, whatever the protocol rules say; runners/Agreement.h tells what must
// come out. Each point runs for several blocks on one core, so that what a block leaves behind is
// met by the next: s0 is a multiple of the point's CUBE_S0, and the target has one core.
#pragma once

#include "space/Job.h"
#include "tuner/Tuner.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ptotune {

struct SurveyOptions {
  std::uint64_t sample = 0; // points; 0: all of the space
  std::uint64_t seed = 1; // of the sample, of the programs that run with data, and of their inputs
  std::uint64_t numbers = 0; // programs a row that also run with data
  std::int64_t blocks = 2;   // of CUBE_S0 rows
  int jobs = 0;              // threads; 0: one for each core
};

// The points that one rule rejects, or that all accept. A point that two rules reject is in both.
struct SurveyRow {
  std::string rule; // "" for the accepted points
  std::uint64_t points = 0;
  std::uint64_t clean = 0;  // finished without a hazard
  std::uint64_t hazard = 0; // finished with one
  std::uint64_t hang = 0;
  std::uint64_t protocolError = 0;
  std::uint64_t named = 0; // the first hazard is the rule's witness
  std::uint64_t right = 0; // programs that ran with data
  std::uint64_t wrong = 0;
  std::uint64_t disagreements = 0;
};

struct Disagreement {
  Point point;
  Problem problem; // with the s0 of the run
  std::string rule;
  std::string text;
};

struct Survey {
  Problem problem;
  std::uint64_t points = 0;    // that pass the static rules
  std::uint64_t programs = 0;  // different ones
  std::vector<SurveyRow> rows; // accepted points first, then by rule
  std::vector<Disagreement> disagreements;
  bool interrupted = false; // `progress.stop` was set: nothing is said of the points that are left
};

// Counts points in `progress`. An error where the space is too large to go through.
Result<Survey> surveyRules(const Job& job, const Problem& problem, const SurveyOptions& options,
                           TuneProgress& progress);

} // namespace ptotune
