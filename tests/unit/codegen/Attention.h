// Attention on data, computed the plain way.
#pragma once

#include <cstdint>
#include <vector>

namespace ptotune::program {

using F16 = _Float16;

struct AttentionData {
  std::int64_t head = 0, s0 = 0, s1 = 0;
  std::vector<F16> q, k, v; // row-major [s0, head], [s1, head], [s1, head]
};

// Inputs with values of about unit size, the same for the same seed.
AttentionData attentionData(std::int64_t head, std::int64_t s0, std::int64_t s1, unsigned seed);

// softmax(Q K^T / sqrt(head)) V in fp64, row-major [s0, head].
std::vector<double> reference(const AttentionData& data);

} // namespace ptotune::program
