// Steps: their ranges and simplifications, and running them over lanes.

#include "space/engine/Scratch.h"
#include "space/engine/code/Lanes.h"
#include "space/engine/code/Steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

using namespace ptotune::engine;
using testing::ElementsAre;

namespace {

// Steps without three operands of which the ranges are known.
constexpr StepOp kBounded[] = {
    StepOp::add,         StepOp::subtract,    StepOp::multiply,    StepOp::floorDivide,
    StepOp::floorModulo, StepOp::divideSmall, StepOp::moduloSmall, StepOp::power,
    StepOp::minimum,     StepOp::maximum,     StepOp::bitAnd,      StepOp::bitOr,
    StepOp::bitXor,      StepOp::shiftLeft,   StepOp::shiftRight,  StepOp::less,
    StepOp::lessEqual,   StepOp::equal,       StepOp::notEqual,    StepOp::isZero,
    StepOp::zeroToOne,   StepOp::absolute};

// What a step is made into gives the step's value, within its range, for all values of its
// operands.
TEST(Steps, HaveTheirValuesInTheirRanges) {
  const ScratchScope scratch;
  std::mt19937 generator(11);
  const auto below = [&](std::int64_t bound) {
    return static_cast<std::int64_t>(generator() % static_cast<std::uint64_t>(bound));
  };
  int constants = 0;
  for (int round = 0; round < 6000; ++round) {
    const StepOp op = kBounded[generator() % std::size(kBounded)];
    const bool isSmall = op == StepOp::divideSmall || op == StepOp::moduloSmall;
    const bool isCount = op == StepOp::power || op == StepOp::shiftLeft || op == StepOp::shiftRight;
    const bool isUnary = op == StepOp::isZero || op == StepOp::zeroToOne || op == StepOp::absolute;
    const std::int64_t leastA = below(12) - (isSmall ? 0 : 6);
    const std::int64_t mostA = leastA + below(8);
    const std::int64_t leastB = isSmall ? 1 + below(5) : (isCount ? below(4) : below(12) - 6);
    const std::int64_t mostB = leastB + below(8);
    Steps steps;
    const StepId a = steps.variable(0, leastA, mostA);
    const StepId b = leastB == mostB ? steps.constant(leastB) : steps.variable(1, leastB, mostB);
    const StepId made = isUnary ? steps.make(op, a) : steps.make(op, a, b);
    const Step step = steps[made];
    constants += step.op == StepOp::constant ? 1 : 0;
    for (Cell x = leastA; x <= mostA; ++x)
      for (Cell y = leastB; y <= mostB; ++y) {
        const Cell value = apply(op, x, y, 0);
        SCOPED_TRACE("step " + std::to_string(static_cast<int>(op)) + " of " + std::to_string(x) +
                     " and " + std::to_string(y));
        ASSERT_LE(step.least, value);
        ASSERT_GE(step.most, value);
        const Cell is = step.op == StepOp::constant ? step.cell : (made == a ? x : y);
        if (step.op == StepOp::constant || made == a || made == b)
          ASSERT_EQ(is, value);
      }
  }
  EXPECT_GT(constants, 100);
}

TEST(Steps, SumsAndProductsAreFlat) {
  const ScratchScope scratch;
  Steps steps;
  const StepId a = steps.variable(0, -3, 9);
  const StepId b = steps.variable(1, 0, 5);
  const StepId two = steps.constant(2);
  const StepId left = steps.sum({a, false}, {two, false});
  const StepId sum = steps.sum({left, true}, {steps.sum({b, false}, {two, false}), false});
  // -(a + 2) + (b + 2) is b - a.
  ASSERT_EQ(steps[sum].op, StepOp::sum);
  EXPECT_THAT(steps.termsOf(steps[sum]), ElementsAre(Term{a, true}, Term{b, false}));
  EXPECT_EQ(steps[sum].least, -9);
  EXPECT_EQ(steps[sum].most, 8);
  EXPECT_EQ(steps.sum({b, false}, {a, true}), sum);
  const StepId product = steps.product(steps.product(a, two), steps.product(two, b));
  EXPECT_EQ(steps[product].b, 3U);
  EXPECT_EQ(steps[product].least, -60);
  EXPECT_EQ(steps[product].most, 180);
  EXPECT_TRUE(steps.isConstant(steps.product(a, steps.constant(0))));
  const StepId large = steps.variable(2, 0, std::int64_t{1} << 60);
  EXPECT_EQ(steps.product(large, steps.product(a, b)), kNoStep);
  EXPECT_EQ(steps.sum({large, false}, {steps.constant(std::int64_t{1} << 62), false}), kNoStep);
}

// Every step in every instruction set gives what apply() gives.
TEST(Lanes, AgreeInEveryInstructionSet) {
  std::mt19937_64 generator(3);
  constexpr std::size_t kLanes = 24;
  const auto first = static_cast<int>(StepOp::add);
  const auto last = static_cast<int>(StepOp::realNotEqual);
  for (const LaneLoops& loops : usableLaneLoops())
    for (int op = first; op <= last; ++op)
      for (int shape = 0; shape < 3; ++shape) {
        SCOPED_TRACE(std::string(loops.name) + " step " + std::to_string(op));
        const bool isReal =
            op >= static_cast<int>(StepOp::toInteger) && op != static_cast<int>(StepOp::toReal);
        std::array<std::vector<Cell>, 3> operands;
        for (std::vector<Cell>& cells : operands)
          for (std::size_t i = 0; i < kLanes; ++i) {
            // Below 2^53, and no zero: what divideSmall and moduloSmall are made for.
            const auto value =
                static_cast<std::int64_t>(generator() >> (11 + generator() % 50)) + 1;
            cells.push_back(isReal ? cellOf(static_cast<double>(value) / 8) : value);
          }
        std::vector<Cell> out(kLanes);
        const LaneOp lane{.op = static_cast<StepOp>(op),
                          .aShared = shape == 1,
                          .bShared = shape == 2,
                          .cShared = false,
                          .a = operands[0].data(),
                          .b = operands[1].data(),
                          .c = operands[2].data(),
                          .out = out.data()};
        const bool isUnary = lane.op == StepOp::isZero || lane.op == StepOp::zeroToOne ||
                             lane.op == StepOp::absolute || lane.op == StepOp::toReal;
        if (lane.aShared && isUnary)
          continue; // the one operand of a step over lanes is a buffer
        loops.run(&lane, 1, kLanes);
        for (std::size_t i = 0; i < kLanes; ++i)
          ASSERT_EQ(out[i], apply(lane.op, operands[0][lane.aShared ? 0 : i],
                                  operands[1][lane.bShared ? 0 : i], operands[2][i]))
              << "lane " << i;
      }
}

TEST(Lanes, PackBits) {
  std::mt19937_64 generator(5);
  for (const LaneLoops& loops : usableLaneLoops())
    for (const std::size_t lanes : {1U, 7U, 63U, 64U, 65U, 130U}) {
      std::vector<Cell> values(paddedLanes(lanes));
      for (Cell& value : values)
        value = static_cast<Cell>(generator() & 1);
      std::vector<std::uint64_t> words((lanes + 63) / 64);
      loops.pack(values.data(), lanes, words.data());
      for (std::size_t i = 0; i < words.size() * 64; ++i)
        ASSERT_EQ(words[i / 64] >> (i % 64) & 1,
                  i < lanes ? static_cast<std::uint64_t>(values[i]) : 0)
            << loops.name << " lane " << i << " of " << lanes;
    }
}

} // namespace
