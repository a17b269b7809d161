// The fastest point of a space, proven: best-first branch and bound over partial assignments.
//
// Vocabulary
//   head   values of the parameters that the durations follow from; the others are the *tail*: ring
//          depths, and what leaves the time as it is (Dominance.h)
//   prefix the first values of a head. Its bound is that of the best head that completes it
//   gap    how much faster than the answer a point could still be: 1 - bound / best
//
// A node is a prefix, a head, or a point; the one with the lowest bound is next. A head is bounded
// by its resources first, then by its longest path with open depths, and then opened into points.
// The search ends when no node's bound is below the best time: gap 0. What it does depends on its
// arguments and the times alone; batches of a fixed size are evaluated on any number of threads.
#pragma once

#include "space/Bound.h"
#include "space/PointSet.h"
#include "space/Soc.h"
#include "space/Space.h"

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ptotune::search {

// Any of them ends a search; what is not set never does.
struct StopConditions {
  std::optional<std::uint64_t> evaluations;
  std::optional<double> seconds;              // wall clock
  std::optional<double> gap;                  // at most this one, proven
  std::optional<std::uint64_t> withoutBetter; // evaluations since the best one
  const std::atomic<bool>* flag = nullptr;    // set from outside
};

struct ProofOptions {
  StopConditions stop;
  std::size_t batch = 8;     // points evaluated between two decisions
  std::optional<Point> seed; // evaluated first, where it is legal
};

// How the points of the space were decided. Numbers are of points; raw = sum of rejected + bounded
// + opened, and opened = those below.
struct Decided {
  std::uint64_t raw = 0;
  std::map<std::string, std::uint64_t> rejected; // by rule, of shape, capacity and resource
  std::uint64_t candidates = 0;                  // left by them
  std::uint64_t bounded = 0; // below heads whose bound is no better than the best time
  std::uint64_t opened = 0;  // below heads that were opened
  std::map<std::string, std::uint64_t> protocol; // opened, rejected by the protocol
  std::uint64_t dominated = 0; // opened, no faster than a legal point with other depths
  std::uint64_t slower = 0;    // opened, with a bound no better than the best time
  std::uint64_t equal = 0;     // opened, of the same time as one that was evaluated
  std::uint64_t evaluated = 0;
  std::uint64_t heads = 0, openedHeads = 0, longestPaths = 0;
  // Of a search without bounds: points known before it, and asked for with an equal program.
  std::uint64_t told = 0, sameProgram = 0;
};

struct Proof {
  std::optional<Point> best;
  double seconds = 0; // of the best
  double bound = 0;   // no legal point of the space is faster
  double gap = 1;
  std::string reason; // why the search ended: "optimal", "evaluations", "time", ...
  Bound critical;     // of the best point
  Decided decided;
};

// Times of points, nothing where one has none. Calls may evaluate the points at once.
using Evaluate =
    std::function<std::vector<std::optional<double>>(const std::vector<Point>& points)>;

Result<Proof> branchAndBound(const Problem& problem, const SocProfile& soc, const Space& space,
                             const ProofOptions& options, const Evaluate& evaluate);

} // namespace ptotune::search
