// Every shape that the rules accept: it lowers, its text is valid IR, its flags order what they
// must, and it computes attention.
#include "HappensBefore.h"
#include "Interpreter.h"
#include "Points.h"
#include "codegen/Ir.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <tuple>

namespace ptotune {
namespace {

using program::CoreArguments;
using program::OrderReport;

class Shapes : public testing::TestWithParam<Point> {};

TEST_P(Shapes, TextOfTheIrIsValid) {
  const LoweredKernel kernel = lowerOrFail(GetParam(), Emit::program | Emit::ir | Emit::frontend);
  for (const std::string* text : {&kernel.ir, &kernel.frontendIr}) {
    ASSERT_FALSE(text->empty());
    const Status status = verifyIr(*text);
    EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().text());
  }
}

// Tiles of the longest sequence checked: more than the preload, so that all three loops run.
constexpr std::int64_t kTiles = 7;

TEST_P(Shapes, FlagsOrderEveryDependence) {
  const Point& point = GetParam();
  const LoweredKernel kernel = lowerOrFail(point, Emit::program);
  for (const std::int64_t tiles : {std::int64_t{1}, point.qkPreload(), kTiles})
    for (const Core core : {Core::cube, Core::vector}) {
      // Two blocks on one core: what a block leaves behind must suit the next.
      const CoreArguments arguments{2 * point.cubeS0(), tiles * point.tileS1(), 0, 1, 1};
      const auto steps = unroll(kernel.program, core, arguments);
      const OrderReport report = checkOrder(kernel.program, steps);
      EXPECT_EQ(report.sets, report.waits);
      EXPECT_GT(report.conflicts, 0);
      for (const std::string& fault : report.faults)
        ADD_FAILURE() << name(core) << " with " << tiles << " tiles: " << fault;
    }
}

// A core without a block has nothing to wait for.
TEST_P(Shapes, IdleCoresBalanceTheirFlags) {
  const Point& point = GetParam();
  const LoweredKernel kernel = lowerOrFail(point, Emit::program);
  for (const Core core : {Core::cube, Core::vector}) {
    const CoreArguments arguments{point.cubeS0(), kTiles * point.tileS1(), 1, 2, 0};
    const OrderReport report = checkOrder(kernel.program, unroll(kernel.program, core, arguments));
    EXPECT_TRUE(report.faults.empty());
    EXPECT_EQ(report.sets, report.waits);
  }
}

// Whether the check finds a fault in runs of one tile or of many, without the steps that `gone`
// names.
template <typename Gone>
bool missed(const program::Program& program, Core core, const Point& point, Gone&& gone) {
  for (const std::int64_t tiles : {std::int64_t{1}, kTiles}) {
    const CoreArguments arguments{2 * point.cubeS0(), tiles * point.tileS1(), 0, 1, 0};
    auto steps = unroll(program, core, arguments);
    std::erase_if(steps, gone);
    if (!checkOrder(program, steps).faults.empty())
      return true;
  }
  return false;
}

bool isFlag(const program::Instr& instr) {
  return instr.kind == program::InstrKind::setFlag || instr.kind == program::InstrKind::waitFlag;
}

// Takes every flag and every barrier of the default point away in turn: none is without a purpose,
// and the check above sees each of them.
TEST(Order, MissesWhatIsTakenAway) {
  const Point point = pointOf("EN_UNIT_FLAG=0");
  const LoweredKernel kernel = lowerOrFail(point, Emit::program);
  for (const Core core : {Core::cube, Core::vector}) {
    const CoreArguments arguments{2 * point.cubeS0(), kTiles * point.tileS1(), 0, 1, 0};
    std::set<const program::Instr*> removable;
    for (const program::Step& step : unroll(kernel.program, core, arguments))
      if (isFlag(*step.instr) || step.instr->kind == program::InstrKind::barrier)
        removable.insert(step.instr);
    EXPECT_GT(removable.size(), 40U);
    for (const program::Instr* gone : removable)
      EXPECT_TRUE(missed(kernel.program, core, point,
                         [gone](const program::Step& step) { return step.instr == gone; }))
          << name(core) << ": nobody misses a " << name(gone->pipe) << " instruction of stage "
          << gone->stage;
  }
}

// The same for all sets and waits of an event id together, so that they stay balanced.
TEST(Order, MissesEventIdsThatAreTakenAway) {
  const Point point = pointOf("EN_UNIT_FLAG=0");
  const LoweredKernel kernel = lowerOrFail(point, Emit::program);
  for (const Core core : {Core::cube, Core::vector}) {
    const CoreArguments arguments{2 * point.cubeS0(), kTiles * point.tileS1(), 0, 1, 0};
    std::set<std::tuple<Pipe, Pipe, std::int64_t>> events;
    for (const program::Step& step : unroll(kernel.program, core, arguments))
      if (isFlag(*step.instr))
        events.insert({step.instr->source, step.instr->target, step.event});
    EXPECT_GE(events.size(), 10U);
    for (const auto& event : events)
      EXPECT_TRUE(missed(kernel.program, core, point,
                         [&event](const program::Step& step) {
                           return isFlag(*step.instr) &&
                                  std::tuple(step.instr->source, step.instr->target, step.event) ==
                                      event;
                         }))
          << name(core) << ": nobody misses " << name(std::get<0>(event)) << " -> "
          << name(std::get<1>(event)) << " #" << std::get<2>(event);
  }
}

INSTANTIATE_TEST_SUITE_P(Legal, Shapes, testing::ValuesIn(legalShapes()),
                         [](const testing::TestParamInfo<Point>& info) {
                           return shapeName(info.param);
                         });

TEST(LegalShapes, AreMoreThanAFew) {
  EXPECT_GE(legalShapes().size(), 40U);
}

//===-- Numbers
//-----------------------------------------------------------------------------------===//

struct Numbers {
  const char* name;
  const char* changes;
  std::int64_t head = 128;
  std::int64_t tiles = 6;
};

class Attention : public testing::TestWithParam<Numbers> {};

TEST_P(Attention, ComesOutRight) {
  const Numbers& run = GetParam();
  const Point point = pointOf(run.changes);
  KernelSpec kernel;
  kernel.head = run.head;
  const LoweredKernel lowered = lowerOrFail(point, Emit::program, kernel);
  // Three blocks on two cores: one core runs two.
  const auto data =
      program::attentionData(run.head, 3 * point.cubeS0(), run.tiles * point.tileS1(), 20260801);
  const program::Execution execution = program::execute(lowered.program, data, 2);
  ASSERT_EQ(execution.fault, "");
  const std::vector<double> expected = program::reference(data);
  ASSERT_EQ(execution.out.size(), expected.size());
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double error = std::abs(static_cast<double>(execution.out[i]) - expected[i]);
    if (!(error <= worst)) // also where it is not a number
      worst = error;
  }
  // P is rounded to fp16: half an ulp of values up to 1, averaged over the keys.
  EXPECT_LT(worst, 2e-4);
}

INSTANTIATE_TEST_SUITE_P(
    Lowering, Attention,
    testing::Values(Numbers{"Default", ""}, Numbers{"UnitFlagOff", "EN_UNIT_FLAG=0"},
                    Numbers{"FewerTilesThanPreload", "", 128, 2}, Numbers{"OneTile", "", 128, 1},
                    Numbers{"OnePart", "TILE_S1=128"},
                    Numbers{"ManyParts", "TILE_S1=512,CUBE_S1=64"},
                    Numbers{"WideSubtile", "CUBE_S0=64,TILE_S1=256,CUBE_S1=256"},
                    Numbers{"NarrowSubtile", "TILE_S1=64,CUBE_S1=32"},
                    Numbers{"OddRings", "SlotNum=5,EXP_RING=7,QK_PRELOAD=3", 128, 8},
                    Numbers{"FewRows", "CUBE_S0=64"}, Numbers{"SmallHead", "", 64},
                    Numbers{"SmallHeadManyRows", "CUBE_S0=256,TILE_S1=128,CUBE_S1=64", 64}),
    [](const testing::TestParamInfo<Numbers>& info) { return info.param.name; });

} // namespace
} // namespace ptotune
