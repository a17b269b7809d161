// What the forms of the flash-attention kernel lower to.
#include "Points.h"
#include "codegen/Lowering.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ptotune {
namespace {

using program::Body;
using program::Instr;
using program::Loop;
using program::Node;
using program::Program;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Names of the loops in the loop over work units.
std::vector<std::string> loops(const Body& body) {
  std::vector<std::string> names;
  for (const Node& node : body)
    if (const auto* outer = std::get_if<std::unique_ptr<Loop>>(&node))
      for (const Node& inner : (*outer)->body)
        if (const auto* loop = std::get_if<std::unique_ptr<Loop>>(&inner))
          names.push_back((*loop)->name);
  return names;
}

int countOps(const Body& body, Op op) {
  int found = 0;
  for (const Node& node : body) {
    if (const auto* loop = std::get_if<std::unique_ptr<Loop>>(&node))
      found += countOps((*loop)->body, op);
    else if (const auto& instr = std::get<Instr>(node);
             instr.kind == program::InstrKind::op && instr.shape.op == op)
      ++found;
  }
  return found;
}

KernelSpec causalKernel() {
  KernelSpec kernel;
  kernel.causal = true;
  return kernel;
}

TEST(VectorOrder, MovesTheFirstGuOnly) {
  const LoweredKernel p = lowerOrFail(Point());
  const LoweredKernel gu = lowerOrFail(pointOf("VEC_ORDER=gu_first"));
  EXPECT_NE(p.programHash, gu.programHash);
  EXPECT_EQ(loops(p.program.vector), loops(gu.program.vector));
  EXPECT_THAT(p.cpp, HasSubstr("const int64_t lead = tiles < 5 ? tiles : 5;"));
  EXPECT_THAT(gu.cpp, HasSubstr("const int64_t lead = tiles < 4 ? tiles : 4;"));
  EXPECT_THAT(p.cpp, HasSubstr("// GU(0)"));
}

// GU(0) writes the output; the steady and the drain loop rescale it and add to it.
TEST(TileZero, IsNotRescaled) {
  const LoweredKernel kernel = lowerOrFail(Point());
  EXPECT_EQ(countOps(kernel.program.vector, Op::trowexpandmul), 2);
  EXPECT_EQ(countOps(kernel.program.vector, Op::tadd), 2 * 2 + 2); // sums of two slices; outputs
  EXPECT_EQ(countOps(kernel.program.vector, Op::tmov), 2 * 2 + 1); // maxima of two slices; output
}

TEST(KvSplit, HasASecondLaunch) {
  const LoweredKernel kernel = lowerOrFail(pointOf("KV_SPLIT=4"));
  const Program& first = kernel.program;
  EXPECT_EQ(first.name, "flash_attention");
  EXPECT_EQ(first.rowsPerBlock, 128);
  EXPECT_EQ(first.unitsPerBlock, 4);
  ASSERT_NE(first.next, nullptr);
  const Program& second = *first.next;
  EXPECT_EQ(second.name, "flash_attention_combine");
  EXPECT_EQ(second.rowsPerBlock, 64); // 32 for each vector core
  EXPECT_EQ(second.unitsPerBlock, 1);
  EXPECT_TRUE(second.cube.empty());
  EXPECT_TRUE(second.fifos.empty());
  EXPECT_EQ(second.next, nullptr);
  EXPECT_EQ(countOps(second.vector, Op::tload), 4 + 2);
  EXPECT_EQ(countOps(first.vector, Op::trowexpanddiv), 0);
  EXPECT_EQ(countOps(second.vector, Op::trowexpanddiv), 1);
  for (const char* line :
       {"extern \"C\" __global__ AICORE void flash_attention_combine(__gm__ float* part_out",
        "const int64_t block = unit / 4;", "const int64_t part = unit % 4;"})
    EXPECT_THAT(kernel.cpp, HasSubstr(line));
}

TEST(KvSplit, OneHasOneLaunch) {
  const LoweredKernel kernel = lowerOrFail(Point());
  EXPECT_EQ(kernel.program.next, nullptr);
  EXPECT_THAT(kernel.cpp, Not(HasSubstr("part_out")));
}

// Another number of parts is another program; so is another second launch.
TEST(KvSplit, EntersTheHash) {
  LoweredKernel two = lowerOrFail(pointOf("KV_SPLIT=2"));
  EXPECT_NE(two.programHash, lowerOrFail(pointOf("KV_SPLIT=4")).programHash);
  EXPECT_EQ(program::programHash(two.program), two.programHash);
  two.program.next->rowsPerBlock *= 2;
  EXPECT_NE(program::programHash(two.program), two.programHash);
  two.program.next = nullptr;
  EXPECT_NE(program::programHash(two.program), two.programHash);
}

TEST(Causal, MasksInLoopsOfTheirOwn) {
  const LoweredKernel kernel = lowerOrFail(Point(), Emit::program | Emit::cpp, causalKernel());
  EXPECT_THAT(loops(kernel.program.vector),
              ElementsAre("preload", "preload diagonal", "steady", "steady diagonal", "drain"));
  EXPECT_THAT(loops(kernel.program.cube), ElementsAre("preload", "steady", "drain"));
  // Two slices in each of the two loops.
  EXPECT_EQ(countOps(kernel.program.vector, Op::ttri), 4);
  EXPECT_THAT(kernel.cpp, HasSubstr("// steady diagonal: P(t + ahead) and GU(t)"));
  EXPECT_THAT(kernel.cpp, HasSubstr(", 1>(mask, (int)diagonal"));
  EXPECT_EQ(countOps(lowerOrFail(Point()).program.vector, Op::ttri), 0);
}

// Parts without tiles have no GU(0).
TEST(Causal, PartsMayBeEmpty) {
  const LoweredKernel kernel =
      lowerOrFail(pointOf("KV_SPLIT=2"), Emit::program | Emit::cpp, causalKernel());
  EXPECT_THAT(loops(kernel.program.vector), ElementsAre("preload", "preload diagonal", "first",
                                                        "steady", "steady diagonal", "drain"));
}

// Every form at every legal shape of tiles.
TEST(Forms, LowerAtEveryShape) {
  for (const Point& shape : legalShapes())
    for (const char* changes : {"VEC_ORDER=gu_first", "KV_SPLIT=2", "KV_SPLIT=4,VEC_ORDER=gu_first",
                                "SlotNumQK=3,SlotNumP=5,SlotNumPV=1,EXP_RING=16"}) {
      const auto point = Point::parse(changes, shape);
      ASSERT_TRUE(point.ok());
      for (const bool causal : {false, true}) {
        Problem problem;
        problem.s0 = 1024;
        problem.s1 = 8192;
        problem.causal = causal;
        const Explanation explanation = explain({problem, soc910b2(), *point});
        const bool fits = std::ranges::none_of(explanation.rejections, [](const Finding& finding) {
          return finding.rule.starts_with("capacity") || finding.rule.starts_with("resource") ||
                 finding.rule.starts_with("shape");
        });
        const auto lowered =
            lower(KernelSpec::of(problem), *point, soc910b2(), Emit::program | Emit::cpp);
        EXPECT_EQ(lowered.ok(), fits)
            << point->text() << (lowered.ok() ? "" : lowered.error().text());
      }
    }
}

} // namespace
} // namespace ptotune
