// The fastest points of a noisy runner, measured again until they are told apart.
//
// A search measures each point once, in whatever state the device was just then; the least of many
// noisy times is too good to be true. So the fastest points and the seed meet again: in rounds,
// each point once in a round, the order of a round drawn anew. What disturbs the device meets all
// of them alike. What the search saw decides who takes part, and nothing else.
//
// Vocabulary
//   round       one measurement of every finalist that still plays; its value is the median of its
//               few samples, which follow each other and are not independent
//   told apart  the interval of a finalist's rounds lies wholly behind that of the best. Two 95 %
//               intervals that do not overlap differ far more surely than that
#pragma once

#include "db/Statistics.h"
#include "runners/Runner.h"
#include "tuner/Drift.h"
#include "tuner/TrialStore.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ptotune {

struct FinalsOptions {
  std::size_t finalists = 6; // at the start, the seed not counted
  // With those that are admitted later, because the search saw them below the best one's interval.
  std::size_t most = 16;
  int samples = 3; // of one measurement
  std::size_t leastRounds = 6;
  std::size_t mostRounds = 40;
  std::optional<double> seconds; // no round begins after so long
  std::uint64_t seed = 1;        // of the order
  Budget budget;                 // its repetitions are `samples`
};

struct Finalist {
  Point point;
  TrialStatus status = TrialStatus::correct; // of its last measurement
  std::vector<double> samples;               // all raw ones, in order
  std::vector<double> rounds;
  double seconds = 0; // median of the rounds
  Interval interval;  // of that median
  Trial last;         // hashes and details
};

struct FinalsResult {
  // Fastest first; those that failed stand at the end, and those that never were measured are
  // missing.
  std::vector<Finalist> standing;
  std::size_t ties = 0;         // finalists that are not told apart from the first
  std::size_t rounds = 0;       // that were completed
  std::uint64_t measured = 0;   // measurements
  std::optional<Drift> drift;   // of the seed, from round to round
  std::optional<Error> stopped; // why the runner could not go on
};

// `known` are the trials of the problem in the runner's environment. Every measurement is recorded,
// a round at a time. An error means that the store failed.
Result<FinalsResult> runFinals(const Problem& problem, std::span<const Trial> known,
                               const Point& seed, Runner& runner, TrialStore& store,
                               const FinalsOptions& options, const std::atomic<bool>& stop);

// "best of 7 in 12 rounds: 93.10 us [93.02, 93.21], told apart from all others", with ties, drift
// and what stopped it, a line each.
std::string finalsText(const FinalsResult& result);

} // namespace ptotune
