#include "tuner/search/influence/Influence.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace ptotune::search {
namespace {

// Sums over the cells of one tree, weighted by volume: the whole product has volume 1.
class TreeVariance {
public:
  TreeVariance(const Tree& tree, std::span<const std::size_t> counts)
      : tree_(tree), counts_(counts) {
    for (const Leaf& leaf : tree) {
      double volume = 1;
      for (std::size_t d = 0; d < counts.size(); ++d)
        volume *= share(leaf, d);
      volumes_.push_back(volume);
      mean_ += volume * leaf.value;
    }
    for (std::size_t i = 0; i < tree.size(); ++i)
      total_ += volumes_[i] * (tree[i].value - mean_) * (tree[i].value - mean_);
  }

  double total() const { return total_; }

  // The mean at each level of a dimension, less the mean of all.
  std::vector<double> marginal(std::size_t d) const {
    std::vector<double> means(counts_[d], -mean_);
    for (std::size_t i = 0; i < tree_.size(); ++i) {
      const double part = volumes_[i] / share(tree_[i], d) * tree_[i].value;
      for (std::size_t level = tree_[i].low[d]; level < tree_[i].high[d]; ++level)
        means[level] += part;
    }
    return means;
  }

  // The mean at each pair of levels, row after row, less the mean of all.
  std::vector<double> marginal(std::size_t one, std::size_t other) const {
    std::vector<double> means(counts_[one] * counts_[other], -mean_);
    for (std::size_t i = 0; i < tree_.size(); ++i) {
      const Leaf& leaf = tree_[i];
      const double part = volumes_[i] / share(leaf, one) / share(leaf, other) * leaf.value;
      for (std::size_t a = leaf.low[one]; a < leaf.high[one]; ++a)
        for (std::size_t b = leaf.low[other]; b < leaf.high[other]; ++b)
          means[a * counts_[other] + b] += part;
    }
    return means;
  }

private:
  double share(const Leaf& leaf, std::size_t d) const {
    return static_cast<double>(leaf.high[d] - leaf.low[d]) / static_cast<double>(counts_[d]);
  }

  const Tree& tree_;
  std::span<const std::size_t> counts_;
  std::vector<double> volumes_;
  double mean_ = 0;
  double total_ = 0;
};

double meanSquare(std::span<const double> values) {
  double sum = 0;
  for (const double value : values)
    sum += value * value;
  return sum / static_cast<double>(values.size());
}

// Adds one tree's shares.
void add(const TreeVariance& variance, double weight, Influence& influence) {
  std::vector<double> squares;
  for (Influence::Main& main : influence.mains) {
    const std::vector<double> means = variance.marginal(main.dimension);
    squares.push_back(meanSquare(means));
    main.share += weight * squares.back() / variance.total();
    for (std::size_t level = 0; level < means.size(); ++level)
      main.byLevel[level] += weight * means[level];
  }
  for (Influence::Interaction& pair : influence.interactions) {
    const double both = meanSquare(variance.marginal(pair.one, pair.other));
    pair.share +=
        weight * std::max(0.0, both - squares[pair.one] - squares[pair.other]) / variance.total();
  }
}

} // namespace

Result<Influence> influenceOf(const Sample& sample, const ForestSettings& settings,
                              std::uint64_t seed) {
  const auto [low, high] = std::ranges::minmax_element(sample.values);
  if (sample.size() < 2 || *low == *high)
    return Error{.message = "the influence of parameters needs two different values at least",
                 .advice = "measure more configurations"};
  Random random(seed);
  const std::vector<Tree> forest = growForest(sample, settings, random);
  Influence influence{.observations = sample.size()};
  for (std::size_t d = 0; d < sample.width(); ++d) {
    influence.mains.push_back({.dimension = d, .byLevel = std::vector<double>(sample.counts[d])});
    for (std::size_t other = d + 1; other < sample.width(); ++other)
      influence.interactions.push_back({.one = d, .other = other});
  }
  std::vector<TreeVariance> variances;
  for (const Tree& tree : forest)
    if (TreeVariance variance(tree, sample.counts); variance.total() > 0)
      variances.push_back(std::move(variance));
  const double weight = 1 / static_cast<double>(std::max<std::size_t>(1, variances.size()));
  for (const TreeVariance& variance : variances) {
    influence.variance += weight * variance.total();
    add(variance, weight, influence);
  }
  std::ranges::sort(influence.mains, [](const auto& a, const auto& b) {
    return std::pair(-a.share, a.dimension) < std::pair(-b.share, b.dimension);
  });
  std::ranges::sort(influence.interactions, [](const auto& a, const auto& b) {
    return std::tuple(-a.share, a.one, a.other) < std::tuple(-b.share, b.one, b.other);
  });
  return influence;
}

Result<Influence> influenceOf(const SearchSpace& space, std::span<const Observation> observations,
                              std::uint64_t seed) {
  Sample sample;
  for (const Dimension& dimension : space.dimensions())
    sample.counts.push_back(dimension.levels);
  for (const Observation& one : observations) {
    if (!one.outcome.value || *one.outcome.value <= 0)
      continue;
    sample.values.push_back(std::log(*one.outcome.value));
    sample.levels.resize(sample.levels.size() + sample.width());
    space.at(one.index, std::span(sample.levels).last(sample.width()));
  }
  return influenceOf(sample, {}, seed);
}

} // namespace ptotune::search
