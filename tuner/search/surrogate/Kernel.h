// The covariance of a Gaussian process over configurations, and learning it from observations.
#pragma once

#include "tuner/search/surrogate/Features.h"

#include <span>
#include <vector>

namespace ptotune::search {

// Vocabulary: *length* of a feature, the distance over which values stay alike; *nugget*, the share
// of the variance that neighbouring configurations do not have in common.
struct KernelParameters {
  std::vector<double> logLengths; // by feature
  double logNugget = 0;
};

// Rows of levels, one configuration after the other.
class LevelTable {
public:
  explicit LevelTable(std::size_t width = 0) : width_(width) {}

  std::size_t width() const { return width_; }
  std::size_t size() const { return rows_; }
  const Level* operator[](std::size_t row) const { return levels_.data() + row * width_; }
  // A new row, to be filled in.
  std::span<Level> add() {
    ++rows_;
    levels_.resize(levels_.size() + width_);
    return std::span(levels_).last(width_);
  }
  void clear() {
    levels_.clear();
    rows_ = 0;
  }
  void reserve(std::size_t rows) { levels_.reserve(rows * width_); }

private:
  std::size_t width_;
  std::size_t rows_ = 0; // a space of one configuration has no dimensions
  std::vector<Level> levels_;
};

// The product over features of Matern 3/2 covariances, one table per dimension; 1 on the diagonal.
class Kernel {
public:
  Kernel(std::span<const Dimension> dimensions, std::span<const Feature> features,
         const KernelParameters& parameters);

  float operator()(const Level* a, const Level* b) const {
    float product = 1;
    for (std::size_t d = 0; d < tables_.size(); ++d)
      product *= tables_[d][a[d] * levels_[d] + b[d]];
    return product;
  }
  // The covariances of one configuration with rows [first, first + out.size()).
  void row(const Level* a, const LevelTable& others, std::size_t first, std::span<float> out) const;

private:
  std::vector<std::size_t> levels_;
  std::vector<std::vector<float>> tables_; // by dimension, level and level
};

// Before anything is known: alike over half of each scale.
KernelParameters priorParameters(std::size_t features);

// Improves the parameters by coordinate search on the posterior density (marginal likelihood of the
// targets times a prior that keeps lengths near the default) with `sweeps` passes. The targets are
// centred. C. E. Rasmussen and C. K. I. Williams, "Gaussian Processes for Machine Learning" (2006),
// chapter 5.
void learnKernel(std::span<const Dimension> dimensions, std::span<const Feature> features,
                 const LevelTable& rows, std::span<const double> targets, int sweeps,
                 KernelParameters& parameters);

} // namespace ptotune::search
