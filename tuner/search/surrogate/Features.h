// How alike two levels of a dimension are, as numbers that a model can learn to weigh.
#pragma once

#include "tuner/search/SearchSpace.h"

#include <span>
#include <vector>

namespace ptotune::search {

// One scale of one dimension: where each level lies on it, within [0, 1]. Levels of an unordered
// feature have distance 1 where they differ.
struct Feature {
  std::size_t dimension = 0;
  bool ordered = true;
  std::vector<double> places;

  double distance(Level a, Level b) const;
};

// Numbers get up to two features. The first is their size: on a logarithmic scale where they span a
// factor of four and are positive, otherwise linear. The second is their
// alignment, how often two divides them, where it tells more than size does: hardware works in
// warps, lanes, lines and fractals. Texts get one unordered feature.
std::vector<Feature> featuresOf(std::span<const Dimension> dimensions);

} // namespace ptotune::search
