// Regression trees over levels, and forests of them.
#pragma once

#include "tuner/search/Random.h"
#include "tuner/search/SearchSpace.h"

#include <cstdint>
#include <span>
#include <vector>

namespace ptotune::search {

// Observed values with the levels of their configurations, row after row.
struct Sample {
  std::vector<std::size_t> counts; // levels of each dimension
  std::vector<Level> levels;       // counts.size() per value
  std::vector<double> values;

  std::size_t width() const { return counts.size(); }
  std::size_t size() const { return values.size(); }
  Level level(std::size_t row, std::size_t dimension) const {
    return levels[row * width() + dimension];
  }
};

// A leaf: a box of levels, [low, high) in each dimension, and the value within. The boxes of a tree
// split the whole product of the dimensions' levels, legal or not.
struct Leaf {
  std::vector<Level> low;
  std::vector<Level> high;
  double value = 0;
};

struct ForestSettings {
  std::size_t trees = 24;
  double dimensionShare = 0.7; // of the dimensions, tried for each split; 1: all
  std::size_t leastSplit = 2;  // rows that a box needs to be split
  bool resample = true;        // each tree sees a sample with replacement
};

using Tree = std::vector<Leaf>;

// L. Breiman, "Random forests", Machine Learning 45 (2001),
// https://doi.org/10.1023/A:1010933404324. Splits are by least squares. The sample is not empty.
std::vector<Tree> growForest(const Sample& sample, const ForestSettings& settings, Random& random);

} // namespace ptotune::search
