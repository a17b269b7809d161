// What a surrogate models of an outcome, on scales on which models do well.
#pragma once

#include "tuner/search/Searcher.h"
#include "tuner/search/surrogate/Posterior.h"

#include <span>

namespace ptotune::search {

// A value is taken as its logarithm, with 0 at the median and -1 at the best of the history; what
// lies behind the median is drawn together, as only its order of magnitude matters for finding the
// best. A failed configuration counts as a bad value. Cost is taken as its logarithm.
class TargetScale {
public:
  static constexpr std::size_t kValue = 0;
  static constexpr std::size_t kFailure = 1;
  static constexpr std::size_t kCost = 2;

  TargetScale() = default;
  // `compression`: a value behind the median at distance x counts as log(1 + x) * compression.
  TargetScale(std::span<const Observation> history, double compression, double failedValue);

  // Less the mean of the history.
  Posterior::Targets centred(const Outcome& outcome) const;
  // Standard deviation of the value.
  double sigma() const { return sigma_; }
  // The chance to be valid for a centred prediction of kFailure.
  double validity(double failure) const;

private:
  Posterior::Targets raw(const Outcome& outcome) const;
  void center(std::span<const Observation> history);

  double median_ = 0;
  double unit_ = 1; // from the median to the best
  double compression_ = 1;
  double failedValue_ = 1;
  double sigma_ = 1;
  Posterior::Targets means_ = {};
};

// Expected improvement of a standard normal variable below z: z Phi(z) + phi(z).
double improvement(double z);

} // namespace ptotune::search
