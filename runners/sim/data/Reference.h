// Kernels in fp64, to hold a run's numbers against.
#pragma once

#include "runners/sim/data/Float16.h"
#include "space/Problem.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ptotune::sim {

// Tensors of a problem, row-major: q [s0, head], k and v [s1, head].
struct AttentionInputs {
  std::vector<Half> q, k, v;
};

// Standard normal numbers, rounded to fp16; the same for a seed on every host.
AttentionInputs attentionInputs(const Problem& problem, std::uint64_t seed);

// softmax(Q K^T / sqrt(head)) V in fp64, row-major [s0, head]. A causal problem leaves out the keys
// behind the query's row.
std::vector<double> attention(const Problem& problem, const AttentionInputs& inputs);
// The same of some query rows, row-major [rows, head]. A row costs 2 * s1 * head multiply-adds.
std::vector<double> attentionRows(const Problem& problem, const AttentionInputs& inputs,
                                  std::span<const std::int64_t> rows);

// Operands of a matrix product, row-major: a [m, k], b [k, n].
struct ProductInputs {
  std::int64_t m = 0, n = 0, k = 0;
  std::vector<Half> a, b;
};
ProductInputs productInputs(std::int64_t m, std::int64_t n, std::int64_t k, std::uint64_t seed);

// A B in fp64, row-major [m, n].
std::vector<double> product(const ProductInputs& inputs);

// atol = rtol of upstream's tests against fp32 attention (docs/simulator.md).
inline constexpr double kTolerance = 1e-3;

// How far numbers are from their reference.
struct Agreement {
  double tolerance = 0; // a number is right within tolerance * (1 + |reference|)
  double maxAbs = 0;    // a NaN counts as infinitely far
  double maxRel = 0;    // over references of at least `tolerance`
  std::int64_t elements = 0;
  std::int64_t wrong = 0;
  std::int64_t worst = 0; // element with the largest absolute error

  bool right() const { return elements > 0 && wrong == 0; }
  std::string text() const;
};
Agreement compare(const std::vector<float>& values, const std::vector<double>& reference,
                  double tolerance);

} // namespace ptotune::sim
