// Which parameters matter, alone and together.
#pragma once

#include "space/Result.h"
#include "tuner/search/Searcher.h"
#include "tuner/search/influence/Forest.h"

#include <span>
#include <string>
#include <vector>

namespace ptotune::search {

// Vocabulary: the *main effect* of a dimension is the share of the variance, over the product of
// all levels, that its level explains while the others are averaged; the *interaction* of two is
// what both explain together beyond their main effects.
struct Influence {
  struct Main {
    std::size_t dimension = 0;
    double share = 0;
    std::vector<double> byLevel; // mean at each level, less the mean of all
  };
  struct Interaction {
    std::size_t one = 0;
    std::size_t other = 0;
    double share = 0;
  };

  std::vector<Main> mains;               // the greatest first
  std::vector<Interaction> interactions; // of all pairs, the greatest first
  double variance = 0;                   // of the logarithm of the value
  std::size_t observations = 0;
};

// Functional analysis of variance on a forest: F. Hutter, H. Hoos and K. Leyton-Brown, "An
// efficient approach for assessing hyperparameter importance", ICML 2014. Values are taken as
// logarithms; failed configurations are left out. Fails with fewer than two different values.
Result<Influence> influenceOf(const SearchSpace& space, std::span<const Observation> observations,
                              std::uint64_t seed);

// The same of a sample, as it is. One tree with leaves of one row, over all dimensions and all rows
// of a full product, gives the exact decomposition.
Result<Influence> influenceOf(const Sample& sample, const ForestSettings& settings,
                              std::uint64_t seed);

} // namespace ptotune::search
