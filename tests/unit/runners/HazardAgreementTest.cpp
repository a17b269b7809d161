// Two derivations of one truth, switched off against each other: what the protocol rules say of a
// point from the family's schedule, and what the hazard checker finds in the Program that the
// compiler makes of it all the same.
#include "Lowered.h"
#include "runners/sim/Functional.h"
#include "space/EventGraph.h"
#include "space/fa/FaSchedule.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <regex>
#include <string>

namespace ptotune {
namespace {

using sim::Hazard;
using sim::HazardKind;
using sim::HazardReport;
using test::soc910b2;

// What a rule's witness says: tile `reader` of the ring may be overwritten by tile `writer`.
struct Witness {
  std::string object; // as the Program calls it
  std::int64_t reader = 0;
  std::int64_t writer = 0;
};

std::optional<Witness> witnessOf(const ProtocolResult& result) {
  static const std::regex pattern(
      "(.*) tile ([0-9]+) may be overwritten by tile ([0-9]+) before it is read .*");
  static const std::map<std::string, std::string> objects = {
      {"QK", "qk"}, {"P", "p"}, {"PV", "pv"}, {"rescale factor", "exp_max"}};
  std::smatch match;
  if (!std::regex_match(result.summary, match, pattern))
    return std::nullopt;
  return Witness{objects.at(match[1]), std::stoll(match[2]), std::stoll(match[3])};
}

// The first hazard over the witness's ring, if it is the one that the witness names.
const Hazard* named(const HazardReport& report, const Witness& witness) {
  for (const Hazard& hazard : report.hazards) {
    if (hazard.object != witness.object)
      continue;
    const bool wrongTile = hazard.kind == HazardKind::wrongTile;
    const std::int64_t reader = wrongTile ? hazard.secondTile : hazard.firstTile;
    const std::int64_t writer = wrongTile ? hazard.firstTile : hazard.secondTile;
    return reader == witness.reader && writer == witness.writer ? &hazard : nullptr;
  }
  return nullptr;
}

struct Trial {
  Point point;
  Problem problem;
  std::vector<ProtocolResult> faults; // empty: the rules accept the point
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
    const RuleContext context{trial.problem, soc910b2(), trial.point};
    if (test::rejectsStatically(check(context)))
      continue;
    trial.faults =
        analyseAll(fa::schedule(fa::protocolStructure(trial.problem, trial.point, soc910b2())),
                   soc910b2().fftsCounterMax);
    if (!faultyOnly || !trial.faults.empty())
      trials.push_back(std::move(trial));
  }
  return trials;
}

// Hangs hang; what the rules accept is free of hazards; what they reject is named.
TEST(HazardAgreement, RulesAndCheckerSayTheSame) {
  std::map<ProtocolFault, int> seen;
  for (const bool depths : {false, true})
    for (const Trial& trial : sample(depths ? 5 : 4, 250, depths, false)) {
      SCOPED_TRACE(trial.point.text() + " on " + trial.problem.text());
      const auto program = test::lowered(trial.point, trial.problem);
      const HazardReport report = sim::findHazards(program, soc910b2(), trial.problem);
      if (trial.faults.empty()) {
        ++seen[ProtocolFault::none];
        EXPECT_TRUE(report.clean()) << report.text();
        continue;
      }
      for (const ProtocolResult& fault : trial.faults) {
        ++seen[fault.fault];
        if (fault.fault == ProtocolFault::hang) {
          EXPECT_EQ(report.run.outcome, sim::Outcome::hang) << report.text();
        } else if (const auto witness = witnessOf(fault)) {
          EXPECT_EQ(report.run.outcome, sim::Outcome::finished) << report.text();
          EXPECT_NE(named(report, *witness), nullptr) << fault.summary << '\n' << report.text();
        }
      }
    }
  EXPECT_GT(seen[ProtocolFault::none], 100);
  EXPECT_GT(seen[ProtocolFault::hang], 20);
  EXPECT_GT(seen[ProtocolFault::slot], 15);
  EXPECT_GT(seen[ProtocolFault::ring], 30);
}

// Whether a hazard can reach the numbers. GU(0) multiplies an output that is still zero, so the
// rescale factor of tile 0 does not matter.
bool matters(const Witness& witness, const HazardReport& report) {
  if (witness.object != "exp_max")
    return true;
  for (const Hazard& hazard : report.hazards)
    if (hazard.object == "exp_max" && hazard.secondTile != 0)
      return true;
  return false;
}

// Each unsafe reuse comes with a delay assignment under which the numbers are wrong.
TEST(HazardAgreement, RejectedPointsComeOutWrong) {
  int slots = 0;
  int rings = 0;
  int harmless = 0;
  for (const Trial& trial : sample(6, 60, true, true)) {
    if (trial.faults.front().fault == ProtocolFault::hang)
      continue;
    SCOPED_TRACE(trial.point.text() + " on " + trial.problem.text());
    const auto program = test::lowered(trial.point, trial.problem);
    const HazardReport report = sim::findHazards(program, soc910b2(), trial.problem);
    for (const ProtocolResult& fault : trial.faults) {
      const auto witness = witnessOf(fault);
      if (!witness)
        continue;
      const Hazard* hazard = named(report, *witness);
      ASSERT_NE(hazard, nullptr) << fault.summary << '\n' << report.text();
      sim::FunctionalOptions options;
      options.hazards = false;
      options.delays = sim::exposing(report, *hazard);
      const auto result = sim::runFunctional(program, soc910b2(), trial.problem, options);
      EXPECT_EQ(result.run.outcome, sim::Outcome::finished) << result.text();
      const bool wrong = matters(*witness, report);
      EXPECT_EQ(result.agreement.right(), !wrong) << fault.summary << '\n' << result.text();
      ++(!wrong ? harmless : fault.fault == ProtocolFault::slot ? slots : rings);
    }
  }
  EXPECT_GT(slots, 3);
  EXPECT_GT(rings, 10);
  RecordProperty("harmless", harmless);
}

} // namespace
} // namespace ptotune
