// For which other shapes a point is proven: against the rules, asked shape by shape.
#include "db/configurations/Reach.h"

#include "DbTest.h"
#include "db/configurations/Profiles.h"
#include "space/Rules.h"
#include "tests/support/Paths.h"

namespace ptotune::test {
namespace {

const SocProfile& soc() {
  static const auto loaded = loadSoc(config("soc/ascend910b2.toml"));
  EXPECT_TRUE(loaded) << loaded.error().text();
  return *loaded;
}

bool runs(const Point& point, std::int64_t rows, std::int64_t tiles, bool causal) {
  Problem shape = problem(rows, tiles * point.tileS1() * point.kvSplit());
  shape.causal = causal;
  return legal({shape, soc(), point});
}

TEST(Reach, HoldsForEveryShapeWithinAndForNoneJustBeyond) {
  struct Case {
    const char* point;
    std::int64_t tiles; // -1: as many as the rules say
  };
  const Case cases[] = {
      {"", kNoLimit},
      {"QK_PRELOAD=8,SlotNum=2", -1}, // hangs as soon as there are enough tiles to preload
      {"QK_PRELOAD=4,SlotNum=4", -1},
      {"SlotNumQK=6,SlotNumP=10,SlotNumPV=14", -1},
      {"QK_PRELOAD=3,SlotNum=13,EXP_RING=8,KV_SPLIT=2", -1},
      {"TILE_S1=512,QK_PRELOAD=8,SlotNum=3,VEC_ORDER=gu_first", -1},
      {"TILE_S1=2048,CUBE_S1=32", 0}, // its buffers fit nowhere
  };
  int limited = 0;
  for (const Case& one : cases) {
    const auto point = Point::parse(one.point, Point());
    ASSERT_TRUE(point) << point.error().text();
    const Reach reach = reachOf(soc(), problem(128, 1024), *point);
    if (one.tiles >= 0)
      EXPECT_EQ(reach.maxTiles, one.tiles) << one.point;
    limited += reach.maxTiles > 0 && reach.maxTiles < kNoLimit ? 1 : 0;
    const std::int64_t rows = point->cubeS0();
    for (std::int64_t tiles = 1; tiles <= std::min<std::int64_t>(reach.maxTiles, 120); ++tiles)
      EXPECT_TRUE(runs(*point, rows, tiles, false)) << one.point << ", tiles " << tiles;
    for (const std::int64_t tiles : {3, 16, 61})
      if (tiles <= reach.maxTiles && 40 * rows <= reach.maxS0)
        EXPECT_TRUE(runs(*point, 40 * rows, tiles, true)) << one.point << ", causal " << tiles;
    if (reach.maxTiles < kNoLimit)
      EXPECT_FALSE(runs(*point, rows, reach.maxTiles + 1, false)) << one.point;
    if (reach.maxTiles > 0 && reach.maxS0 < kNoLimit) {
      EXPECT_TRUE(runs(*point, reach.maxS0, 1, false)) << one.point;
      EXPECT_FALSE(runs(*point, reach.maxS0 + rows, 1, false)) << one.point;
    }
  }
  EXPECT_GT(limited, 0);
}

TEST(Profiles, AreFoundByTheNameOfTheirSoc) {
  Profiles profiles(config(""));
  const auto known = profiles.find("Ascend910B2");
  ASSERT_TRUE(known) << known.error().text();
  ASSERT_NE(*known, nullptr);
  EXPECT_EQ((*known)->hash, soc().hash);
  const auto unknown = profiles.find("Ascend9000");
  ASSERT_TRUE(unknown);
  EXPECT_EQ(*unknown, nullptr);
  const auto without = Profiles("").find("Ascend910B2");
  ASSERT_TRUE(without);
  EXPECT_EQ(*without, nullptr);
}

TEST(Profiles, ABrokenFolderOrFileIsNamed) {
  const TempDir directory;
  const auto missing = Profiles(directory.path("none")).find("Ascend910B2");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().text().find(directory.path("none/soc")), std::string::npos);
  std::filesystem::create_directories(directory.path("soc"));
  directory.write("soc/bad.toml", "name = 3\n");
  const auto broken = Profiles(directory.path("")).find("Ascend910B2");
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().text().find("bad.toml"), std::string::npos);
}

} // namespace
} // namespace ptotune::test
