// How sure a champion is: the statistics of the points of a problem in one environment, and which
// champions have to be measured again before they are believed.
//
// Vocabulary
//   exact      a runner that gives the same time every time: the virtual Ascend. One sample is all.
//   tie        a point whose interval overlaps with that of the best: nobody can tell them apart
//   to confirm a champion of another identity (toolchain, runner or tool version) than the one in
//              use: a candidate, not an answer
#pragma once

#include "db/Champion.h"
#include "db/Statistics.h"
#include "space/Result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ptotune {

class Database;

// A point with all samples of its correct trials.
struct PointTime {
  Point point;
  double seconds = 0; // median
  std::int64_t samples = 0;
  Interval interval; // of the median
};

// Every point that has a time, fastest first; their intervals are left empty. Of points with the
// same median the default point comes first, else the first in the order of Point.
std::vector<PointTime> timesOf(std::span<const Trial> trials);

struct Standing {
  PointTime best;
  std::vector<PointTime> ties; // other points that cannot be told apart from it, fastest first
};

// The standing of all points that have a time, from the samples of `trials`: of one environment and
// problem. Nothing where no trial has a time.
std::optional<Standing> standingOf(std::span<const Trial> trials);

// The statistics of a champion. Of an exact runner the interval is the time itself, and `ties` are
// not listed: the champion counts them.
Result<Standing> standingOf(const Database& database, const Champion& champion);

bool isExact(const Environment& environment);

// Where a champion of `then` is only a candidate, seen from `now`: what differs, for people:
// "pto-tune 0.1.0, now 0.2.0". Nothing where the identities agree. Cores, frequency and the
// device's name are no identity of the toolchain.
std::optional<std::string> whyConfirm(const Environment& then, const Environment& now);

// A point that is worth measuring first.
struct WarmStart {
  // Stands in the order in which candidates are worth trying.
  enum class Kind {
    confirm,   // same problem, SoC and runner, another identity
    neighbour, // another problem, same SoC and runner
    otherSoc,  // another SoC
  };
  Kind kind = Kind::confirm;
  Point point;
  Environment environment; // where it was measured
  Problem problem;
  double seconds = 0; // there
};

// What other environments and problems know about `problem` in `now`, at most `most` points of each
// kind, each point once: the fastest points of other identities, the newest identity first; the
// champions of the nearest problems of the same head, causality and type, by |log2| of s0 and s1;
// the champions of other SoCs for the same problem. A point need not be in the space nor legal
// here.
Result<std::vector<WarmStart>> warmStarts(const Database& database, const Environment& now,
                                          const Problem& problem, std::size_t most);

} // namespace ptotune
