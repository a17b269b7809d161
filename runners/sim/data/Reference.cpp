#include "runners/sim/data/Reference.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>

namespace ptotune::sim {

namespace {

// Box and Muller (1958) over a generator whose numbers the standard fixes.
class Normal {
public:
  explicit Normal(std::uint64_t seed) : random_(seed) {}

  double next() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

private:
  // In [0, 1), 53 bits.
  double uniform() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

  std::mt19937_64 random_;
};

std::vector<Half> normals(Normal& normal, std::int64_t count) {
  std::vector<Half> values(static_cast<std::size_t>(count));
  for (Half& value : values)
    value = toHalf(static_cast<float>(normal.next()));
  return values;
}

std::vector<double> wide(const std::vector<Half>& values) {
  std::vector<double> result;
  result.reserve(values.size());
  for (const Half value : values)
    result.push_back(toFloat(value));
  return result;
}

// Turns scores into weights that sum up to one.
void softmax(std::vector<double>& scores) {
  if (scores.empty())
    return;
  const double most = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& score : scores)
    sum += score = std::exp(score - most);
  for (double& score : scores)
    score /= sum;
}

} // namespace

AttentionInputs attentionInputs(const Problem& problem, std::uint64_t seed) {
  Normal normal(seed);
  AttentionInputs inputs;
  inputs.q = normals(normal, problem.s0 * problem.head);
  inputs.k = normals(normal, problem.s1 * problem.head);
  inputs.v = normals(normal, problem.s1 * problem.head);
  return inputs;
}

std::vector<double> attention(const Problem& problem, const AttentionInputs& inputs) {
  const auto head = static_cast<std::size_t>(problem.head);
  const std::vector<double> q = wide(inputs.q);
  const std::vector<double> k = wide(inputs.k);
  const std::vector<double> v = wide(inputs.v);
  const double scale = 1 / std::sqrt(static_cast<double>(problem.head));
  std::vector<double> out(q.size(), 0.0);
  std::vector<double> weights;
  for (std::int64_t row = 0; row < problem.s0; ++row) {
    const std::int64_t keys = problem.causal ? std::min(row + 1, problem.s1) : problem.s1;
    const double* query = &q[static_cast<std::size_t>(row) * head];
    weights.assign(static_cast<std::size_t>(keys), 0.0);
    for (std::size_t key = 0; key < weights.size(); ++key) {
      for (std::size_t c = 0; c < head; ++c)
        weights[key] += query[c] * k[key * head + c];
      weights[key] *= scale;
    }
    softmax(weights);
    double* result = &out[static_cast<std::size_t>(row) * head];
    for (std::size_t key = 0; key < weights.size(); ++key)
      for (std::size_t c = 0; c < head; ++c)
        result[c] += weights[key] * v[key * head + c];
  }
  return out;
}

ProductInputs productInputs(std::int64_t m, std::int64_t n, std::int64_t k, std::uint64_t seed) {
  Normal normal(seed);
  ProductInputs inputs{m, n, k, {}, {}};
  inputs.a = normals(normal, m * k);
  inputs.b = normals(normal, k * n);
  return inputs;
}

std::vector<double> product(const ProductInputs& inputs) {
  const auto n = static_cast<std::size_t>(inputs.n);
  const auto k = static_cast<std::size_t>(inputs.k);
  const std::vector<double> b = wide(inputs.b);
  std::vector<double> out(static_cast<std::size_t>(inputs.m) * n);
  for (std::size_t row = 0; row < static_cast<std::size_t>(inputs.m); ++row)
    for (std::size_t depth = 0; depth < k; ++depth) {
      const double factor = toFloat(inputs.a[row * k + depth]);
      for (std::size_t col = 0; col < n; ++col)
        out[row * n + col] += factor * b[depth * n + col];
    }
  return out;
}

Agreement compare(const std::vector<float>& values, const std::vector<double>& reference,
                  double tolerance) {
  Agreement result;
  result.tolerance = tolerance;
  result.elements = static_cast<std::int64_t>(reference.size());
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const double expected = reference[i];
    const double size = std::abs(expected);
    double error = i < values.size() ? std::abs(static_cast<double>(values[i]) - expected)
                                     : std::numeric_limits<double>::infinity();
    if (std::isnan(error))
      error = std::numeric_limits<double>::infinity();
    if (error > result.maxAbs) {
      result.maxAbs = error;
      result.worst = static_cast<std::int64_t>(i);
    }
    if (size >= tolerance)
      result.maxRel = std::max(result.maxRel, error / size);
    if (error > tolerance * (1 + size))
      ++result.wrong;
  }
  return result;
}

std::string Agreement::text() const {
  return fmt::format("max abs error {:.3g} at element {} of {}, max rel error {:.3g} (where "
                     "|reference| >= {:g}), {} beyond {:g} * (1 + |reference|)",
                     maxAbs, worst, elements, maxRel, tolerance, wrong, tolerance);
}

} // namespace ptotune::sim
