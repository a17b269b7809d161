// Lowered kernels with data: legal points compute attention and are free of hazards, and faults
// that are put into their programs are named.
#include "runners/sim/Functional.h"

#include "Lowered.h"
#include "tests/unit/sim/Mutate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace ptotune {
namespace {

using program::InstrKind;
using program::Program;
using sim::Delays;
using sim::FunctionalOptions;
using sim::FunctionalResult;
using sim::Hazard;
using sim::HazardKind;
using sim::HazardReport;
using test::find;
using test::isFifo;
using test::isFlag;
using test::isOp;
using test::lowered;
using test::pointOf;
using test::problemOf;
using test::soc910b2;
using testing::HasSubstr;

enum Fifo : std::int32_t { kQk, kP, kPv };

// --- Points that are right ---------------------------------------------------------------------

struct Shape {
  const char* name;
  const char* point;
  std::int64_t head, s0, s1;
};

class Functional : public testing::TestWithParam<Shape> {};

TEST_P(Functional, ComputesAttention) {
  const Shape& run = GetParam();
  const Problem problem = problemOf(run.s0, run.s1, run.head);
  const Program program = lowered(pointOf(run.point), problem);
  const FunctionalResult result = sim::runFunctional(program, soc910b2(), problem);
  EXPECT_TRUE(result.right()) << result.text();
  EXPECT_LE(result.agreement.maxAbs, 1e-4) << result.text();
  EXPECT_TRUE(result.hazards.clean()) << result.text();
  RecordProperty("agreement", result.agreement.text());
  RecordProperty("seed", std::to_string(result.seed));
}

INSTANTIATE_TEST_SUITE_P(
    Points, Functional,
    testing::Values(Shape{"Default", "", 128, 128, 1024},
                    Shape{"UnitFlagOff", "EN_UNIT_FLAG=0", 128, 128, 1024},
                    Shape{"SmallHead", "", 64, 128, 1024},
                    Shape{"FewRows", "CUBE_S0=64", 128, 128, 1024},
                    Shape{"OnePart", "TILE_S1=128", 128, 128, 1024},
                    Shape{"ManyParts", "TILE_S1=512,CUBE_S1=64", 128, 128, 2048},
                    Shape{"WideSubtile", "CUBE_S0=64,TILE_S1=256,CUBE_S1=256", 128, 64, 1024},
                    Shape{"ManyTiles", "TILE_S1=32,CUBE_S1=32,SlotNum=6", 64, 128, 1280},
                    Shape{"ManyRows", "CUBE_S0=256,TILE_S1=128,CUBE_S1=64", 64, 256, 1024},
                    Shape{"SeveralCores", "TILE_S1=128", 64, 384, 1024}),
    [](const auto& info) { return std::string(info.param.name); });

// The error of few keys is larger: P is rounded to fp16, and few terms average it out.
TEST(FunctionalShapes, FewTiles) {
  for (const std::int64_t tiles : {1, 2, 3, 5}) {
    const Problem problem = problemOf(128, 256 * tiles);
    const Program program = lowered(Point(), problem);
    const FunctionalResult result = sim::runFunctional(program, soc910b2(), problem);
    EXPECT_TRUE(result.right()) << result.text();
    EXPECT_LE(result.agreement.maxAbs, 3e-4) << result.text();
    EXPECT_TRUE(result.hazards.clean()) << result.text();
  }
}

// Several blocks on one core: what a block leaves behind suits the next.
TEST(FunctionalShapes, ManyBlocksOnACore) {
  SocProfile soc = soc910b2();
  soc.cubeCores = 1;
  const Problem problem = problemOf(3 * 128, 7 * 128);
  for (const char* changes : {"TILE_S1=128,SlotNum=6", "TILE_S1=128,SlotNum=8,EN_UNIT_FLAG=0"}) {
    const Program program = lowered(pointOf(changes), problem);
    const FunctionalResult result = sim::runFunctional(program, soc, problem);
    EXPECT_EQ(result.run.waves, 3);
    EXPECT_TRUE(result.right()) << result.text();
    EXPECT_TRUE(result.hazards.clean()) << result.text();
  }
}

TEST(FunctionalShapes, DelaysDoNotChangeNumbers) {
  const Problem problem = problemOf(128, 1024);
  const Program program = lowered(Point(), problem);
  const sim::AttentionCase attention(problem, 11);
  FunctionalOptions options;
  options.hazards = false;
  const FunctionalResult prompt = sim::runFunctional(program, soc910b2(), attention, options);
  ASSERT_TRUE(prompt.right()) << prompt.text();
  options.delays.randomCycles = 20'000;
  for (options.delays.seed = 1; options.delays.seed <= 5; ++options.delays.seed) {
    const FunctionalResult late = sim::runFunctional(program, soc910b2(), attention, options);
    EXPECT_GT(late.run.cycles, prompt.run.cycles);
    EXPECT_EQ(late.out, prompt.out) << "seed " << options.delays.seed;
  }
}

// --- Faults ------------------------------------------------------------------------------------

// Rings no deeper than QK_PRELOAD, so that credits are what keeps slots apart, and tiles enough for
// every ring to come round.
struct Faulty {
  static constexpr std::int64_t kSlots = 4;
  Problem problem = problemOf(128, 12 * 128, 64);
  Program program = lowered(pointOf("TILE_S1=128,SlotNum=4,EXP_RING=5"), problem);

  HazardReport check() const { return sim::findHazards(program, soc910b2(), problem); }
  FunctionalResult run(const Delays& delays = {}) const {
    FunctionalOptions options;
    options.delays = delays;
    options.hazards = false;
    return sim::runFunctional(program, soc910b2(), problem, options);
  }
};

const Hazard* hazardIn(const HazardReport& report, HazardKind kind, const std::string& object) {
  const auto found =
      std::find_if(report.hazards.begin(), report.hazards.end(),
                   [&](const Hazard& h) { return h.kind == kind && h.object == object; });
  return found == report.hazards.end() ? nullptr : &*found;
}

TEST(Faults, NoneToBeginWith) {
  const Faulty faulty;
  EXPECT_TRUE(faulty.check().clean());
  EXPECT_TRUE(faulty.run().right());
}

struct FlagFault {
  const char* name;
  Core core;
  Pipe source, target;
  const char* stage;
};

class FlagFaults : public testing::TestWithParam<FlagFault> {
protected:
  program::Body& body(Faulty& faulty) const {
    return GetParam().core == Core::cube ? faulty.program.cube : faulty.program.vector;
  }
  test::Match in(InstrKind kind) const {
    const FlagFault& fault = GetParam();
    return test::both(isFlag(fault.source, fault.target), [=](const program::Instr& instr) {
      return instr.kind == kind && instr.stage == fault.stage;
    });
  }
  // A flag of the two pipes, whichever way.
  testing::Matcher<std::string> namesFlag() const {
    return testing::AllOf(HasSubstr("event flag PIPE_"), HasSubstr(name(GetParam().source)),
                          HasSubstr(name(GetParam().target)));
  }
};

// Nobody sets what is waited for.
TEST_P(FlagFaults, SetIsRemoved) {
  Faulty faulty;
  test::removeAll(body(faulty), in(InstrKind::setFlag));
  const HazardReport report = faulty.check();
  EXPECT_EQ(report.run.outcome, sim::Outcome::hang) << report.text();
  EXPECT_THAT(report.run.detailText(), namesFlag());
}

// Nobody takes what is set, so it is set twice; or the pipe runs ahead and sets its own flag twice.
TEST_P(FlagFaults, WaitIsRemoved) {
  Faulty faulty;
  test::removeAll(body(faulty), in(InstrKind::waitFlag));
  const HazardReport report = faulty.check();
  EXPECT_EQ(report.run.outcome, sim::Outcome::protocolError) << report.text();
  EXPECT_THAT(report.run.detailText(), namesFlag());
}

// The first set names another event: its wait hangs, or the flag that it now sets is set twice.
TEST_P(FlagFaults, EventIsSwapped) {
  Faulty faulty;
  const test::Spot set = find(body(faulty), in(InstrKind::setFlag));
  faulty.program.exprs.push_back({program::ExprKind::constant, 7, -1, -1});
  set.instr().event = static_cast<program::ExprId>(faulty.program.exprs.size()) - 1;
  const HazardReport report = faulty.check();
  EXPECT_NE(report.run.outcome, sim::Outcome::finished) << report.text();
  EXPECT_THAT(report.run.detailText(), namesFlag());
}

INSTANTIATE_TEST_SUITE_P(
    Faults, FlagFaults,
    testing::Values(FlagFault{"KeysLoaded", Core::cube, Pipe::mte2, Pipe::mte1, "QK"},
                    FlagFault{"OperandsExtracted", Core::cube, Pipe::mte1, Pipe::m, "QK"},
                    FlagFault{"ScoresLoaded", Core::vector, Pipe::mte2, Pipe::v, "P"},
                    FlagFault{"ProbabilitiesReady", Core::vector, Pipe::v, Pipe::mte3, "P"},
                    FlagFault{"ProductLoaded", Core::vector, Pipe::mte2, Pipe::v, "GU"}),
    [](const auto& info) { return std::string(info.param.name); });

// The delays of a hazard show it in the numbers.
void expectExposed(const Faulty& faulty, const HazardReport& report, const Hazard& hazard) {
  const FunctionalResult result = faulty.run(sim::exposing(report, hazard));
  EXPECT_EQ(result.run.outcome, sim::Outcome::finished) << result.text();
  EXPECT_FALSE(result.agreement.right()) << result.text();
}

TEST(Faults, OrderIsRemoved) {
  Faulty faulty;
  for (const InstrKind kind : {InstrKind::setFlag, InstrKind::waitFlag})
    test::removeAll(faulty.program.vector,
                    test::both(isFlag(Pipe::mte2, Pipe::v), test::isKind(kind)));
  const HazardReport report = faulty.check();
  const Hazard* hazard = hazardIn(report, HazardKind::unorderedRead, "vec_in");
  ASSERT_NE(hazard, nullptr) << report.text();
  EXPECT_EQ(hazard->first.pipe, Pipe::mte2);
  EXPECT_EQ(hazard->second.pipe, Pipe::v);
  const FunctionalResult result = faulty.run();
  EXPECT_FALSE(result.right()) << result.text();
}

TEST(Faults, BarrierIsRemoved) {
  Faulty faulty;
  test::removeAll(faulty.program.vector, test::isKind(InstrKind::barrier));
  const HazardReport report = faulty.check();
  EXPECT_NE(hazardIn(report, HazardKind::unorderedRead, "tile_max"), nullptr) << report.text();
  const FunctionalResult result = faulty.run();
  EXPECT_EQ(result.run.outcome, sim::Outcome::finished);
  EXPECT_FALSE(result.agreement.right()) << result.text();
}

TEST(Faults, FreedBeforeTheLastLoad) {
  for (const auto& [fifo, object, stage] :
       {std::tuple(kQk, "qk", "P"), std::tuple(kPv, "pv", "GU")}) {
    Faulty faulty;
    const auto frees = test::findAll(faulty.program.vector, isFifo(InstrKind::tfree, fifo));
    for (std::size_t i = 0; i < frees.size(); ++i) {
      const test::Spot free = find(faulty.program.vector, isFifo(InstrKind::tfree, fifo), i);
      // The load before it in the same body.
      std::size_t load = free.index;
      while (!isOp(Op::tload, stage)(std::get<program::Instr>((*free.body)[load])))
        --load;
      test::moveBefore(free, {free.body, load});
    }
    const HazardReport report = faulty.check();
    const Hazard* misuse = hazardIn(report, HazardKind::misuse, object);
    ASSERT_NE(misuse, nullptr) << report.text();
    EXPECT_EQ(misuse->secondTile, 0);
    EXPECT_THAT(misuse->text.front(), HasSubstr("freed (TFREE) before"));
    const Hazard* race = hazardIn(report, HazardKind::unorderedOverwrite, object);
    ASSERT_NE(race, nullptr) << report.text();
    EXPECT_EQ(race->secondTile, race->firstTile + Faulty::kSlots);
    expectExposed(faulty, report, *race);
  }
}

TEST(Faults, CommittedTwice) {
  Faulty faulty;
  test::repeat(find(faulty.program.cube, isFifo(InstrKind::tpush, kQk)));
  const HazardReport report = faulty.check();
  EXPECT_EQ(report.run.outcome, sim::Outcome::protocolError);
  EXPECT_EQ(report.run.detailText(),
            "AIC QK tile 0: TPUSH(qk): of tile 1 of the FIFO, which was not allocated");
}

// Three slots with the credits of four: tile 3 goes to slot 0 without one.
TEST(Faults, RingOneSlotTooShort) {
  for (const auto& [fifo, object] : {std::pair(kQk, "qk"), std::pair(kP, "p"), {kPv, "pv"}}) {
    Faulty faulty;
    faulty.program.fifos[static_cast<std::size_t>(fifo)].slots = Faulty::kSlots - 1;
    const HazardReport report = faulty.check();
    const Hazard* race = hazardIn(report, HazardKind::unorderedOverwrite, object);
    ASSERT_NE(race, nullptr) << object << ": " << report.text();
    EXPECT_EQ(race->firstTile, 0);
    EXPECT_EQ(race->secondTile, Faulty::kSlots - 1);
    EXPECT_EQ(race->place, 0);
    expectExposed(faulty, report, *race);
  }
}

// QK_PRELOAD + 1 factors are alive at once.
TEST(Faults, RescaleRingOneTooShort) {
  Faulty faulty;
  faulty.program = lowered(pointOf("TILE_S1=128,SlotNum=8,EXP_RING=4"), faulty.problem);
  const HazardReport report = faulty.check();
  const Hazard* hazard = hazardIn(report, HazardKind::wrongTile, "exp_max");
  ASSERT_NE(hazard, nullptr) << report.text();
  EXPECT_EQ(hazard->firstTile, 5);
  EXPECT_EQ(hazard->secondTile, 1); // GU(0) reads no factor
  EXPECT_EQ(hazard->place, 1);
  EXPECT_TRUE(sim::exposing(report, *hazard).empty());
  const FunctionalResult result = faulty.run();
  EXPECT_EQ(result.run.outcome, sim::Outcome::finished);
  EXPECT_FALSE(result.agreement.right()) << result.text();
}

} // namespace
} // namespace ptotune
