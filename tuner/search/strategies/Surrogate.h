// Surrogate search: a Gaussian process learns the values, and the configuration with the greatest
// expected improvement is evaluated next. D. R. Jones, M. Schonlau and W. J. Welch, "Efficient
// global optimization of expensive black-box functions", J. Global Optimization 13 (1998),
// https://doi.org/10.1023/A:1008306431147; with expected improvement per second, J. Snoek,
// H. Larochelle and R. P. Adams, NeurIPS 25 (2012), and with the chance of failure, M. A. Gelbart,
// J. Snoek and R. P. Adams, UAI 2014.
#pragma once

#include "tuner/search/Prior.h"
#include "tuner/search/Searcher.h"
#include "tuner/search/surrogate/Posterior.h"

#include <memory>

namespace ptotune::search {

struct SurrogateSettings {
  std::shared_ptr<const Prior> prior; // none: configurations are spread out first
  double priorSpread = 0.1;           // of its errors, as logarithms, before any is seen
  double initial = 1.0;               // evaluations per dimension before the model is asked
  double compression = 1.0;   // how far values behind the median still count, see TargetScale
  double costPower = 0.25;    // 0: cost does not matter; 1: improvement per second
  double failedValue = 0.6;   // what a failed one counts as, see TargetScale
  std::size_t fitted = 96;    // observations that kernels are learned from, at most
  std::size_t modelled = 384; // observations that the model holds after a refit, at most
  std::size_t poolEntries = 600'000; // candidates times observations, about
};

std::unique_ptr<Searcher> makeSurrogate(std::shared_ptr<const SearchSpace> space,
                                        std::uint64_t seed, const SurrogateSettings& settings);

} // namespace ptotune::search
