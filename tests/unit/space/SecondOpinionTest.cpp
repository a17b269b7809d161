// A second opinion on the protocol rules: an executor of schedules that knows no graph.
#include "space/PointSet.h"
#include "space/fa/FaSchedule.h"
#include "space/protocol/Proof.h"
#include "tests/support/LongMode.h"
#include "tests/support/SpacePoints.h"
#include "tests/support/TokenGame.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <set>

using namespace ptotune;
using ptotune::test::problemOf;
using ptotune::test::soc910b2;
using ptotune::test::TokenGame;
using ptotune::test::wideSpace;

namespace {

// What the token game says: a hang when it stands still; unsafe when a writer can run although the
// reader of the same entry has not.
ProtocolFault play(const Schedule& schedule) {
  TokenGame game(schedule);
  game.run();
  if (!game.finished())
    return ProtocolFault::hang;
  for (std::size_t c = 0; c < 2; ++c)
    for (std::size_t i = 0; i < schedule.order[c].size(); ++i) {
      const Event& read = schedule.order[c][i];
      const bool slot = read.kind == EventKind::load;
      if (!slot && read.kind != EventKind::read)
        continue;
      TokenGame delayed(schedule);
      delayed.freeze(read.core, i);
      delayed.run();
      const auto object = static_cast<std::size_t>(read.object);
      const int depth = slot ? schedule.fifos[object].slots : schedule.rings[object].depth;
      for (std::size_t w = 0; w < 2; ++w)
        for (std::size_t j = 0; j < schedule.order[w].size(); ++j) {
          const Event& write = schedule.order[w][j];
          const bool same = write.kind == (slot ? EventKind::store : EventKind::write) &&
                            write.object == read.object && write.tile == read.tile + depth;
          if (same && delayed.done(write.core, j))
            return slot ? ProtocolFault::slot : ProtocolFault::ring;
        }
    }
  return ProtocolFault::none;
}

bool unsafe(ProtocolFault fault) {
  return fault == ProtocolFault::slot || fault == ProtocolFault::ring;
}

// Both kinds of reuse may be unsafe at once; either is an answer.
bool agree(ProtocolFault played, ProtocolFault decided) {
  return played == decided || (unsafe(played) && unsafe(decided));
}

// Random structures; the second number is that of the long mode.
int tokenGames() {
  return test::longMode() ? 20'000 : 1000;
}

TEST(SecondOpinion, OnRandomStructures) {
  std::mt19937 random(7);
  std::array<int, 5> seen{};
  for (int round = 0; round < tokenGames(); ++round) {
    fa::ProtocolStructure s;
    s.tiles = 1 + static_cast<int>(random() % 14);
    s.preload = 1 + static_cast<int>(random() % 8);
    s.manySubtiles = random() % 2;
    for (int f = 0; f < 3; ++f) {
      s.slots[f] = 1 + static_cast<int>(random() % 9);
      s.periods[f] = random() % 8 == 0 ? s.slots[f] : s.slots[f] <= 2 ? s.slots[f] : s.slots[f] / 2;
    }
    s.expRing = 1 + static_cast<int>(random() % 10);
    s.guFirst = random() % 2;
    const Schedule schedule = fa::schedule(s);
    const ProtocolFault played = play(schedule);
    const ProtocolFault decided = analyse(schedule, 1000).fault;
    ASSERT_TRUE(agree(played, decided))
        << fmt::format("tiles {} preload {} slots {} {} {} periods {} {} {} ring {} many {}",
                       s.tiles, s.preload, s.slots[0], s.slots[1], s.slots[2], s.periods[0],
                       s.periods[1], s.periods[2], s.expRing, s.manySubtiles)
        << ": played " << static_cast<int>(played) << ", decided " << static_cast<int>(decided);
    ++seen[static_cast<std::size_t>(decided)];
  }
  // The sample meets every outcome.
  for (const ProtocolFault fault :
       {ProtocolFault::none, ProtocolFault::hang, ProtocolFault::slot, ProtocolFault::ring})
    EXPECT_GT(seen[static_cast<std::size_t>(fault)], 20) << static_cast<int>(fault);
}

// The key loops of a point as they are: every number of tiles that a work unit has, not shortened.
std::set<std::int64_t> keyLoops(const Problem& problem, const Point& point) {
  std::set<std::int64_t> loops;
  for (std::int64_t block = 0; block < problem.s0 / point.cubeS0(); ++block) {
    const std::int64_t all = fa::blockTiles(problem, point, block);
    for (std::int64_t part = 0; part < point.kvSplit(); ++part)
      loops.insert(fa::unitTiles(all, point.kvSplit(), part));
  }
  loops.erase(0);
  return loops;
}

// What the game says of all key loops of a point: a hang before an unsafe reuse.
ProtocolFault playPoint(const Problem& problem, const Point& point) {
  ProtocolFault worst = ProtocolFault::none;
  for (const std::int64_t tiles : keyLoops(problem, point)) {
    fa::ProtocolStructure structure = fa::protocolStructure(problem, point, soc910b2());
    structure.tiles = static_cast<std::int32_t>(tiles);
    structure.shorter.clear();
    const ProtocolFault fault = play(fa::schedule(structure));
    if (fault == ProtocolFault::hang)
      return fault;
    if (fault != ProtocolFault::none)
      worst = fault;
  }
  return worst;
}

// What the rules say of it.
ProtocolFault decidePoint(const Problem& problem, const Point& point) {
  ProtocolFault decided = ProtocolFault::none;
  for (const Finding& finding : explain({problem, soc910b2(), point}).rejections) {
    if (finding.rule == "protocol.hang")
      return ProtocolFault::hang;
    if (finding.rule == "protocol.slot" || finding.rule == "protocol.ring")
      decided = finding.rule == "protocol.slot" ? ProtocolFault::slot : ProtocolFault::ring;
    else if (finding.rule == "protocol.counter")
      decided = ProtocolFault::counter; // which the game does not judge
  }
  return decided;
}

// Points of fa_wide.toml, drawn uniformly from what the rules on shapes, capacities and resources
// leave; the second number is that of the long mode.
int pointsOfEach() {
  return test::longMode() ? 25'000 : 150;
}

TEST(SecondOpinion, OnPointsOfTheWideSpace) {
  std::map<ProtocolFault, int> seen;
  for (const auto& [head, s1, causal] :
       {std::tuple(64, 1024, false), std::tuple(128, 1536, false), std::tuple(64, 2048, false),
        std::tuple(128, 1024, true)}) {
    Problem problem = problemOf(512, s1, head);
    problem.causal = causal;
    const auto set =
        PointSet::build(problem, soc910b2(), wideSpace(), {.rules = RuleSet::withoutProtocol});
    ASSERT_TRUE(set) << set.error().text();
    std::mt19937_64 random(11);
    for (int round = 0; round < pointsOfEach(); ++round) {
      const Point point = set->sample(random);
      const ProtocolFault decided = decidePoint(problem, point);
      ASSERT_TRUE(agree(playPoint(problem, point), decided))
          << problem.text() << ": " << point.text();
      ++seen[decided];
    }
  }
  for (const ProtocolFault fault :
       {ProtocolFault::none, ProtocolFault::hang, ProtocolFault::slot, ProtocolFault::ring})
    EXPECT_GT(seen[fault], pointsOfEach() / 50) << static_cast<int>(fault);
}

} // namespace
