// Flash attention on the host, tile by tile as the device does it: a stand-in with the template
// parameters of upstream's manual kernel.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

// O = softmax(Q K^T / sqrt(HEAD)) V with Q of shape [S0, HEAD], K and V of shape [S1, HEAD]; rows
// first .. last - 1 of Q. Blocks of CUBE_S0 rows go over tiles of TILE_S1 keys, in subtiles of
// CUBE_S1; the scores of up to QK_PRELOAD tiles are computed ahead.
template <int S0, int HEAD, int S1, int CUBE_S0, int CUBE_S1, int TILE_S1, int QK_PRELOAD,
          bool CAUSAL>
class FlashAttention {
  static_assert(S0 % CUBE_S0 == 0 && S1 % TILE_S1 == 0 && TILE_S1 % CUBE_S1 == 0,
                "the tiles do not divide the shape");
  static_assert(QK_PRELOAD > 0, "at least one tile is computed ahead");
  static constexpr int kTiles = S1 / TILE_S1;

public:
  static void run(const float* q, const float* k, const float* v, float* o, int first, int last) {
    for (int row = first; row < last; ++row) {
      Row state(q + row * HEAD, row);
      for (int tile = 0; tile < std::min(QK_PRELOAD, kTiles); ++tile)
        state.scores(k, tile);
      for (int tile = 0; tile < kTiles; ++tile) {
        state.accumulate(v, tile);
        if (tile + QK_PRELOAD < kTiles)
          state.scores(k, tile + QK_PRELOAD);
      }
      for (int c = 0; c < HEAD; ++c)
        o[row * HEAD + c] = state.sum[c] / state.weight;
    }
  }

private:
  // One row of Q on its way through the keys.
  struct Row {
    Row(const float* row, int number) : q(row), number(number), ring(QK_PRELOAD * TILE_S1) {}

    float* slot(int tile) { return ring.data() + tile % QK_PRELOAD * TILE_S1; }

    void scores(const float* k, int tile) {
      for (int sub = 0; sub < TILE_S1; sub += CUBE_S1)
        for (int j = sub; j < sub + CUBE_S1; ++j) {
          const int key = tile * TILE_S1 + j;
          float dot = 0;
          for (int c = 0; c < HEAD; ++c)
            dot += q[c] * k[key * HEAD + c];
          slot(tile)[j] = CAUSAL && key > number ? -std::numeric_limits<float>::infinity()
                                                 : dot / std::sqrt(float(HEAD));
        }
    }

    // Softmax so far, rescaled whenever a larger score shows up.
    void accumulate(const float* v, int tile) {
      const float* s = slot(tile);
      const float largest = std::max(most, *std::max_element(s, s + TILE_S1));
      if (std::isinf(largest))
        return;
      const float factor = std::exp(most - largest);
      most = largest;
      weight *= factor;
      for (float& one : sum)
        one *= factor;
      for (int j = 0; j < TILE_S1; ++j) {
        const float p = std::exp(s[j] - most);
        weight += p;
        for (int c = 0; c < HEAD; ++c)
          sum[c] += p * v[(tile * TILE_S1 + j) * HEAD + c];
      }
    }

    const float* q;
    int number;
    std::vector<float> ring;
    std::vector<float> sum = std::vector<float>(HEAD);
    float most = -std::numeric_limits<float>::infinity();
    float weight = 0;
  };
};
