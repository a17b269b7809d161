// What a database holds of a problem, as a search that begins or goes on needs it.
#pragma once

#include "db/Trial.h"
#include "tuner/TrialStore.h"

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace ptotune {

// See MeasuredSearch.h for the vocabulary.
struct Prelude {
  SearchKey key;              // with the prelude and the first points in its options
  std::vector<Point> first;   // measured behind the seed, before the first ask
  std::vector<Trial> told;    // before the first ask, in this order
  std::vector<Trial> replay;  // of earlier runs of this search, in the order of its asks
  std::vector<Trial> another; // neither: they answer when their points are asked for
};

// Finds among `searches` the one that has `key` but for its prelude, which must be the first of the
// trials that are not its own, and takes its first points; else the search is new, all trials are
// its prelude, and `first` are its first points. `stored` are all trials of the problem in the
// order in which they were recorded; those that say nothing about a measurement (constraints) are
// left out.
Prelude preludeOf(const SearchKey& key, const std::vector<Point>& first,
                  const std::vector<Trial>& stored, const std::vector<StoredSearch>& searches);

// The trials of one problem by point and by program. Of several of one point the correct ones
// count, with all their samples; of several points of one program the first.
class KnownTrials {
public:
  void add(const Trial& trial);
  // Nothing for a point that was never tried; a pruned trial has the answer of its program.
  const Trial* find(const Point& point) const;
  const Trial* ofProgram(const Hash& program) const;
  // All that were measured or failed, by point.
  const std::map<Point, Trial>& measured() const { return measured_; }

private:
  std::map<Point, Trial> measured_;
  std::map<Point, Hash> pruned_; // to their programs
  std::unordered_map<Hash, Point> programs_;
};

} // namespace ptotune
