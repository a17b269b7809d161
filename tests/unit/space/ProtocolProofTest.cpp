#include "space/fa/FaSchedule.h"
#include "space/protocol/Proof.h"
#include "tests/support/LongMode.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <random>
#include <vector>

using namespace ptotune;

namespace {

constexpr int kCounterMax = 15;

fa::ProtocolStructure structure(int tiles, int preload, int slots, int expRing, bool many) {
  fa::ProtocolStructure s;
  s.tiles = tiles;
  s.preload = preload;
  for (int f = 0; f < 3; ++f) {
    s.slots[f] = slots;
    s.periods[f] = slots <= 2 ? slots : slots / 2;
  }
  s.expRing = expRing;
  s.manySubtiles = many;
  return s;
}

struct Case {
  const char* why;
  fa::ProtocolStructure structure;
  ProtocolFault fault;
};

class Verdicts : public testing::TestWithParam<Case> {};

TEST_P(Verdicts, AreAsReasoned) {
  const auto result = analyse(fa::schedule(GetParam().structure), kCounterMax);
  EXPECT_EQ(result.fault, GetParam().fault) << GetParam().why << ": " << result.summary;
}

INSTANTIATE_TEST_SUITE_P(
    FlashAttention, Verdicts,
    testing::Values(
        Case{"the manual kernel", structure(32, 4, 8, 8, true), ProtocolFault::none},
        Case{"one tile", structure(1, 4, 8, 8, true), ProtocolFault::none},
        Case{"fewer tiles than preloaded", structure(3, 8, 8, 8, true), ProtocolFault::none},
        Case{"preload beyond the rings", structure(32, 8, 2, 16, true), ProtocolFault::hang},
        Case{"the same with few tiles fits", structure(2, 8, 2, 16, true), ProtocolFault::none},
        Case{"P(8) comes before GU(0)", structure(32, 8, 8, 8, true), ProtocolFault::ring},
        Case{"one entry more", structure(32, 8, 10, 9, true), ProtocolFault::none},
        Case{"seven slots: period 3, the first wait is at tile 9", structure(32, 8, 7, 16, true),
             ProtocolFault::slot},
        Case{"five slots, kept safe by the order of stages", structure(32, 4, 5, 5, true),
             ProtocolFault::none},
        Case{"one slot, one tile ahead", structure(32, 1, 1, 2, false), ProtocolFault::none}));

TEST(ProtocolProof, HangNamesWhereBothCoresStand) {
  const auto result = analyse(fa::schedule(structure(32, 8, 2, 16, true)), kCounterMax);
  ASSERT_EQ(result.fault, ProtocolFault::hang);
  ASSERT_EQ(result.witness.size(), 2u);
  EXPECT_EQ(result.witness[0], "cube waits in TALLOC QK tile 4 for the free of tile 3, which vec "
                               "gives after TALLOC P tile 2");
  EXPECT_EQ(result.witness[1], "vec waits in TALLOC P tile 2 for the free of tile 1, which cube "
                               "gives after TALLOC QK tile 4");
}

TEST(ProtocolProof, UnsafeReuseNamesBothOperations) {
  const auto result = analyse(fa::schedule(structure(32, 8, 8, 8, true)), kCounterMax);
  ASSERT_EQ(result.fault, ProtocolFault::ring);
  EXPECT_EQ(result.witness[0], "overwrites: vec write of rescale factor tile 9 (P stage)");
  EXPECT_EQ(result.witness[1], "still reads: vec read of rescale factor tile 1 (GU stage)");
}

// GU(t) before P(t + preload) needs one entry less.
TEST(ProtocolProof, GuFirstFreesAFactorEarlier) {
  for (int preload = 1; preload <= 8; ++preload)
    for (int ring = 1; ring <= 10; ++ring) {
      fa::ProtocolStructure s = structure(40, preload, 16, ring, true);
      EXPECT_EQ(analyse(fa::schedule(s), kCounterMax).fault == ProtocolFault::none, ring > preload)
          << preload << " " << ring;
      s.guFirst = true;
      EXPECT_EQ(analyse(fa::schedule(s), kCounterMax).fault == ProtocolFault::none, ring >= preload)
          << preload << " " << ring;
    }
}

// A producer that nobody holds back: with a period of 20 its first credit comes too late for a
// counter of 15.
TEST(ProtocolProof, CounterOverflow) {
  Schedule schedule;
  schedule.tiles = 17;
  schedule.fifos = {{"X", Core::cube, 20, 20}};
  for (int t = 0; t < 17; ++t) {
    schedule.order[0].push_back({Core::cube, Pipe::fix, EventKind::push, 0, t, "X"});
    schedule.order[1].push_back({Core::vector, Pipe::s, EventKind::pop, 0, t, "X"});
  }
  const auto result = analyse(schedule, kCounterMax);
  EXPECT_EQ(result.fault, ProtocolFault::counter);
  EXPECT_EQ(result.operand, 16);
  EXPECT_EQ(analyse(schedule, 17).fault, ProtocolFault::none);
}

TEST(ProtocolProof, ASignalThatNobodyGivesIsAHang) {
  Schedule schedule;
  schedule.tiles = 1;
  schedule.fifos = {{"X", Core::cube, 2, 2}};
  schedule.order[1].push_back({Core::vector, Pipe::s, EventKind::pop, 0, 0, "X"});
  const auto result = analyse(schedule, kCounterMax);
  EXPECT_EQ(result.fault, ProtocolFault::hang);
  EXPECT_EQ(result.witness.at(0), "vec waits in TPOP X tile 0 for a signal that nobody gives");
}

// The witness as a drawing: from what is held over the signal to what holds that one back, and
// round.
TEST(ProtocolProof, AHangIsDrawnAsItsCycle) {
  const auto result = analyse(fa::schedule(structure(32, 8, 2, 16, true)), kCounterMax);
  ASSERT_EQ(result.links.size(), 4u);
  const auto line = [&](std::size_t i) {
    return fmt::format("{} {} {}", result.links[i].from, result.links[i].why, result.links[i].to);
  };
  EXPECT_EQ(line(0), "cube TALLOC QK tile 4 waits for vec TFREE QK tile 3");
  EXPECT_EQ(line(1), "vec TFREE QK tile 3 comes after vec TALLOC P tile 2");
  EXPECT_EQ(line(2), "vec TALLOC P tile 2 waits for cube TFREE P tile 1");
  EXPECT_EQ(line(3), "cube TFREE P tile 1 comes after cube TALLOC QK tile 4");
}

// What is live with more tiles is live with fewer (docs/protocol.md).
TEST(ProtocolProof, FewerTilesAreLiveWhereMoreAre) {
  std::mt19937 random(9);
  int live = 0;
  for (int round = 0; round < 2000; ++round) {
    fa::ProtocolStructure s = structure(2 + static_cast<int>(random() % 40),
                                        1 + static_cast<int>(random() % 8), 1, 16, random() % 2);
    for (int f = 0; f < 3; ++f) {
      s.slots[f] = 1 + static_cast<int>(random() % 9);
      s.periods[f] = s.slots[f] <= 2 ? s.slots[f] : s.slots[f] / 2;
    }
    s.guFirst = random() % 2;
    if (analyse(fa::schedule(s), kCounterMax).fault == ProtocolFault::hang)
      continue;
    ++live;
    --s.tiles;
    ASSERT_NE(analyse(fa::schedule(s), kCounterMax).fault, ProtocolFault::hang)
        << fmt::format("{} tiles preload {} slots {} {} {}", s.tiles, s.preload, s.slots[0],
                       s.slots[1], s.slots[2]);
  }
  EXPECT_GT(live, 500);
}

SocProfile halfPeriods() {
  SocProfile soc;
  soc.syncPeriodPolicy = "half";
  return soc;
}

// A structure for a key loop of 200 to 400 tiles, half of them with rings of one depth.
fa::ProtocolStructure randomLongLoop(std::mt19937& random, fa::Loops loops) {
  Problem problem;
  Point point;
  point.set(Param::qkPreload, 1 + static_cast<std::int64_t>(random() % 8));
  const bool oneDepth = random() % 2 == 0;
  std::int64_t slots = 0;
  for (const Param depth : {Param::slotNumQK, Param::slotNumP, Param::slotNumPV, Param::expRing}) {
    if (slots == 0 || !oneDepth)
      slots = 1 + static_cast<std::int64_t>(random() % 16);
    point.set(depth, slots);
  }
  if (random() % 2)
    point.set(Param::vecOrder, static_cast<std::int64_t>(VecOrder::guFirst));
  if (random() % 2)
    point.set(Param::cubeS1, point.tileS1());
  if (random() % 2)
    point.set(Param::pipeModel, static_cast<std::int64_t>(PipeModel::tileOffset));
  problem.s1 = (200 + static_cast<std::int64_t>(random() % 200)) * point.tileS1();
  return fa::protocolStructure(problem, point, halfPeriods(), loops);
}

std::vector<ProtocolFault> kinds(const ProtocolProof& proof) {
  std::vector<ProtocolFault> all;
  std::ranges::transform(proof.faults, std::back_inserter(all), &ProtocolResult::fault);
  return all;
}

// What docs/protocol.md proves: a shortened loop whose clocks recur has the verdict of the whole
// one, fault by fault. Few do not recur; the rules judge those whole.
TEST(ProtocolProof, ShortenedLoopsDecideWholeOnes) {
  const unsigned rounds = test::longMode() ? 20'000 : 1'000;
  std::map<std::size_t, int> faults;
  unsigned open = 0;
  for (unsigned seed = 0; seed < rounds; ++seed) {
    std::mt19937 once(seed);
    std::mt19937 again(seed);
    const fa::ProtocolStructure shortened = randomLongLoop(once, fa::Loops::unrolled);
    const fa::ProtocolStructure whole = randomLongLoop(again, fa::Loops::whole);
    if (shortened.tiles == whole.tiles)
      continue; // long periods
    const ProtocolProof proof = fa::analyse(shortened, kCounterMax);
    open += proof.longerToo ? 0 : 1;
    if (!proof.longerToo)
      continue;
    ASSERT_EQ(kinds(proof), kinds(fa::analyse(whole, kCounterMax)))
        << "seed " << seed << ", " << shortened.tiles << " of " << whole.tiles << " tiles";
    ++faults[proof.faults.size()];
  }
  EXPECT_LT(open, rounds / 100);
  for (const std::size_t count : {0U, 1U, 2U})
    EXPECT_GT(faults[count], static_cast<int>(rounds / 50)) << count << " faults";
}

// Clocks that differ from those of a period before say nothing of longer loops.
TEST(ProtocolProof, AnIrregularLoopDecidesItselfAlone) {
  Schedule schedule = fa::schedule(structure(60, 2, 4, 8, true));
  ASSERT_TRUE(analyseAll(schedule, kCounterMax).longerToo);
  auto& vector = schedule.order[static_cast<std::size_t>(Core::vector)];
  const auto read = std::ranges::find_if(
      vector, [](const Event& e) { return e.kind == EventKind::read && e.tile == 50; });
  ASSERT_NE(read, vector.end());
  read->needs = {-1, -1};
  EXPECT_FALSE(analyseAll(schedule, kCounterMax).longerToo);
}

} // namespace
