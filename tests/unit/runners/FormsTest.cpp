// The forms of the flash-attention kernel beside the everyday one: both vector orders, rings sized
// apart, split key ranges, causal attention. They compute attention, are free of hazards where the
// rules accept them, and show the hazard that the rules name where they do not.
#include "Lowered.h"
#include "runners/sim/Functional.h"
#include "space/fa/FaSchedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace ptotune {
namespace {

using program::Program;
using sim::FunctionalResult;
using sim::Hazard;
using sim::HazardKind;
using sim::HazardReport;
using test::lowered;
using test::pointOf;
using test::soc910b2;

// --- Numbers -----------------------------------------------------------------------------------

struct Form {
  const char* name;
  const char* point;
  std::int64_t head, s0, s1;
  bool causal = false;
  double within = 1e-4; // largest absolute error
};

Problem problemOf(const Form& form) {
  Problem problem = test::problemOf(form.s0, form.s1, form.head);
  problem.causal = form.causal;
  return problem;
}

class Forms : public testing::TestWithParam<Form> {};

TEST_P(Forms, ComputeAttention) {
  const Problem problem = problemOf(GetParam());
  const Point point = pointOf(GetParam().point);
  const Explanation explanation = explain({problem, soc910b2(), point});
  EXPECT_TRUE(explanation.legal()) << explanation.rejections.front().text;
  const Program program = lowered(point, problem);
  const FunctionalResult result = sim::runFunctional(program, soc910b2(), problem);
  EXPECT_TRUE(result.right()) << result.text();
  EXPECT_LE(result.agreement.maxAbs, GetParam().within) << result.text();
  EXPECT_TRUE(result.hazards.clean()) << result.text();
  EXPECT_EQ(result.run.next != nullptr, point.kvSplit() > 1);
  RecordProperty("agreement", result.agreement.text());
}

std::string nameOfForm(const testing::TestParamInfo<Form>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    GuFirst, Forms,
    testing::Values(
        Form{"Default", "VEC_ORDER=gu_first", 128, 128, 1024},
        Form{"ManyTiles", "VEC_ORDER=gu_first,TILE_S1=32,CUBE_S1=32,SlotNum=6", 64, 128, 1280},
        Form{"OnePart", "VEC_ORDER=gu_first,TILE_S1=128", 128, 128, 1024},
        Form{"RingOfPreload", "VEC_ORDER=gu_first,QK_PRELOAD=3,EXP_RING=3", 128, 128, 2048},
        Form{"NoPreload", "VEC_ORDER=gu_first,QK_PRELOAD=1,EXP_RING=1", 128, 128, 1024},
        Form{"FewRows", "VEC_ORDER=gu_first,CUBE_S0=64", 128, 128, 1024},
        Form{"ManyRows", "VEC_ORDER=gu_first,CUBE_S0=256,TILE_S1=128,CUBE_S1=64", 64, 256, 1024},
        Form{"UnitFlagOff", "VEC_ORDER=gu_first,EN_UNIT_FLAG=0", 128, 128, 1024},
        Form{"TwoTiles", "VEC_ORDER=gu_first", 128, 128, 512, false, 3e-4},
        Form{"OneTile", "VEC_ORDER=gu_first", 128, 128, 256, false, 3e-4}),
    nameOfForm);

INSTANTIATE_TEST_SUITE_P(
    Rings, Forms,
    testing::Values(Form{"Apart", "TILE_S1=128,SlotNumQK=5,SlotNumP=6,SlotNumPV=3,EXP_RING=7", 64,
                         128, 1536},
                    Form{"ShallowP",
                         "TILE_S1=64,CUBE_S1=64,QK_PRELOAD=2,SlotNumP=3,SlotNumPV=1,"
                         "EXP_RING=3",
                         64, 128, 1024},
                    Form{"DeepExp", "TILE_S1=128,EXP_RING=13", 64, 128, 2048}),
    nameOfForm);

// Four tiles preloaded of four: only tile 0's factor would be overwritten, and nobody reads it.
INSTANTIATE_TEST_SUITE_P(TileZero, Forms,
                         testing::Values(Form{"FourTiles", "QK_PRELOAD=3,EXP_RING=3", 128, 128,
                                              1024}),
                         nameOfForm);

INSTANTIATE_TEST_SUITE_P(
    KvSplit, Forms,
    testing::Values(Form{"Two", "KV_SPLIT=2", 128, 128, 1024},
                    Form{"Four", "KV_SPLIT=4", 128, 128, 1024},
                    Form{"SmallHead", "KV_SPLIT=4,TILE_S1=128", 64, 256, 1024},
                    Form{"FewRows", "KV_SPLIT=2,CUBE_S0=64", 128, 128, 1024},
                    Form{"ManyRows", "KV_SPLIT=2,CUBE_S0=256,TILE_S1=128,CUBE_S1=64", 64, 256,
                         1024},
                    Form{"GuFirst", "KV_SPLIT=2,VEC_ORDER=gu_first,TILE_S1=128", 128, 128, 1024},
                    Form{"SeveralBlocks", "KV_SPLIT=4,TILE_S1=64,CUBE_S1=64", 64, 512, 1024}),
    nameOfForm);

// The error of rows that see few keys is larger: P is rounded to fp16, and few terms average it
// out.
INSTANTIATE_TEST_SUITE_P(
    Causal, Forms,
    testing::Values(
        Form{"Square", "", 128, 1024, 1024, true, 5e-4},
        Form{"SmallHead", "TILE_S1=128", 64, 512, 512, true, 5e-4},
        Form{"TileBelowBlock", "TILE_S1=64,CUBE_S1=32", 64, 512, 512, true, 5e-4},
        Form{"TileOfBlock", "TILE_S1=128", 128, 512, 512, true, 5e-4},
        Form{"FewRows", "CUBE_S0=64,TILE_S1=256", 128, 512, 512, true, 5e-4},
        Form{"ManyRows", "CUBE_S0=256,TILE_S1=128,CUBE_S1=64,EXP_RING=5", 64, 512, 512, true, 5e-4},
        Form{"MoreKeys", "TILE_S1=128", 64, 256, 1024, true, 5e-4},
        Form{"MoreRows", "TILE_S1=128", 64, 1024, 256, true, 5e-4},
        Form{"GuFirst", "VEC_ORDER=gu_first,TILE_S1=128", 64, 512, 512, true, 5e-4},
        Form{"OneTile", "", 128, 128, 256, true, 5e-4},
        Form{"Split", "KV_SPLIT=2,TILE_S1=128", 64, 512, 512, true, 5e-4},
        Form{"SplitOfSmallTiles", "KV_SPLIT=4,TILE_S1=32,CUBE_S1=32", 64, 512, 512, true, 5e-4},
        Form{"SplitGuFirst", "KV_SPLIT=4,VEC_ORDER=gu_first,TILE_S1=128", 64, 512, 512, true,
             5e-4}),
    nameOfForm);

INSTANTIATE_TEST_SUITE_P(
    PipeModels, Forms,
    testing::Values(Form{"TileSplit", "PIPE_MODEL=tile,TILE_S1=128,KV_SPLIT=2", 128, 128, 1024},
                    Form{"TileCausal", "PIPE_MODEL=tile,TILE_S1=128,CUBE_S0=64,VEC_ORDER=gu_first",
                         64, 256, 512, true, 5e-4},
                    Form{"TileOffsetSplit", "PIPE_MODEL=tile_offset,KV_SPLIT=4,VEC_ORDER=gu_first",
                         128, 128, 1024},
                    Form{"TileOffsetCausal", "PIPE_MODEL=tile_offset,CUBE_S0=64", 64, 256, 512,
                         true, 5e-4},
                    Form{"TileOffsetCausalSplit", "PIPE_MODEL=tile_offset,CUBE_S0=64,KV_SPLIT=2",
                         64, 256, 512, true, 5e-4}),
    nameOfForm);

// --- Time --------------------------------------------------------------------------------------

// Both launches count, each with its launch cost.
TEST(KvSplit, TimeIsOfBothLaunches) {
  const Problem problem = test::problemOf(128, 8192);
  const Program program = lowered(pointOf("KV_SPLIT=2"), problem);
  const sim::SimResult result = sim::simulate(program, soc910b2(), problem);
  ASSERT_EQ(result.outcome, sim::Outcome::finished) << result.detailText();
  ASSERT_NE(result.next, nullptr);
  EXPECT_EQ(result.blocks, 2);
  EXPECT_EQ(result.activeCores, 2);
  EXPECT_EQ(result.next->blocks, 2); // 64 rows each
  const double launch = soc910b2().launchSeconds;
  EXPECT_DOUBLE_EQ(result.next->seconds, result.next->coreSeconds + launch);
  EXPECT_DOUBLE_EQ(result.seconds, result.coreSeconds + launch + result.next->seconds);
  const sim::SimResult whole = sim::simulate(lowered(Point(), problem), soc910b2(), problem);
  EXPECT_LT(result.coreSeconds, 0.7 * whole.coreSeconds);
}

// Blocks of unequal length: no core takes longer than the one that the simulator picks.
TEST(Causal, BusiestCoreIsPicked) {
  SocProfile soc = soc910b2();
  soc.cubeCores = 3;
  for (const char* changes : {"TILE_S1=128", "TILE_S1=64,CUBE_S1=64,KV_SPLIT=2", "CUBE_S0=64"}) {
    for (const std::int64_t s0 : {128, 512, 1152, 1024}) {
      Problem problem = test::problemOf(s0, 1024, 64);
      problem.causal = true;
      const Program program = lowered(pointOf(changes), problem);
      const sim::SimResult picked = sim::simulate(program, soc, problem);
      ASSERT_EQ(picked.outcome, sim::Outcome::finished) << picked.detailText();
      for (std::int64_t core = 0; core < picked.activeCores; ++core) {
        sim::SimOptions options;
        options.blockIdx = core;
        const sim::SimResult one = sim::simulate(program, soc, problem, options);
        EXPECT_LE(one.ticks, picked.ticks) << changes << ", s0 = " << s0 << ", core " << core;
        EXPECT_EQ(one.core, core);
      }
    }
  }
}

// Half of the tiles, the masks of the diagonal on top.
TEST(Causal, SkipsTilesBehindTheDiagonal) {
  Problem problem = test::problemOf(4096, 4096);
  const sim::SimResult all = sim::simulate(lowered(Point(), problem), soc910b2(), problem);
  problem.causal = true;
  const sim::SimResult causal = sim::simulate(lowered(Point(), problem), soc910b2(), problem);
  ASSERT_EQ(causal.outcome, sim::Outcome::finished) << causal.detailText();
  EXPECT_LT(causal.coreSeconds, 0.9 * all.coreSeconds);
}

// Repetitions are recognised in every form, and the answer is that of the full run.
TEST(FormsExtrapolated, EqualTheFullRun) {
  for (const char* changes : {"VEC_ORDER=gu_first", "KV_SPLIT=2", "KV_SPLIT=4,VEC_ORDER=gu_first",
                              "SlotNumQK=5,SlotNumP=6,SlotNumPV=7,EXP_RING=9"})
    for (const bool causal : {false, true}) {
      Problem problem = causal ? test::problemOf(16384, 16384) : test::problemOf(1024, 65536);
      problem.causal = causal;
      const Program program = lowered(pointOf(changes), problem);
      sim::SimOptions full;
      full.extrapolate = false;
      const sim::SimResult expected = sim::simulate(program, soc910b2(), problem, full);
      const sim::SimResult quick = sim::simulate(program, soc910b2(), problem);
      ASSERT_EQ(expected.outcome, sim::Outcome::finished) << expected.detailText();
      EXPECT_EQ(quick.ticks, expected.ticks) << changes << (causal ? ", causal" : "");
      EXPECT_EQ(quick.instructions, expected.instructions);
      EXPECT_DOUBLE_EQ(quick.seconds, expected.seconds);
      if (!causal) { // key loops up to the diagonal may be too short to repeat themselves
        EXPECT_GT(quick.extrapolated, 0) << changes;
      }
    }
}

// --- Rules and checker -------------------------------------------------------------------------

struct Sampled {
  Point point;
  Problem problem;
  std::vector<ProtocolResult> faults; // empty: the rules accept the point
};

// Points of all forms and pipe models that the static rules accept, every ring with a depth of its
// own.
std::vector<Sampled> sample(unsigned seed, std::size_t count) {
  const auto space = loadSpace(test::config("spaces/fa.toml"));
  EXPECT_TRUE(space.ok());
  std::mt19937 random(seed);
  const auto upTo = [&random](std::int64_t most) {
    return 1 + static_cast<std::int64_t>(random() % static_cast<unsigned>(most));
  };
  std::vector<Sampled> sampled;
  while (sampled.size() < count) {
    Sampled one{test::randomPoint(*space, random), {}, {}};
    for (const Param param : {Param::slotNumQK, Param::slotNumP, Param::slotNumPV, Param::expRing})
      one.point.set(param, upTo(10));
    one.point.set(Param::vecOrder, static_cast<std::int64_t>(random() % 2));
    one.point.set(Param::kvSplit, std::int64_t{1} << (random() % 3));
    one.point.set(Param::pipeModel, static_cast<std::int64_t>(random() % 3));
    one.problem = test::problemOf(one.point.cubeS0() * upTo(4),
                                  upTo(12) * one.point.kvSplit() * one.point.tileS1(), 64);
    one.problem.causal = random() % 2 == 0;
    if (one.problem.s1 > 2048 ||
        test::rejectsStatically(explain({one.problem, soc910b2(), one.point})))
      continue;
    one.faults = fa::analyse(fa::protocolStructure(one.problem, one.point, soc910b2()),
                             soc910b2().fftsCounterMax)
                     .faults;
    sampled.push_back(std::move(one));
  }
  return sampled;
}

const Hazard* find(const HazardReport& report, const ProtocolResult& fault) {
  static const std::map<std::string, std::string> objects = {
      {"QK", "qk"}, {"P", "p"}, {"PV", "pv"}, {"rescale factor", "exp_max"}};
  for (const Hazard& hazard : report.hazards) {
    const bool wrongTile = hazard.kind == HazardKind::wrongTile;
    const std::int64_t reader = wrongTile ? hazard.secondTile : hazard.firstTile;
    const std::int64_t writer = wrongTile ? hazard.firstTile : hazard.secondTile;
    if (hazard.object == objects.at(fault.object) && reader == fault.reader &&
        writer == fault.writer)
      return &hazard;
  }
  return nullptr;
}

TEST(FormsAgreement, RulesAndCheckerSayTheSame) {
  SocProfile soc = soc910b2();
  soc.cubeCores = 1; // one core runs all work units
  std::map<ProtocolFault, int> seen;
  for (const Sampled& one : sample(7, 300)) {
    SCOPED_TRACE(one.point.text() + " on " + one.problem.text());
    const Program program = lowered(one.point, one.problem);
    sim::HazardOptions options;
    options.limit = 10'000;
    const HazardReport report = sim::findHazards(program, soc, one.problem, options);
    if (one.faults.empty()) {
      ++seen[ProtocolFault::none];
      EXPECT_TRUE(report.clean()) << report.text();
      continue;
    }
    const bool hangs = std::ranges::find(one.faults, ProtocolFault::hang, &ProtocolResult::fault) !=
                       one.faults.end();
    EXPECT_EQ(report.run.outcome == sim::Outcome::hang, hangs) << report.text();
    for (const ProtocolResult& fault : one.faults) {
      ++seen[fault.fault];
      if (!hangs && (fault.fault == ProtocolFault::slot || fault.fault == ProtocolFault::ring)) {
        EXPECT_NE(find(report, fault), nullptr) << fault.summary << '\n' << report.text();
      }
    }
  }
  EXPECT_GT(seen[ProtocolFault::none], 60);
  EXPECT_GT(seen[ProtocolFault::hang], 5);
  EXPECT_GT(seen[ProtocolFault::slot], 5);
  EXPECT_GT(seen[ProtocolFault::ring], 30);
}

} // namespace
} // namespace ptotune
