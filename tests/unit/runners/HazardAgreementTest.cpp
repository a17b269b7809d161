// Two derivations of one truth, switched off against each other: what the protocol rules say of a
// point from the family's schedule, and what the hazard checker finds in the Program that the
// compiler makes of it all the same. 'pto-tune agree' holds them against each other over a space;
// here are seeded samples, with rings of every depth.
#include "Lowered.h"
#include "runners/Agreement.h"
#include "space/fa/FaSchedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

namespace ptotune {
namespace {

using sim::HazardKind;
using test::soc910b2;

struct Trial {
  Point point;
  Problem problem;
  Explanation explanation;
};

// Points that the static rules accept. `depths`: give every ring a depth of its own.
std::vector<Trial> sample(unsigned seed, std::size_t count, bool depths, bool faultyOnly) {
  const auto space = loadSpace(test::config("spaces/fa.toml"));
  EXPECT_TRUE(space.ok());
  std::mt19937 random(seed);
  std::vector<Trial> trials;
  while (trials.size() < count) {
    Trial trial{test::randomPoint(*space, random), {}, {}};
    if (depths)
      for (const Param param :
           {Param::slotNumQK, Param::slotNumP, Param::slotNumPV, Param::expRing})
        trial.point.set(param, 1 + static_cast<std::int64_t>(random() % 16));
    const std::int64_t tiles = 1 + static_cast<std::int64_t>(random() % 24);
    trial.problem = test::problemOf(trial.point.cubeS0(),
                                    std::min<std::int64_t>(tiles * trial.point.tileS1(), 2048), 64);
    trial.explanation = explain({trial.problem, soc910b2(), trial.point});
    if (!rejectsStatically(trial.explanation) && !(faultyOnly && trial.explanation.legal()))
      trials.push_back(std::move(trial));
  }
  return trials;
}

// Hangs hang; what the rules accept is free of hazards; what they reject is named.
TEST(HazardAgreement, RulesAndCheckerSayTheSame) {
  std::map<std::string, int> seen;
  for (const bool depths : {false, true})
    for (const Trial& trial : sample(depths ? 5 : 4, 250, depths, false)) {
      SCOPED_TRACE(trial.point.text() + " on " + trial.problem.text());
      const auto program = test::lowered(trial.point, trial.problem);
      const auto comparisons =
          compare(trial.explanation, examine(program, soc910b2(), trial.problem));
      EXPECT_FALSE(comparisons.empty());
      for (const Comparison& comparison : comparisons) {
        ++seen[comparison.rule];
        EXPECT_TRUE(comparison.agrees) << comparison.rule << ": " << comparison.text;
      }
    }
  EXPECT_GT(seen[""], 100);
  EXPECT_GT(seen["protocol.hang"], 20);
  EXPECT_GT(seen["protocol.slot"], 15);
  EXPECT_GT(seen["protocol.ring"], 30);
}

// A reuse near the end of a loop that the proof shortens: the verdict names the tiles that the
// kernel has there, not those of the shortened loop.
TEST(HazardAgreement, NamesTheTilesOfTheWholeLoop) {
  const Problem problem = test::problemOf(256, 2048, 64);
  for (const char* text : {"TILE_S1=32,CUBE_S1=32,CUBE_S0=64,QK_PRELOAD=6,SlotNumQK=4,SlotNumP=8,"
                           "SlotNumPV=5,LocalSlotNum=4,PIPE_MODEL=tile,EXP_RING=9,"
                           "VEC_ORDER=gu_first",
                           "TILE_S1=32,CUBE_S1=32,CUBE_S0=256,QK_PRELOAD=8,SlotNumQK=1,SlotNumP=9,"
                           "SlotNumPV=5,EN_UNIT_FLAG=0,EXP_RING=5,VEC_ORDER=gu_first"}) {
    SCOPED_TRACE(text);
    const Point point = *Point::parse(text, Point());
    EXPECT_LT(fa::protocolStructure(problem, point, soc910b2()).tiles, fa::tiles(problem, point));
    const auto program = test::lowered(point, problem);
    const auto comparisons =
        compare(explain({problem, soc910b2(), point}), examine(program, soc910b2(), problem));
    EXPECT_EQ(std::ranges::count(comparisons, "protocol.slot", &Comparison::rule), 1);
    for (const Comparison& comparison : comparisons)
      EXPECT_TRUE(comparison.agrees) << comparison.rule << ": " << comparison.text;
  }
}

// Each unsafe reuse comes with a delay assignment under which the numbers are wrong.
TEST(HazardAgreement, RejectedPointsComeOutWrong) {
  std::map<std::string, int> wrong;
  for (const Trial& trial : sample(6, 60, true, true)) {
    SCOPED_TRACE(trial.point.text() + " on " + trial.problem.text());
    const auto program = test::lowered(trial.point, trial.problem);
    const ProgramEvidence evidence = examine(program, soc910b2(), trial.problem);
    for (const Comparison& comparison : compare(trial.explanation, evidence)) {
      if (comparison.hazard < 0)
        continue;
      const auto result = runNumbers(program, soc910b2(), sim::AttentionCase(trial.problem, 1),
                                     comparison, evidence);
      EXPECT_EQ(objection(comparison, result), "") << comparison.rule;
      ++wrong[comparison.rule];
    }
  }
  EXPECT_GT(wrong["protocol.slot"], 3);
  EXPECT_GT(wrong["protocol.ring"], 10);
}

// --- What counts as a disagreement -------------------------------------------------------------

Finding rejection(const char* rule, const char* object, std::int64_t reader, std::int64_t writer) {
  Finding finding{.rule = rule};
  finding.object = object;
  finding.operands = {{"reader", reader}, {"writer", writer}};
  return finding;
}

sim::Hazard hazard(HazardKind kind, const char* object, std::int64_t first, std::int64_t second) {
  sim::Hazard made;
  made.kind = kind;
  made.object = object;
  made.firstTile = first;
  made.secondTile = second;
  made.text = {"a hazard"};
  return made;
}

ProgramEvidence evidenceOf(std::vector<sim::Hazard> hazards) {
  ProgramEvidence evidence;
  evidence.found = static_cast<std::int64_t>(hazards.size());
  evidence.exposing.resize(hazards.size());
  evidence.first = std::move(hazards);
  return evidence;
}

struct Judged {
  const char* name;
  std::vector<Finding> rejections;
  ProgramEvidence evidence;
  bool agrees;
};

class Comparing : public testing::TestWithParam<Judged> {};

TEST_P(Comparing, SaysWhetherTheyAgree) {
  const auto comparisons = compare({GetParam().rejections, {}}, GetParam().evidence);
  ASSERT_EQ(comparisons.size(), 1u);
  EXPECT_EQ(comparisons[0].agrees, GetParam().agrees) << comparisons[0].text;
  EXPECT_EQ(comparisons[0].text.empty(), GetParam().agrees);
}

ProgramEvidence stopped(sim::Outcome outcome) {
  ProgramEvidence evidence;
  evidence.run.outcome = outcome;
  return evidence;
}

const Finding kSlot = rejection("protocol.slot", "PV", 3, 5);
const Finding kRing = rejection("protocol.ring", "rescale factor", 0, 4);

INSTANTIATE_TEST_SUITE_P(
    Cases, Comparing,
    testing::Values(
        Judged{"AcceptedAndClean", {}, evidenceOf({}), true},
        Judged{"AcceptedWithHazard",
               {},
               evidenceOf({hazard(HazardKind::unorderedRead, "qk", 0, 0)}),
               false},
        Judged{"AcceptedButHangs", {}, stopped(sim::Outcome::hang), false},
        Judged{"AcceptedButErrs", {}, stopped(sim::Outcome::protocolError), false},
        Judged{"HangHangs", {{.rule = "protocol.hang"}}, stopped(sim::Outcome::hang), true},
        Judged{"HangFinishes", {{.rule = "protocol.hang"}}, evidenceOf({}), false},
        Judged{"CounterOverflows",
               {{.rule = "protocol.counter"}},
               stopped(sim::Outcome::protocolError),
               true},
        Judged{"SlotNamed",
               {kSlot},
               evidenceOf({hazard(HazardKind::unorderedOverwrite, "pv", 3, 5)}),
               true},
        Judged{"SlotOfAnotherTile",
               {kSlot},
               evidenceOf({hazard(HazardKind::unorderedOverwrite, "pv", 3, 4)}),
               false},
        Judged{"SlotOfAnotherFifo",
               {kSlot},
               evidenceOf({hazard(HazardKind::unorderedOverwrite, "qk", 3, 5)}),
               false},
        Judged{"SlotWithoutHazard", {kSlot}, evidenceOf({}), false},
        Judged{"SlotHangs", {kSlot}, stopped(sim::Outcome::hang), false},
        // A read of the wrong tile names the writer first.
        Judged{"RingNamed",
               {kRing},
               evidenceOf({hazard(HazardKind::wrongTile, "exp_max", 4, 0)}),
               true},
        Judged{"RingTheOtherWay",
               {kRing},
               evidenceOf({hazard(HazardKind::wrongTile, "exp_max", 0, 4)}),
               false}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Comparing, StaticRejectionsHaveNoProgram) {
  EXPECT_TRUE(
      compare({{{.rule = "capacity.ub"}, {.rule = "protocol.slot"}}, {}}, evidenceOf({})).empty());
}

} // namespace
} // namespace ptotune
