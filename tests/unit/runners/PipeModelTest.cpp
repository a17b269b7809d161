// The three pipe models compute the same numbers, free of hazards; where a rule rejects a point,
// its program does what the rule says.
#include "Lowered.h"
#include "runners/sim/Functional.h"
#include "space/fa/Buffers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace ptotune {
namespace {

using sim::FunctionalOptions;
using sim::FunctionalResult;
using test::lowered;
using test::pointOf;
using test::problemOf;
using test::soc910b2;

sim::FunctionalResult run(const std::string& changes, const Problem& problem) {
  const program::Program program = lowered(pointOf(changes), problem);
  return sim::runFunctional(program, soc910b2(), problem);
}

struct Shape {
  const char* name;
  const char* point; // without the model
  std::vector<const char*> models;
  std::int64_t head, s0, s1;
};

class PipeModels : public testing::TestWithParam<Shape> {};

// A model moves the same rows through the same operations: not a bit differs from the slot form.
TEST_P(PipeModels, ComputeTheSameBits) {
  const Shape& shape = GetParam();
  const Problem problem = problemOf(shape.s0, shape.s1, shape.head);
  const FunctionalResult slot = run(shape.point, problem);
  ASSERT_TRUE(slot.right()) << slot.text();
  for (const std::string model : shape.models) {
    const std::string separator = *shape.point == '\0' ? "" : ",";
    const FunctionalResult result = run(shape.point + separator + "PIPE_MODEL=" + model, problem);
    EXPECT_TRUE(result.right()) << model << result.text();
    EXPECT_LE(result.agreement.maxAbs, 1e-4) << model << result.text();
    EXPECT_TRUE(result.hazards.clean()) << model << result.text();
    EXPECT_EQ(result.out, slot.out) << model;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Points, PipeModels,
    testing::Values(
        Shape{"Reference", "", {"tile_offset"}, 128, 128, 1024},
        Shape{"OnePart", "TILE_S1=128", {"tile", "tile_offset"}, 128, 128, 1024},
        Shape{"OneLocalSlot", "LocalSlotNum=1", {"tile_offset"}, 128, 128, 1024},
        Shape{"UnitFlagOff", "EN_UNIT_FLAG=0", {"tile_offset"}, 128, 128, 1024},
        Shape{"ManyParts", "TILE_S1=256,CUBE_S1=32,CUBE_S0=128", {"tile_offset"}, 64, 128, 1024},
        Shape{"ManyLocalSlots",
              "CUBE_S0=64,TILE_S1=64,CUBE_S1=64,LocalSlotNum=2",
              {"tile", "tile_offset"},
              64,
              64,
              1024},
        Shape{"NarrowTiles", "TILE_S1=64,CUBE_S1=64", {"tile"}, 128, 128, 1024},
        Shape{"WideTiles",
              "CUBE_S0=64,TILE_S1=256,CUBE_S1=256",
              {"tile", "tile_offset"},
              128,
              64,
              1024},
        // Four places of the ring in L1 share two event ids.
        Shape{"SharedIds",
              "CUBE_S0=64,TILE_S1=64,CUBE_S1=64,LocalSlotNum=4",
              {"tile", "tile_offset"},
              64,
              64,
              1024},
        Shape{"SeveralCores", "TILE_S1=128", {"tile"}, 64, 384, 1024},
        Shape{"OddDepth", "SlotNum=7,QK_PRELOAD=2", {"tile_offset"}, 128, 128, 1792}),
    [](const auto& info) { return std::string(info.param.name); });

// Several blocks on one core, and fewer tiles than the preload wants.
TEST(PipeModelShapes, ManyBlocksAndFewTiles) {
  SocProfile soc = soc910b2();
  soc.cubeCores = 1;
  const char* points[] = {"PIPE_MODEL=tile,TILE_S1=128", "PIPE_MODEL=tile_offset",
                          "PIPE_MODEL=tile_offset,EN_UNIT_FLAG=0,LocalSlotNum=1"};
  for (const char* changes : points)
    for (const std::int64_t tiles : {1, 3, 6}) {
      const Point point = pointOf(changes);
      const Problem problem = problemOf(3 * 128, tiles * point.tileS1());
      const FunctionalResult result = sim::runFunctional(lowered(point, problem), soc, problem);
      EXPECT_EQ(result.run.waves, 3);
      EXPECT_TRUE(result.right()) << changes << result.text();
      EXPECT_TRUE(result.hazards.clean()) << changes << result.text();
    }
}

// Beside the mask of a causal kernel the landing rings of QK and PV share one region. Their tiles
// differ in size, so that the region is one to sync insertion.
TEST(PipeModelShapes, UnevenRingsShareARegion) {
  Problem problem = problemOf(256, 256, 64);
  problem.causal = true;
  const Point point = pointOf("PIPE_MODEL=tile,TILE_S1=128");
  const fa::LandingRings rings = fa::landingRings(KernelSpec::of(problem), point, soc910b2());
  ASSERT_TRUE(rings.shared);
  ASSERT_NE(rings.qk.stride, rings.pv.stride);
  const FunctionalResult result = sim::runFunctional(lowered(point, problem), soc910b2(), problem);
  EXPECT_TRUE(result.right()) << result.text();
  EXPECT_TRUE(result.hazards.clean()) << result.text();
}

// Vector cores own other rows in the tile forms: the masks of the diagonal and the parts of a split
// follow them.
TEST(PipeModelShapes, CausalAndSplit) {
  const char* points[] = {"PIPE_MODEL=tile_offset", "PIPE_MODEL=tile_offset,KV_SPLIT=2",
                          "PIPE_MODEL=tile_offset,VEC_ORDER=gu_first,CUBE_S1=64",
                          "PIPE_MODEL=tile,TILE_S1=64,CUBE_S1=64,KV_SPLIT=2"};
  for (const bool causal : {false, true})
    for (const char* changes : points) {
      Problem problem = problemOf(512, 512, 64);
      problem.causal = causal;
      const Point point = pointOf(changes);
      ASSERT_TRUE(legal({problem, soc910b2(), point})) << changes;
      const FunctionalResult result =
          sim::runFunctional(lowered(point, problem), soc910b2(), problem);
      EXPECT_TRUE(result.right()) << changes << result.text();
      EXPECT_TRUE(result.hazards.clean()) << changes << result.text();
    }
}

// Late transfers and flags change no number: every order that matters is enforced.
TEST(PipeModelShapes, DelaysDoNotChangeNumbers) {
  const Problem problem = problemOf(128, 1024);
  const sim::AttentionCase attention(problem, 5);
  for (const char* changes : {"PIPE_MODEL=tile,TILE_S1=128", "PIPE_MODEL=tile_offset"}) {
    const program::Program program = lowered(pointOf(changes), problem);
    FunctionalOptions options;
    options.hazards = false;
    const FunctionalResult prompt = sim::runFunctional(program, soc910b2(), attention, options);
    ASSERT_TRUE(prompt.right()) << prompt.text();
    options.delays.randomCycles = 20'000;
    for (options.delays.seed = 1; options.delays.seed <= 3; ++options.delays.seed)
      EXPECT_EQ(sim::runFunctional(program, soc910b2(), attention, options).out, prompt.out);
  }
}

// --- A seeded sample ---------------------------------------------------------------------------

struct Trial {
  Problem problem;
  Point point;
  Explanation explanation;
};

// A point of the tile models that passes the static rules.
Trial randomTrial(std::mt19937& random) {
  const auto any = [&](std::initializer_list<std::int64_t> values) {
    return *(values.begin() + random() % values.size());
  };
  while (true) {
    Trial trial;
    Point& point = trial.point;
    const bool whole = random() % 3 == 0;
    point.set(Param::pipeModel,
              static_cast<std::int64_t>(whole ? PipeModel::tile : PipeModel::tileOffset));
    point.set(Param::cubeS1, any({32, 64, 128}));
    point.set(Param::tileS1, point.cubeS1() * (whole ? 1 : any({1, 2, 4})));
    point.set(Param::cubeS0, any({64, 128}));
    point.set(Param::qkPreload, any({1, 2, 3, 4, 6, 8}));
    const std::int64_t depth = any({2, 3, 4, 5, 8});
    for (const Param slots : {Param::slotNumQK, Param::slotNumP, Param::slotNumPV})
      point.set(slots, random() % 2 == 0 ? depth : any({2, 3, 4, 6, 8}));
    point.set(Param::expRing, any({2, 3, 5, 8, 9}));
    point.set(Param::localSlotNum, any({1, 2, 4}));
    point.set(Param::unitFlag, any({0, 1}));
    point.set(Param::vecOrder, any({0, 1}));
    const std::int64_t tiles = 1 + static_cast<std::int64_t>(random() % 12);
    trial.problem = problemOf(point.cubeS0(), tiles * point.tileS1(), any({64, 128}));
    trial.explanation = explain({trial.problem, soc910b2(), point});
    if (!rejectsStatically(trial.explanation))
      return trial;
  }
}

// What the rules say of a point of the tile models is what its program does.
TEST(PipeModelSample, RulesAndRunsAgree) {
  std::mt19937 random(20260901);
  std::map<std::string, int> seen;
  for (int i = 0; i < 200; ++i) {
    const Trial trial = randomTrial(random);
    SCOPED_TRACE(trial.point.text() + " on " + trial.problem.text());
    const auto program = lowered(trial.point, trial.problem);
    const ProgramEvidence evidence = examine(program, soc910b2(), trial.problem);
    for (const Comparison& comparison : compare(trial.explanation, evidence)) {
      EXPECT_TRUE(comparison.agrees) << comparison.rule << ": " << comparison.text;
      ++seen[comparison.rule];
    }
  }
  EXPECT_GT(seen[""], 50);
  EXPECT_GT(seen["protocol.hang"], 10);
  EXPECT_GT(seen["protocol.slot"], 5);
  EXPECT_GT(seen["protocol.ring"], 10);
}

// Accepted points compute attention.
TEST(PipeModelSample, LegalPointsAreRight) {
  std::mt19937 random(20260902);
  for (int runs = 0; runs < 40;) {
    const Trial trial = randomTrial(random);
    if (!trial.explanation.rejections.empty())
      continue;
    ++runs;
    SCOPED_TRACE(trial.point.text() + " on " + trial.problem.text());
    const FunctionalResult result =
        sim::runFunctional(lowered(trial.point, trial.problem), soc910b2(), trial.problem);
    EXPECT_TRUE(result.right()) << result.text();
    EXPECT_TRUE(result.hazards.clean()) << result.text();
  }
}

} // namespace
} // namespace ptotune
