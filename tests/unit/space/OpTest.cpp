#include "space/Op.h"

#include "tests/support/Paths.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

using namespace ptotune;

namespace {

Memory memoryOf(const std::string& text) {
  for (std::size_t i = 0; i < kMemoryCount; ++i)
    if (text == name(static_cast<Memory>(i)))
      return static_cast<Memory>(i);
  ADD_FAILURE() << "no memory " << text;
  return Memory::gm;
}

Op opOf(const std::string& text) {
  for (std::size_t i = 0; i < kOpCount; ++i)
    if (text == name(static_cast<Op>(i)))
      return static_cast<Op>(i);
  ADD_FAILURE() << "no op " << text;
  return Op::tload;
}

SocProfile profile() {
  auto soc = loadSoc(test::config("soc/ascend910b2.toml"));
  EXPECT_TRUE(soc) << soc.error().text();
  return *soc;
}

// Every instruction cost that pto-isa's cost model gives for the manual kernel, within 5 %.
TEST(OpCost, AgreesWithUpstreamsCostModel) {
  SocProfile soc = profile();
  soc.clockHz = 1.85e9; // the model's clock
  std::ifstream file(test::data("op_costs_fa.csv"));
  std::string line;
  int rows = 0;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#' || line.starts_with("opcode"))
      continue;
    std::istringstream fields(line);
    std::string op, from, to, field;
    std::getline(fields, op, ',');
    std::getline(fields, from, ',');
    std::getline(fields, to, ',');
    std::vector<double> numbers;
    while (std::getline(fields, field, ','))
      numbers.push_back(std::stod(field));
    ASSERT_EQ(numbers.size(), 5u) << line;
    const OpShape shape{opOf(op),
                        memoryOf(from),
                        memoryOf(to),
                        static_cast<std::int64_t>(numbers[0]),
                        static_cast<std::int64_t>(numbers[1]),
                        static_cast<std::int64_t>(numbers[2]),
                        static_cast<int>(numbers[3])};
    EXPECT_NEAR(static_cast<double>(cycles(soc, shape)), numbers[4], 0.06 * numbers[4]) << line;
    ++rows;
  }
  EXPECT_EQ(rows, 25);
}

TEST(OpCost, TransfersFollowTheClockAndComputeDoesNot) {
  SocProfile slow = profile(), fast = profile();
  slow.clockHz = 1.0e9;
  fast.clockHz = 2.0e9;
  const OpShape load{Op::tload, Memory::gm, Memory::l1, 128, 128, 0, 2};
  EXPECT_NEAR(static_cast<double>(cycles(fast, load)),
              2.0 * static_cast<double>(cycles(slow, load)), 1.0);
  const OpShape add{Op::tadd, Memory::ub, Memory::ub, 64, 128, 0, 4};
  EXPECT_EQ(cycles(fast, add), cycles(slow, add));
}

TEST(OpCost, EveryInstructionTakesTime) {
  const SocProfile soc = profile();
  for (std::size_t i = 0; i < kOpCount; ++i)
    EXPECT_GE(cycles(soc, {static_cast<Op>(i), Memory::ub, Memory::ub, 8, 8, 8, 4}), 1)
        << name(static_cast<Op>(i));
}

// Each row is filled twice, each time by itself: 2 * 32 * (6 + 4 repeats + 16 of the count mode).
TEST(OpCost, TrianglesAreFilledRowByRow) {
  EXPECT_EQ(cycles(profile(), {Op::ttri, Memory::ub, Memory::ub, 32, 256, 0, 4}), 1664);
}

TEST(OpCost, PipesOfInstructions) {
  EXPECT_EQ(pipeOf({Op::tload, Memory::gm, Memory::ub}), Pipe::mte2);
  EXPECT_EQ(pipeOf({Op::tstore, Memory::l0c, Memory::gm}), Pipe::fix);
  EXPECT_EQ(pipeOf({Op::tstore, Memory::ub, Memory::gm}), Pipe::mte3);
  EXPECT_EQ(pipeOf({Op::textract, Memory::l1, Memory::l0a}), Pipe::mte1);
  EXPECT_EQ(pipeOf({Op::tmatmulAcc}), Pipe::m);
  EXPECT_EQ(pipeOf({Op::trowsum}), Pipe::v);
}

} // namespace
