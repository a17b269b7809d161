// What the forms of the flash-attention kernel mean for its schedule, buffers and workspace.
#include "space/Rules.h"
#include "space/fa/Buffers.h"
#include "space/fa/FaSchedule.h"
#include "tests/support/Paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

using namespace ptotune;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;

namespace {

constexpr int kCounterMax = 15;

const SocProfile& soc() {
  static const SocProfile loaded = [] {
    auto profile = loadSoc(test::config("soc/ascend910b2.toml"));
    EXPECT_TRUE(profile) << profile.error().text();
    return *profile;
  }();
  return loaded;
}

Point parse(const char* text) {
  auto point = Point::parse(text, Point());
  EXPECT_TRUE(point) << point.error().text();
  return *point;
}

Problem shape(std::int64_t s0, std::int64_t s1, bool causal) {
  Problem problem;
  problem.s0 = s0;
  problem.s1 = s1;
  problem.causal = causal;
  return problem;
}

// --- Key loops ---------------------------------------------------------------------------------

struct Loops {
  const char* point;
  std::int64_t s0, s1;
  bool causal;
  std::vector<std::int64_t> tiles; // of every work unit
};

class KeyLoops : public testing::TestWithParam<Loops> {};

TEST_P(KeyLoops, OfEveryWorkUnit) {
  const Loops& c = GetParam();
  const Problem problem = shape(c.s0, c.s1, c.causal);
  const Point point = parse(c.point);
  std::vector<std::int64_t> found;
  for (std::int64_t block = 0; block < c.s0 / point.cubeS0(); ++block)
    for (std::int64_t part = 0; part < point.kvSplit(); ++part)
      found.push_back(fa::unitTiles(fa::blockTiles(problem, point, block), point.kvSplit(), part));
  EXPECT_EQ(found, c.tiles);
  EXPECT_EQ(fa::tiles(problem, point), *std::ranges::max_element(c.tiles));
}

// CUBE_S0 = 128 and TILE_S1 = 256 unless the point says otherwise.
INSTANTIATE_TEST_SUITE_P(
    Space, KeyLoops,
    testing::Values(Loops{"", 256, 1024, false, {4, 4}},
                    Loops{"KV_SPLIT=4", 256, 2048, false, {2, 2, 2, 2, 2, 2, 2, 2}},
                    // Two blocks end in one tile.
                    Loops{"", 512, 1024, true, {1, 1, 2, 2}},
                    Loops{"TILE_S1=128", 512, 1024, true, {1, 2, 3, 4}},
                    Loops{"TILE_S1=64,CUBE_S1=64", 384, 1024, true, {2, 4, 6}},
                    // Rows from s1 on see all keys.
                    Loops{"TILE_S1=128", 640, 256, true, {1, 2, 2, 2, 2}},
                    Loops{"TILE_S1=128,KV_SPLIT=2", 512, 512, true, {0, 1, 1, 1, 1, 2, 2, 2}},
                    Loops{"TILE_S1=128,KV_SPLIT=4", 256, 512, true, {0, 0, 0, 1, 0, 1, 0, 1}}));

// --- Protocol ----------------------------------------------------------------------------------

TEST(CausalProtocol, JudgesEveryLengthThatOccurs) {
  const auto lengths = [](const char* point, std::int64_t s0) {
    const auto s = fa::protocolStructure(shape(s0, s0, true), parse(point), soc());
    std::vector<std::int32_t> all = s.shorter;
    all.push_back(s.tiles);
    return all;
  };
  EXPECT_THAT(lengths("", 1024), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(lengths("TILE_S1=64,CUBE_S1=64", 512), ElementsAre(2, 4, 6, 8));
  EXPECT_THAT(lengths("TILE_S1=128,KV_SPLIT=4", 512), ElementsAre(1));
  // What lies behind a few rounds of the rings is repetition.
  EXPECT_EQ(lengths("TILE_S1=32,CUBE_S1=32,CUBE_S0=64,QK_PRELOAD=2,SlotNum=4", 65536).back(),
            lengths("TILE_S1=32,CUBE_S1=32,CUBE_S0=64,QK_PRELOAD=2,SlotNum=4", 131072).back());
}

TEST(CausalProtocol, VerdictIsThatOfEachLength) {
  for (int preload = 1; preload <= 6; ++preload)
    for (int slots = 1; slots <= 8; ++slots)
      for (const bool guFirst : {false, true}) {
        fa::ProtocolStructure s;
        s.preload = preload;
        for (int f = 0; f < 3; ++f) {
          s.slots[f] = 1 + (slots + f) % 8;
          s.periods[f] = soc().syncPeriod(s.slots[f]);
        }
        s.expRing = slots;
        s.guFirst = guFirst;
        bool sound = true;
        for (s.tiles = 1; s.tiles <= 20; ++s.tiles)
          sound &= analyse(fa::schedule(s), kCounterMax).fault == ProtocolFault::none;
        for (s.tiles = 1; s.tiles < 20; ++s.tiles)
          s.shorter.push_back(s.tiles);
        EXPECT_EQ(fa::analyse(s, kCounterMax).faults.empty(), sound)
            << "preload " << preload << ", slots " << slots;
      }
}

// What docs/protocol.md says: a hang of a shorter run is one of the longer.
TEST(CausalProtocol, LongerRunsHangWhereShorterOnesDo) {
  for (int preload = 1; preload <= 6; ++preload)
    for (int slots = 0; slots < 8 * 8 * 8; slots += 3) {
      fa::ProtocolStructure s;
      s.preload = preload;
      for (int f = 0, rest = slots; f < 3; ++f, rest /= 8) {
        s.slots[f] = 1 + rest % 8;
        s.periods[f] = soc().syncPeriod(s.slots[f]);
      }
      s.expRing = 16;
      s.manySubtiles = slots % 2 == 0;
      bool hung = false;
      for (s.tiles = 1; s.tiles <= 16; ++s.tiles) {
        const bool hangs = analyse(fa::schedule(s), kCounterMax).fault == ProtocolFault::hang;
        EXPECT_TRUE(hangs || !hung) << "preload " << preload << ", tiles " << s.tiles;
        hung |= hangs;
      }
    }
}

struct TileZero {
  int tiles, preload, ring;
  bool guFirst;
  bool sound;
};

class TileZeros : public testing::TestWithParam<TileZero> {};

// Tile 0's factor is not read, so its entry may be written again at any time.
TEST_P(TileZeros, NeedNoFactor) {
  const TileZero& c = GetParam();
  fa::ProtocolStructure s;
  s.tiles = c.tiles;
  s.preload = c.preload;
  for (int f = 0; f < 3; ++f) {
    s.slots[f] = 16;
    s.periods[f] = 8;
  }
  s.expRing = c.ring;
  s.guFirst = c.guFirst;
  const ProtocolResult result = analyse(fa::schedule(s), kCounterMax);
  EXPECT_EQ(result.fault, c.sound ? ProtocolFault::none : ProtocolFault::ring) << result.summary;
  if (!c.sound) {
    EXPECT_EQ(result.reader, 1);
    EXPECT_EQ(result.writer, 1 + c.ring);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Space, TileZeros,
    testing::Values(TileZero{4, 3, 3, false, true}, TileZero{5, 3, 3, false, false},
                    TileZero{5, 3, 4, false, true}, TileZero{40, 3, 4, false, true},
                    TileZero{3, 3, 2, true, true}, TileZero{4, 3, 2, true, false},
                    TileZero{40, 3, 3, true, true}));

// --- Buffers and workspace ---------------------------------------------------------------------

std::vector<std::string> names(const char* point, bool causal) {
  std::vector<std::string> found;
  for (const Buffer& buffer : fa::buffers({128, causal, "f16"}, parse(point), soc()))
    found.emplace_back(buffer.name);
  return found;
}

TEST(FormBuffers, AreThereWhereTheFormIs) {
  EXPECT_THAT(names("", false), Not(Contains(fa::kMask)));
  EXPECT_THAT(names("", true), Contains(fa::kMask));
  EXPECT_THAT(names("", false), Not(Contains(fa::kCombineIn)));
  EXPECT_THAT(names("KV_SPLIT=2", false), Contains(fa::kCombineIn));
}

// The second launch shares UB with the first.
TEST(FormBuffers, CombiningNeedsNoRoomOfItsOwn) {
  const auto used = [](const char* point) {
    return place(fa::buffers({}, parse(point), soc()), soc())
        .used[static_cast<std::size_t>(Memory::ub)];
  };
  EXPECT_EQ(used("KV_SPLIT=4"), used(""));
}

TEST(Workspace, CountsPartialResults) {
  const Problem problem = shape(1024, 8192, false);
  EXPECT_EQ(fa::partialBytes(problem, Point()), 0);
  // Two parts of 1024 rows: 128 columns, a maximum and a sum, fp32.
  EXPECT_EQ(fa::partialBytes(problem, parse("KV_SPLIT=2")), 2 * 1024 * (128 + 2) * 4);
  const Point split = parse("KV_SPLIT=4");
  const Explanation explanation = explain({problem, soc(), split});
  ASSERT_TRUE(explanation.legal());
  for (const Finding& fact : explanation.facts)
    if (fact.rule == "capacity.gm") {
      // 32 work units on 24 cores.
      EXPECT_THAT(fact.operands, Contains(testing::Pair("cores", 24)));
      EXPECT_THAT(fact.operands, Contains(testing::Pair("partial", 4 * 1024 * 130 * 4)));
    }
}

TEST(KvSplitRule, NamesTheProduct) {
  const Problem problem = shape(128, 1024, false);
  const Point point = parse("KV_SPLIT=4,TILE_S1=512");
  const Explanation explanation = explain({problem, soc(), point});
  ASSERT_FALSE(explanation.legal());
  EXPECT_EQ(explanation.rejections.front().rule, "shape.s1");
  EXPECT_THAT(explanation.rejections.front().text, testing::HasSubstr("TILE_S1 * KV_SPLIT = 2048"));
}

} // namespace
