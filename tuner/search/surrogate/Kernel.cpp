#include "tuner/search/surrogate/Kernel.h"

#include "tuner/search/surrogate/Cholesky.h"

#include <algorithm>
#include <cmath>

namespace ptotune::search {
namespace {

constexpr double kPriorLogLength = -0.3;
constexpr double kPriorSpread = 1.0;
constexpr double kPriorLogNugget = -4.6; // 0.01
constexpr double kNuggetSpread = 1.5;
constexpr double kShortest = -3.5;
constexpr double kLongest = 3;
constexpr double kLeastNugget = -9.2;
constexpr double kMostNugget = -0.7;

double matern(double scaledDistance) {
  const double x = 1.7320508075688772 * scaledDistance;
  return (1 + x) * std::exp(-x);
}

double square(double x) {
  return x * x;
}

// The logarithm of the posterior density of kernel parameters, up to a constant.
double logPosterior(const Kernel& kernel, const KernelParameters& parameters,
                    const LevelTable& rows, std::span<const double> targets) {
  const std::size_t n = rows.size();
  Cholesky factor;
  std::vector<float> covariances;
  for (std::size_t i = 0; i < n; ++i) {
    covariances.resize(i + 1);
    kernel.row(rows[i], rows, 0, covariances);
    covariances[i] += static_cast<float>(std::exp(parameters.logNugget));
    factor.add(covariances);
  }
  std::vector<double> ones(n, 1);
  std::vector<double> whitened(targets.begin(), targets.end());
  factor.solveLower(ones);
  factor.solveLower(whitened);
  // The mean is the generalized least-squares one, the scale its maximum-likelihood one.
  double oneOne = 0;
  double oneTarget = 0;
  for (std::size_t i = 0; i < n; ++i) {
    oneOne += ones[i] * ones[i];
    oneTarget += ones[i] * whitened[i];
  }
  double squares = 1e-6;
  for (std::size_t i = 0; i < n; ++i)
    squares += square(whitened[i] - oneTarget / oneOne * ones[i]);
  const auto count = static_cast<double>(n);
  double density = -0.5 * count * std::log(squares / count) - factor.logDiagonal();
  for (const double length : parameters.logLengths)
    density -= 0.5 * square((length - kPriorLogLength) / kPriorSpread);
  density -= 0.5 * square((parameters.logNugget - kPriorLogNugget) / kNuggetSpread);
  return density;
}

} // namespace

Kernel::Kernel(std::span<const Dimension> dimensions, std::span<const Feature> features,
               const KernelParameters& parameters) {
  for (const Dimension& dimension : dimensions) {
    levels_.push_back(dimension.levels);
    tables_.emplace_back(dimension.levels * dimension.levels, 1.0F);
  }
  for (std::size_t f = 0; f < features.size(); ++f) {
    const Feature& feature = features[f];
    const std::size_t levels = levels_[feature.dimension];
    const double perLength = std::exp(-parameters.logLengths[f]);
    std::vector<float>& table = tables_[feature.dimension];
    for (std::size_t a = 0; a < levels; ++a)
      for (std::size_t b = 0; b < levels; ++b)
        table[a * levels + b] *= static_cast<float>(
            matern(perLength * feature.distance(static_cast<Level>(a), static_cast<Level>(b))));
  }
}

void Kernel::row(const Level* a, const LevelTable& others, std::size_t first,
                 std::span<float> out) const {
  const std::size_t width = tables_.size();
  std::vector<const float*> lines(width);
  for (std::size_t d = 0; d < width; ++d)
    lines[d] = tables_[d].data() + a[d] * levels_[d];
  const Level* other = others[first];
  for (float& covariance : out) {
    float product = 1;
    for (std::size_t d = 0; d < width; ++d)
      product *= lines[d][other[d]];
    covariance = product;
    other += width;
  }
}

KernelParameters priorParameters(std::size_t features) {
  return {.logLengths = std::vector<double>(features, kPriorLogLength),
          .logNugget = kPriorLogNugget};
}

void learnKernel(std::span<const Dimension> dimensions, std::span<const Feature> features,
                 const LevelTable& rows, std::span<const double> targets, int sweeps,
                 KernelParameters& parameters) {
  const auto density = [&](const KernelParameters& tried) {
    return logPosterior(Kernel(dimensions, features, tried), tried, rows, targets);
  };
  double best = density(parameters);
  double step = 1.0;
  for (int sweep = 0; sweep < sweeps; ++sweep, step *= 0.6)
    for (std::size_t p = 0; p <= features.size(); ++p) {
      const bool isNugget = p == features.size();
      const double low = isNugget ? kLeastNugget : kShortest;
      const double high = isNugget ? kMostNugget : kLongest;
      for (const double change : {step, -step}) {
        KernelParameters tried = parameters;
        double& value = isNugget ? tried.logNugget : tried.logLengths[p];
        value = std::clamp(value + change, low, high);
        const double reached = density(tried);
        if (reached > best) {
          best = reached;
          parameters = std::move(tried);
          break;
        }
      }
    }
}

} // namespace ptotune::search
