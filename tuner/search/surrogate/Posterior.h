// A Gaussian process conditioned observation by observation, at a fixed pool of candidates.
#pragma once

#include "tuner/search/surrogate/Cholesky.h"
#include "tuner/search/surrogate/Kernel.h"

#include <array>
#include <span>
#include <vector>

namespace ptotune::search {

// Vocabulary: several *targets* (a value, a cost, whether it failed) are observed at the same
// configurations and share one covariance. With K = L L^T of the observed ones and k_c the
// covariances of candidate c with them, the row v_c = L^-1 k_c gives mean v_c . z with z = L^-1 y
// and variance 1 - v_c . v_c; one more observation adds one entry to every v_c.
class Posterior {
public:
  static constexpr std::size_t kTargets = 3;
  using Targets = std::array<double, kTargets>;

  Posterior(const Kernel& kernel, double nugget, LevelTable candidates);

  std::size_t candidates() const { return candidates_.size(); }
  std::size_t observed() const { return factor_.size(); }

  // An observation whose targets are not known yet: it lowers the variance around it and leaves
  // all means.
  void expect(const Level* levels);
  // The targets of the first targets.size() observations, all centred: the means follow.
  void settle(std::span<const Targets> targets);

  std::span<const float> mean(std::size_t target) const { return means_[target]; }
  std::span<const float> variance() const { return variance_; }

private:
  Kernel kernel_;
  float nugget_;
  LevelTable candidates_;
  LevelTable rows_; // observed
  Cholesky factor_;
  std::vector<std::vector<float>> entries_; // by observation: of each candidate's v_c
  std::array<std::vector<double>, kTargets> whitened_;
  std::array<std::vector<float>, kTargets> means_;
  std::vector<float> variance_;
};

} // namespace ptotune::search
