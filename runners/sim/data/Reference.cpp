#include "runners/sim/data/Reference.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
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

const std::vector<double>& wideHalves() {
  static const std::vector<double> all = [] {
    std::vector<double> values(std::size_t{1} << 16);
    for (std::size_t bits = 0; bits < values.size(); ++bits)
      values[bits] = toFloat(static_cast<Half>(bits));
    return values;
  }();
  return all;
}

// Keys that a query row sees.
std::int64_t keysOf(const Problem& problem, std::int64_t row) {
  return problem.causal ? std::min(row + 1, problem.s1) : problem.s1;
}

void widen(std::span<const Half> from, std::span<double> to) {
  const std::vector<double>& wide = wideHalves();
  for (std::size_t i = 0; i < from.size(); ++i)
    to[i] = wide[from[i]];
}

// Eight sums, so that additions need not wait for one another.
double dot(const double* a, const double* b, std::size_t count) {
  constexpr std::size_t kSums = 8;
  double sums[kSums] = {};
  std::size_t i = 0;
  for (; i + kSums <= count; i += kSums)
    for (std::size_t s = 0; s < kSums; ++s)
      sums[s] += a[i + s] * b[i + s];
  double sum = std::accumulate(std::begin(sums), std::end(sums), 0.0);
  for (; i < count; ++i)
    sum += a[i] * b[i];
  return sum;
}

// Turns scores into weights that sum up to one.
void softmax(std::span<double> scores) {
  if (scores.empty())
    return;
  const double most = *std::ranges::max_element(scores);
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

std::vector<double> attentionRows(const Problem& problem, const AttentionInputs& inputs,
                                  std::span<const std::int64_t> rows) {
  const auto head = static_cast<std::size_t>(problem.head);
  const auto keys = static_cast<std::size_t>(problem.s1);
  const double scale = 1 / std::sqrt(static_cast<double>(problem.head));
  std::vector<double> queries(rows.size() * head);
  for (std::size_t r = 0; r < rows.size(); ++r)
    widen(std::span(inputs.q).subspan(static_cast<std::size_t>(rows[r]) * head, head),
          std::span(queries).subspan(r * head, head));
  std::vector<double> weights(rows.size() * keys);
  std::vector<double> line(head);
  for (std::size_t key = 0; key < keys; ++key) {
    widen(std::span(inputs.k).subspan(key * head, head), line);
    for (std::size_t r = 0; r < rows.size(); ++r)
      weights[r * keys + key] = scale * dot(&queries[r * head], line.data(), head);
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const std::span<double> row = std::span(weights).subspan(r * keys, keys);
    const auto seen = static_cast<std::size_t>(keysOf(problem, rows[r]));
    softmax(row.first(seen));
    std::ranges::fill(row.subspan(seen), 0.0);
  }
  std::vector<double> out(rows.size() * head, 0.0);
  for (std::size_t key = 0; key < keys; ++key) {
    widen(std::span(inputs.v).subspan(key * head, head), line);
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const double weight = weights[r * keys + key];
      for (std::size_t c = 0; c < head; ++c)
        out[r * head + c] += weight * line[c];
    }
  }
  return out;
}

std::vector<double> attention(const Problem& problem, const AttentionInputs& inputs) {
  // So many rows at a time: the weights of all would be s0 * s1 numbers.
  constexpr std::int64_t kRows = 64;
  std::vector<double> out;
  out.reserve(static_cast<std::size_t>(problem.s0 * problem.head));
  std::vector<std::int64_t> rows;
  for (std::int64_t first = 0; first < problem.s0; first += kRows) {
    rows.resize(static_cast<std::size_t>(std::min(kRows, problem.s0 - first)));
    std::iota(rows.begin(), rows.end(), first);
    const std::vector<double> some = attentionRows(problem, inputs, rows);
    out.insert(out.end(), some.begin(), some.end());
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
