#include "tuner/search/influence/Forest.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ptotune::search {
namespace {

struct Split {
  std::size_t dimension = 0;
  Level at = 0;     // rows below go to the left
  double gain = -1; // below zero: none
};

class Grower {
public:
  Grower(const Sample& sample, const ForestSettings& settings, Random& random)
      : sample_(sample), settings_(settings), random_(random) {}

  Tree grow(std::vector<std::size_t> rows) {
    tree_.clear();
    Leaf whole;
    for (const std::size_t count : sample_.counts) {
      whole.low.push_back(0);
      whole.high.push_back(static_cast<Level>(count));
    }
    divide(std::move(whole), std::move(rows));
    return std::move(tree_);
  }

private:
  void divide(Leaf box, std::vector<std::size_t> rows) {
    double sum = 0;
    for (const std::size_t row : rows)
      sum += sample_.values[row];
    const bool isEqual = std::ranges::all_of(
        rows, [&](std::size_t row) { return sample_.values[row] == sample_.values[rows[0]]; });
    const Split split =
        isEqual || rows.size() < settings_.leastSplit ? Split() : bestSplit(box, rows, sum);
    if (split.gain < 0) {
      box.value = sum / static_cast<double>(rows.size());
      tree_.push_back(std::move(box));
      return;
    }
    const auto middle = std::ranges::partition(
        rows, [&](std::size_t row) { return sample_.level(row, split.dimension) < split.at; });
    std::vector<std::size_t> right(middle.begin(), middle.end());
    rows.erase(middle.begin(), rows.end());
    Leaf other = box;
    box.high[split.dimension] = split.at;
    other.low[split.dimension] = split.at;
    divide(std::move(box), std::move(rows));
    divide(std::move(other), std::move(right));
  }

  // The split that lowers the sum of squares most, over some of the dimensions. A level between
  // those that occur is given to the nearer side.
  Split bestSplit(const Leaf& box, std::span<const std::size_t> rows, double sum) {
    std::vector<std::size_t> dimensions(sample_.width());
    std::iota(dimensions.begin(), dimensions.end(), std::size_t{0});
    for (std::size_t i = dimensions.size(); i > 1; --i)
      std::swap(dimensions[i - 1], dimensions[random_.below(i)]);
    const auto wanted = static_cast<std::size_t>(
        std::ceil(settings_.dimensionShare * static_cast<double>(dimensions.size())));
    const auto total = static_cast<double>(rows.size());
    Split best;
    for (std::size_t tried = 0; tried < dimensions.size(); ++tried) {
      if (tried >= wanted && best.gain > 0)
        break; // further dimensions only where those gave nothing
      consider(box, rows, sum * sum / total, sum, dimensions[tried], best);
    }
    return best;
  }

  void consider(const Leaf& box, std::span<const std::size_t> rows, double base, double sum,
                std::size_t dimension, Split& best) {
    const std::size_t levels = box.high[dimension] - box.low[dimension];
    if (levels < 2)
      return;
    counts_.assign(levels, 0);
    sums_.assign(levels, 0);
    for (const std::size_t row : rows) {
      const std::size_t level = sample_.level(row, dimension) - box.low[dimension];
      counts_[level] += 1;
      sums_[level] += sample_.values[row];
    }
    double count = 0;
    double left = 0;
    std::size_t previous = 0; // the last level that occurs
    for (std::size_t level = 0; level < levels; ++level) {
      if (counts_[level] == 0)
        continue;
      const double rest = static_cast<double>(rows.size()) - count;
      const double gain = std::max(
          0.0, count > 0 ? left * left / count + (sum - left) * (sum - left) / rest - base : 0);
      // One without a gain is better than none: what two dimensions do together may show only
      // below it.
      if (count > 0 && gain > best.gain)
        best = {dimension, static_cast<Level>(box.low[dimension] + (previous + level + 1) / 2),
                gain};
      count += counts_[level];
      left += sums_[level];
      previous = level;
    }
  }

  const Sample& sample_;
  const ForestSettings& settings_;
  Random& random_;
  Tree tree_;
  std::vector<double> counts_; // by level, of one dimension
  std::vector<double> sums_;
};

} // namespace

std::vector<Tree> growForest(const Sample& sample, const ForestSettings& settings, Random& random) {
  Grower grower(sample, settings, random);
  std::vector<Tree> forest;
  for (std::size_t tree = 0; tree < settings.trees; ++tree) {
    std::vector<std::size_t> rows(sample.size());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    if (settings.resample)
      for (std::size_t& row : rows)
        row = random.below(sample.size());
    forest.push_back(grower.grow(std::move(rows)));
  }
  return forest;
}

} // namespace ptotune::search
