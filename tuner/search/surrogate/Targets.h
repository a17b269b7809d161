// What a surrogate models of an outcome, on scales on which models do well.
#pragma once

#include "tuner/search/Prior.h"
#include "tuner/search/Searcher.h"
#include "tuner/search/surrogate/Posterior.h"

#include <memory>
#include <span>

namespace ptotune::search {

// Vocabulary: the *height* of a value is its place on the scale of the model; what is modelled is
// the height above the *offset* of its configuration.
//
// Without a prior, offsets are zero, and the height is a logarithm, 0 at the median and -1 at the
// best of the history. What lies behind the median is drawn together, as only its order of
// magnitude matters for finding the best. With a prior, heights are logarithms and the offset is
// that of the prediction, so that the prediction's error is what is learned.
//
// A failed configuration counts as a bad value. Cost is taken as its logarithm.
class TargetScale {
public:
  static constexpr std::size_t kValue = 0;
  static constexpr std::size_t kFailure = 1;
  static constexpr std::size_t kCost = 2;

  struct Settings {
    double compression = 1; // a height x behind the median counts as log(1 + x) times this
    double failedValue = 1; // the height of a failed configuration, without a prior
    double priorSpread = 0; // standard deviation of the logarithm of a prediction's error
  };

  TargetScale() = default;
  TargetScale(std::span<const Observation> history, std::shared_ptr<const Prior> prior,
              const Settings& settings);

  // Less the means of the history.
  Posterior::Targets centred(Index index, const Outcome& outcome) const;
  // Of a value, on the same scale as offset() plus a centred target.
  double height(double value) const;
  double offset(Index index) const;
  // Standard deviation of the value's target.
  double sigma() const { return sigma_; }
  // The chance to be valid for a centred prediction of kFailure.
  double validity(double failure) const;

private:
  Posterior::Targets raw(Index index, const Outcome& outcome) const;
  double rawHeight(double value) const;
  void center(std::span<const Observation> history);

  std::shared_ptr<const Prior> prior_;
  Settings settings_;
  double median_ = 0;
  double unit_ = 1; // from the median to the best
  double sigma_ = 1;
  Posterior::Targets means_ = {};
};

// Expected improvement of a standard normal variable below z: z Phi(z) + phi(z).
double improvement(double z);
// Phi(z), the chance that it is below z.
double chanceBelow(double z);

} // namespace ptotune::search
