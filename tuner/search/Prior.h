// What is believed of a space before anything is measured.
#pragma once

#include "tuner/search/SearchSpace.h"

#include <algorithm>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ptotune::search {

// Predicted values of configurations: a simulator's, or what another target measured. They need not
// be on the scale of what will be measured, as a common factor is learned, but must be above zero.
class Prior {
public:
  struct Prediction {
    Index index = 0;
    double value = 0;
  };

  // Each configuration at most once; at least one of them.
  explicit Prior(std::vector<Prediction> predictions) : ranked_(std::move(predictions)) {
    std::ranges::sort(ranked_, [](const Prediction& a, const Prediction& b) {
      return std::pair(a.value, a.index) < std::pair(b.value, b.index);
    });
    for (const Prediction& one : ranked_)
      values_.emplace(one.index, one.value);
  }

  // The best first.
  std::span<const Prediction> ranked() const { return ranked_; }
  // The median of all where a configuration has no prediction.
  double at(Index index) const {
    const auto found = values_.find(index);
    return found == values_.end() ? ranked_[ranked_.size() / 2].value : found->second;
  }

private:
  std::vector<Prediction> ranked_;
  std::unordered_map<Index, double> values_;
};

} // namespace ptotune::search
