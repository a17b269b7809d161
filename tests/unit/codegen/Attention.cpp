#include "Attention.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace ptotune::program {

AttentionData attentionData(std::int64_t head, std::int64_t s0, std::int64_t s1, unsigned seed) {
  AttentionData data{head, s0, s1, {}, {}, {}};
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  const auto fill = [&](std::vector<F16>& tensor, std::int64_t rows) {
    tensor.resize(static_cast<std::size_t>(rows * head));
    for (F16& value : tensor)
      value = static_cast<F16>(normal(generator));
  };
  fill(data.q, s0);
  fill(data.k, s1);
  fill(data.v, s1);
  return data;
}

std::vector<double> reference(const AttentionData& data) {
  const std::int64_t head = data.head;
  std::vector<double> out(static_cast<std::size_t>(data.s0 * head));
  std::vector<double> weights(static_cast<std::size_t>(data.s1));
  const std::vector<double> q(data.q.begin(), data.q.end());
  const std::vector<double> k(data.k.begin(), data.k.end());
  const std::vector<double> v(data.v.begin(), data.v.end());
  const auto at = [head](const std::vector<double>& tensor, std::int64_t row, std::int64_t col) {
    return tensor[static_cast<std::size_t>(row * head + col)];
  };
  for (std::int64_t row = 0; row < data.s0; ++row) {
    double top = -1e300;
    for (std::int64_t key = 0; key < data.s1; ++key) {
      double score = 0;
      for (std::int64_t c = 0; c < head; ++c)
        score += at(q, row, c) * at(k, key, c);
      weights[static_cast<std::size_t>(key)] = score / std::sqrt(static_cast<double>(head));
      top = std::max(top, weights[static_cast<std::size_t>(key)]);
    }
    double sum = 0;
    for (double& weight : weights)
      sum += weight = std::exp(weight - top);
    for (std::int64_t c = 0; c < head; ++c) {
      double value = 0;
      for (std::int64_t key = 0; key < data.s1; ++key)
        value += weights[static_cast<std::size_t>(key)] * at(v, key, c);
      out[static_cast<std::size_t>(row * head + c)] = value / sum;
    }
  }
  return out;
}

} // namespace ptotune::program
