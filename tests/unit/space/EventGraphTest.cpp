#include "space/EventGraph.h"

#include "space/fa/FaSchedule.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

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

TEST(EventGraph, HangNamesWhereBothCoresStand) {
  const auto result = analyse(fa::schedule(structure(32, 8, 2, 16, true)), kCounterMax);
  ASSERT_EQ(result.fault, ProtocolFault::hang);
  ASSERT_EQ(result.witness.size(), 2u);
  EXPECT_EQ(result.witness[0], "cube waits in TALLOC QK tile 4 for the free of tile 3, which vec "
                               "gives after TALLOC P tile 2");
  EXPECT_EQ(result.witness[1], "vec waits in TALLOC P tile 2 for the free of tile 1, which cube "
                               "gives after TALLOC QK tile 4");
}

TEST(EventGraph, UnsafeReuseNamesBothOperations) {
  const auto result = analyse(fa::schedule(structure(32, 8, 8, 8, true)), kCounterMax);
  ASSERT_EQ(result.fault, ProtocolFault::ring);
  EXPECT_EQ(result.witness[0], "overwrites: vec write of rescale factor tile 9 (P stage)");
  EXPECT_EQ(result.witness[1], "still reads: vec read of rescale factor tile 1 (GU stage)");
}

// GU(t) before P(t + preload) needs one entry less.
TEST(EventGraph, GuFirstFreesAFactorEarlier) {
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
TEST(EventGraph, CounterOverflow) {
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

TEST(EventGraph, ASignalThatNobodyGivesIsAHang) {
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
TEST(EventGraph, AHangIsDrawnAsItsCycle) {
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
TEST(EventGraph, FewerTilesAreLiveWhereMoreAre) {
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

// The same over rings of unequal depths and both orders, seeded.
TEST(EventGraph, UnrollingSufficesForUnequalRings) {
  const SocProfile soc = [] {
    SocProfile profile;
    profile.syncPeriodPolicy = "half";
    return profile;
  }();
  std::mt19937 random(13);
  for (int round = 0; round < 400; ++round) {
    Problem problem;
    Point point;
    const std::int64_t tiles = 100 + static_cast<std::int64_t>(random() % 200);
    problem.s0 = 128;
    problem.s1 = tiles * point.tileS1();
    point.set(Param::qkPreload, 1 + static_cast<std::int64_t>(random() % 8));
    for (const Param depth : {Param::slotNumQK, Param::slotNumP, Param::slotNumPV, Param::expRing})
      point.set(depth, 1 + static_cast<std::int64_t>(random() % 16));
    if (random() % 2)
      point.set(Param::vecOrder, static_cast<std::int64_t>(VecOrder::guFirst));
    fa::ProtocolStructure s = fa::protocolStructure(problem, point, soc);
    const auto decided = analyse(fa::schedule(s), kCounterMax).fault;
    s.tiles = static_cast<std::int32_t>(tiles);
    ASSERT_EQ(decided, analyse(fa::schedule(s), kCounterMax).fault)
        << point.text() << ", " << tiles << " tiles";
  }
}

// The unrolling that protocolStructure() chooses has the verdict of a much longer one.
TEST(EventGraph, UnrollingSuffices) {
  SocProfile soc;
  soc.syncPeriodPolicy = "half";
  for (int slots = 1; slots <= 12; ++slots)
    for (int preload = 1; preload <= 8; ++preload)
      for (const std::int64_t tiles : {61, 64, 67, 200}) {
        Problem problem;
        Point point;
        problem.s1 = tiles * point.tileS1();
        point.set(Param::qkPreload, preload);
        for (const Param depth :
             {Param::slotNumQK, Param::slotNumP, Param::slotNumPV, Param::expRing})
          point.set(depth, slots);
        fa::ProtocolStructure s = fa::protocolStructure(problem, point, soc);
        const auto decided = analyse(fa::schedule(s), kCounterMax).fault;
        s.tiles = static_cast<std::int32_t>(tiles);
        EXPECT_EQ(decided, analyse(fa::schedule(s), kCounterMax).fault)
            << slots << " slots, preload " << preload << ", " << tiles << " tiles";
      }
}

} // namespace
