// Trials of one problem in one environment, found by point and by program.
#pragma once

#include "db/Trial.h"

#include <deque>
#include <unordered_map>
#include <vector>

namespace ptotune {

// Where a point or a program has several trials, the one that says most is found: one that was
// measured before one that was not, a correct one before a failed one, else the first added.
// Pointers stay valid while trials are added.
class KnownTrials {
public:
  KnownTrials() = default;
  explicit KnownTrials(std::vector<Trial> trials);
  KnownTrials(KnownTrials&&) noexcept = default;
  KnownTrials& operator=(KnownTrials&&) noexcept = default;

  void add(Trial trial);

  // By Point::hash(); null when there is none.
  const Trial* findPoint(const Hash& point) const;
  // A trial in which this program ran, well or not: an equal program need not run again.
  const Trial* findProgram(const Hash& program) const;

  const std::deque<Trial>& all() const { return trials_; }

private:
  std::deque<Trial> trials_;
  std::unordered_map<Hash, const Trial*> byPoint_;
  std::unordered_map<Hash, const Trial*> byProgram_;
};

} // namespace ptotune
