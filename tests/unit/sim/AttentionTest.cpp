// The inputs and the fp64 reference that functional runs are held against.
#include "runners/sim/data/Reference.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace ptotune::sim {
namespace {

Problem problemOf(std::int64_t head, std::int64_t s0, std::int64_t s1) {
  Problem problem;
  problem.head = head;
  problem.s0 = s0;
  problem.s1 = s1;
  return problem;
}

std::vector<Half> halves(std::initializer_list<float> values) {
  std::vector<Half> result;
  for (const float value : values)
    result.push_back(toHalf(value));
  return result;
}

TEST(Attention, InputsAreStandardNormal) {
  const AttentionInputs inputs = attentionInputs(problemOf(64, 512, 512), 1);
  ASSERT_EQ(inputs.q.size(), 64U * 512U);
  double sum = 0, squares = 0, quarts = 0;
  for (const Half half : inputs.q) {
    const double value = toFloat(half);
    sum += value;
    squares += value * value;
    quarts += value * value * value * value;
  }
  const auto n = static_cast<double>(inputs.q.size());
  EXPECT_NEAR(sum / n, 0, 5 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 1, 5 * std::sqrt(2 / n));
  EXPECT_NEAR(quarts / n, 3, 5 * std::sqrt(96 / n));
}

// Golden: the same definition (mt19937_64, 53-bit uniforms, the cosine of Box and Muller) in
// Python.
TEST(Attention, InputsFollowTheSeed) {
  const Problem problem = problemOf(16, 16, 16);
  const AttentionInputs one = attentionInputs(problem, 1);
  EXPECT_EQ(one.q, attentionInputs(problem, 1).q);
  EXPECT_NE(one.q, attentionInputs(problem, 2).q);
  EXPECT_NE(one.q, one.k);
  EXPECT_NE(one.k, one.v);
  const std::vector<Half> golden = {0x359e, 0x3c58, 0x3a50, 0x3c07};
  EXPECT_EQ(std::vector<Half>(one.q.begin(), one.q.begin() + 4), golden);
}

TEST(Attention, OneKeyGivesItsValue) {
  AttentionInputs inputs;
  inputs.q = halves({3, -2, 0.5F, 7});
  inputs.k = halves({1, 5});
  inputs.v = halves({0.25F, -8});
  EXPECT_EQ(attention(problemOf(2, 2, 1), inputs), (std::vector<double>{0.25, -8, 0.25, -8}));
}

TEST(Attention, EqualScoresGiveTheMean) {
  AttentionInputs inputs;
  inputs.q = halves({0, 0});
  inputs.k = halves({1, 5, 2, 2, -3, 1, 0, 9});
  inputs.v = halves({1, 0, 2, 0, 3, 0, 6, 8});
  const std::vector<double> out = attention(problemOf(2, 1, 4), inputs);
  EXPECT_NEAR(out[0], 3, 1e-15);
  EXPECT_NEAR(out[1], 2, 1e-15);
}

// Scores 4 and 0 over sqrt(4): weights e^2 and 1.
TEST(Attention, ScalesByTheRootOfTheHead) {
  AttentionInputs inputs;
  inputs.q = halves({1, 1, 1, 1});
  inputs.k = halves({1, 1, 1, 1, 0, 0, 0, 0});
  inputs.v = halves({1, 0, 0, 0, 0, 0, 0, 0});
  const double e2 = std::exp(2.0);
  EXPECT_NEAR(attention(problemOf(4, 1, 2), inputs)[0], e2 / (e2 + 1), 1e-15);
}

TEST(Attention, CausalLeavesOutLaterKeys) {
  AttentionInputs inputs;
  inputs.q = halves({0, 0, 0});
  inputs.k = halves({1, 2, 3});
  inputs.v = halves({1, 3, 8});
  Problem problem = problemOf(1, 3, 3);
  problem.causal = true;
  const std::vector<double> out = attention(problem, inputs);
  EXPECT_NEAR(out[0], 1, 1e-15);
  EXPECT_NEAR(out[1], 2, 1e-15);
  EXPECT_NEAR(out[2], 4, 1e-15);
}

TEST(Agreement, MeasuresErrors) {
  const Agreement agreement =
      compare({1.0F, 2.002F, 0.0F, 100.05F}, {1.0, 2.0, 0.0009, 100.0}, 1e-3);
  EXPECT_EQ(agreement.elements, 4);
  EXPECT_NEAR(agreement.maxAbs, 0.05, 1e-5);
  EXPECT_EQ(agreement.worst, 3);
  EXPECT_NEAR(agreement.maxRel, 0.001, 1e-6); // 0.0009 is too small to be judged relatively
  EXPECT_EQ(agreement.wrong, 0);
  EXPECT_TRUE(agreement.right());
}

TEST(Agreement, BeyondTheToleranceIsWrong) {
  EXPECT_FALSE(compare({1.0021F}, {1.0}, 1e-3).right());
  EXPECT_TRUE(compare({1.0019F}, {1.0}, 1e-3).right());
  EXPECT_FALSE(compare({0.0011F}, {0.0}, 1e-3).right());
  EXPECT_FALSE(compare({}, {}, 1e-3).right()) << "nothing was compared";
}

TEST(Agreement, WhatIsNoNumberIsWrong) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::vector<float>& values : {std::vector<float>{1, nan}, std::vector<float>{1}}) {
    const Agreement agreement = compare(values, {1.0, 2.0}, 1e-3);
    EXPECT_EQ(agreement.wrong, 1);
    EXPECT_EQ(agreement.worst, 1);
    EXPECT_TRUE(std::isinf(agreement.maxAbs));
  }
}

} // namespace
} // namespace ptotune::sim
