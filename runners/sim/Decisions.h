// The comparisons that a run has made. Every time of a run is a maximum of sums over earlier times;
// which operand a maximum took is a decision. As long as decisions repeat, times move linearly, and
// that is what Repetition extrapolates.
#pragma once

#include "runners/sim/Time.h"

#include <cstddef>
#include <vector>

namespace ptotune::sim {

class Decisions {
public:
  explicit Decisions(bool kept = false) : kept_(kept) {}

  // Whether the margin is above zero. Each comparison of two times that a run acts upon goes
  // through here, in the order of evaluation.
  bool above(Tick margin) {
    if (kept_)
      margins_.push_back(margin);
    return margin > 0;
  }
  Tick later(Tick a, Tick b) { return above(b - a) ? b : a; }

  // What was skipped: `margins` are those of its last repetition, and `same` must be equal where
  // the skip itself repeats.
  void skip(const std::vector<Tick>& margins, const std::vector<Tick>& same) {
    margins_.insert(margins_.end(), margins.begin(), margins.end());
    skips_.insert(skips_.end(), same.begin(), same.end());
  }

  bool kept() const { return kept_; }
  const std::vector<Tick>& margins() const { return margins_; }
  const std::vector<Tick>& skips() const { return skips_; }
  void clear() {
    margins_.clear();
    skips_.clear();
  }
  void stop() {
    clear();
    kept_ = false;
  }

private:
  bool kept_;
  std::vector<Tick> margins_;
  std::vector<Tick> skips_;
};

} // namespace ptotune::sim
