// Comparing search strategies on recorded spaces.
#pragma once

#include "tuner/search/Searchers.h"
#include "tuner/search/study/Replay.h"

#include <functional>
#include <string>
#include <vector>

namespace ptotune::search {

// A strategy under a name: one of allSearchers(), or one with other settings.
struct Entrant {
  std::string name;
  std::function<std::unique_ptr<Searcher>(std::shared_ptr<const SearchSpace>, std::uint64_t seed)>
      make;
};

struct StudyOptions {
  std::size_t repeats = 100;
  std::uint64_t seed = 1; // repeat r searches with a seed made of this one and r
  int threads = 0;        // 0: one for each core
  bool keepRuns = false;  // for traces
  // Saves most of the time of good strategies and changes no score; the number of evaluations of a
  // run is then that to the optimum.
  bool stopAtOptimum = true;
};

struct Interval {
  double low = 0;
  double high = 0;
};

// Medians over the repeats; nothing where half of them do not get there.
struct EvaluationsTo {
  std::optional<double> within5;
  std::optional<double> within1;
};

// One strategy on one space.
struct StudyEntry {
  std::string searcher;
  std::string space;
  double score = 0;              // P
  Interval interval;             // of P, 95 %, bootstrap over the repeats
  std::vector<double> resampled; // P of each bootstrap sample
  std::vector<double> curve;     // P(t) at the yardstick's times
  EvaluationsTo evaluations;
  double evaluated = 0;        // evaluations of a run, mean
  double ownMicroseconds = 0;  // of the searcher itself per evaluation, mean
  std::vector<ReplayRun> runs; // by repeat, where they are kept
};

// One strategy over all spaces: the mean of P, and its interval.
struct StudyTotal {
  std::string searcher;
  double score = 0;
  Interval interval;
  double ownMicroseconds = 0;
};

struct StudyResult {
  std::vector<StudyEntry> entries; // by searcher, then space
  std::vector<StudyTotal> totals;  // by searcher
};

// Deterministic but for the own times, whatever the number of threads.
Result<StudyResult> runStudy(std::span<const Recording> recordings,
                             std::span<const Entrant> entrants, const StudyOptions& options);

} // namespace ptotune::search
