// Runs every kernel of the header on a few rows and compares with attention as the formula has it.
#include "Kernel.h"

#include <cstdio>
#include <pto_tune.h>
#include <random>

namespace {

constexpr int kRows = 4; // of Q, which is as many as show a wrong tile

std::vector<float> randomMatrix(int rows, int columns, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> between(-1, 1);
  std::vector<float> matrix(static_cast<std::size_t>(rows) * columns);
  for (float& value : matrix)
    value = between(random);
  return matrix;
}

// The largest difference from the formula in double precision.
double difference(int head, int s1, bool causal, const std::vector<float>& q,
                  const std::vector<float>& k, const std::vector<float>& v,
                  const std::vector<float>& o) {
  double worst = 0;
  for (int row = 0; row < kRows; ++row) {
    const int keys = causal ? std::min(s1, row + 1) : s1;
    std::vector<double> p(keys);
    double weight = 0;
    for (int key = 0; key < keys; ++key) {
      double dot = 0;
      for (int c = 0; c < head; ++c)
        dot += double(q[row * head + c]) * k[key * head + c];
      weight += p[key] = std::exp(dot / std::sqrt(double(head)));
    }
    for (int c = 0; c < head; ++c) {
      double sum = 0;
      for (int key = 0; key < keys; ++key)
        sum += p[key] / weight * v[key * head + c];
      worst = std::max(worst, std::abs(sum - o[row * head + c]));
    }
  }
  return worst;
}

int failures = 0;
int cases = 0;

template <int S0, int HEAD, int S1, int CUBE_S0, int CUBE_S1, int TILE_S1, int QK_PRELOAD,
          bool CAUSAL>
void check() {
  const auto q = randomMatrix(kRows, HEAD, 1);
  const auto k = randomMatrix(S1, HEAD, 2);
  const auto v = randomMatrix(S1, HEAD, 3);
  std::vector<float> o(static_cast<std::size_t>(kRows) * HEAD);
  FlashAttention<S0, HEAD, S1, CUBE_S0, CUBE_S1, TILE_S1, QK_PRELOAD, CAUSAL>::run(
      q.data(), k.data(), v.data(), o.data(), 0, kRows);
  const double worst = difference(HEAD, S1, CAUSAL, q, k, v, o);
  std::printf("S0 %d, S1 %d, TILE_S1 %d, QK_PRELOAD %d: off by %.1e\n", S0, S1, TILE_S1, QK_PRELOAD,
              worst);
  failures += worst < 1e-4 ? 0 : 1;
  ++cases;
}

} // namespace

int main() {
#define PTO_TUNE_RUN(...) check<__VA_ARGS__>();
  TFA_FOR_EACH_CASE(PTO_TUNE_RUN)
  std::printf("%d kernels, %d wrong\n", cases, failures);
  return failures == 0 && cases > 0 ? 0 : 1;
}
