// Exhaustive search over the legal points of a job.
//
// Each point is prepared once for all problems that share its kernel. Points with one program hash
// share one trial: the first of them in search order (WorkList.h) is measured, the others are
// stored as `pruned` trials that carry the program hash. So
//   - the best point of a space is found through programs, whichever point was measured,
//   - the number of distinct programs is known from the database alone,
//   - a later run lowers and measures only what has no stored answer.
// A pruned trial counts as an answer only while the trial of its program is stored as well.
//
// On devices, whose measurements take their time, the next points are built meanwhile
// (BuildAhead.h) and each answer is stored as soon as it is there: what is interrupted loses what
// is in flight.
#pragma once

#include "runners/Runner.h"
#include "space/Job.h"
#include "space/Rules.h"
#include "tuner/TrialStore.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ptotune {

struct TuneOptions {
  int jobs = 0;          // threads; 0: one for each core
  int devices = 1;       // that measure side by side, where measurements are not exact
  std::size_t batch = 0; // points between two writes to the store; 0: chosen from `jobs`
  Budget budget;         // of one measurement
};

// Where a loop over points counts, and what ends it.
struct Counting {
  std::atomic<std::uint64_t>& total;
  std::atomic<std::uint64_t>& done;
  const std::atomic<bool>& stop;
};

// Shared with whoever watches: counters only grow; one (point, problem) pair counts one.
struct TuneProgress {
  std::atomic<std::uint64_t> total{0}; // pairs without an answer at the start
  std::atomic<std::uint64_t> done{0};
  std::atomic<std::uint64_t> measured{0};
  // Pairs lowered or simulated before a search by measurements asks for any.
  std::atomic<std::uint64_t> toLookAt{0};
  std::atomic<std::uint64_t> lookedAt{0};
  // Set from outside to end the search: running measurements finish and are stored.
  std::atomic<bool> stop{false};

  Counting searching() { return {total, done, stop}; }
  Counting looking() { return {toLookAt, lookedAt, stop}; }
};

struct ProblemResult {
  Problem problem;
  Enumeration enumeration;
  std::uint64_t distinct = 0;  // programs of the legal points of the space, as far as lowered
  bool complete = false;       // every legal point is answered, so `distinct` is exact
  std::uint64_t evaluated = 0; // measurements of this run, failed ones included
  // Programs of the space that have no time, by status, and the first of them in search order.
  std::map<TrialStatus, std::uint64_t> failures;
  std::optional<Trial> firstFailure;

  // Correct trials; each stands under its own point, also where an equal program was measured. Of
  // equal programs the first in search order is taken; of different programs with the same time the
  // seed, else the first in the order of Point.
  std::optional<Trial> best;
  std::uint64_t ties = 0; // other programs of the space with exactly the best time
  std::optional<Trial> seed;
  std::optional<Trial> defaultPoint; // where it is the seed or in the space
  // Best that upstream's manual kernel can express; where a search measures a part of the space
  // and proves nothing, among that part.
  std::optional<Trial> manual;
};

struct TuneResult {
  Environment environment;
  std::vector<ProblemResult> problems; // as in the job
  bool interrupted = false;
};

// An error means that the store failed, or that the runner cannot go on; what was recorded before
// stays recorded.
Result<TuneResult> tune(const Job& job, Runner& runner, TrialStore& store,
                        const TuneOptions& options, TuneProgress& progress);

} // namespace ptotune
