#include "space/Point.h"

#include "space/Problem.h"
#include "space/Text.h"

#include <gtest/gtest.h>

using namespace ptotune;

namespace {

TEST(Point, DefaultIsUpstreamsManualKernel) {
  const Point point;
  EXPECT_EQ(point.text(), "TILE_S1=256,CUBE_S1=128,CUBE_S0=128,QK_PRELOAD=4,SlotNum=8,"
                          "LocalSlotNum=2,EN_UNIT_FLAG=1,PIPE_MODEL=slot,EXP_RING=8,"
                          "VEC_ORDER=p_first,KV_SPLIT=1,kTileFactor=2");
  EXPECT_EQ(point.kTileFactor(), 2);
}

TEST(Point, TextAndJsonRoundTrip) {
  Point point;
  point.set(Param::slotNumP, 6);
  point.set(Param::vecOrder, static_cast<std::int64_t>(VecOrder::guFirst));
  EXPECT_NE(point.text().find("SlotNumQK=8,SlotNumP=6,SlotNumPV=8"), std::string::npos);
  const auto fromText = Point::parse(point.text(), Point());
  ASSERT_TRUE(fromText) << fromText.error().text();
  EXPECT_EQ(*fromText, point);
  const auto fromJson = Point::fromJson(point.json());
  ASSERT_TRUE(fromJson) << fromJson.error().text();
  EXPECT_EQ(*fromJson, point);
}

// The hash is an identity in databases: it may not change. Value taken from this program's first
// version; the JSON text it covers stands beside it.
TEST(Point, HashIsStable) {
  EXPECT_EQ(Point().json(),
            R"({"CUBE_S0":128,"CUBE_S1":128,"EN_UNIT_FLAG":1,"EXP_RING":8,"KV_SPLIT":1,)"
            R"("LocalSlotNum":2,"PIPE_MODEL":"slot","QK_PRELOAD":4,"SlotNumP":8,"SlotNumPV":8,)"
            R"("SlotNumQK":8,"TILE_S1":256,"VEC_ORDER":"p_first"})");
  EXPECT_EQ(Point().hash(), Hash::of(Point().json()));
  EXPECT_EQ(Hash::parse(Point().hash().hex()), Point().hash());
  Point other;
  other.set(Param::localSlotNum, 4);
  EXPECT_NE(other.hash(), Point().hash());
}

TEST(Point, OneDepthSetsThreeRingsAndTheFactorRing) {
  const auto point = Point::parse("SlotNum=6", Point());
  ASSERT_TRUE(point);
  EXPECT_EQ(point->slotNumQK(), 6);
  EXPECT_EQ(point->slotNumP(), 6);
  EXPECT_EQ(point->slotNumPV(), 6);
  EXPECT_EQ(point->expRing(), 6);
  const auto own = Point::parse("EXP_RING=9,SlotNum=6,SlotNumP=4", Point());
  ASSERT_TRUE(own);
  EXPECT_EQ(own->expRing(), 9);
  EXPECT_EQ(own->slotNumP(), 4);
  EXPECT_EQ(own->slotNumQK(), 6);
}

struct BadPoint {
  const char* text;
  const char* message;
};

class BadPoints : public testing::TestWithParam<BadPoint> {};

TEST_P(BadPoints, AreRefusedWithAReason) {
  const auto point = Point::parse(GetParam().text, Point());
  ASSERT_FALSE(point);
  EXPECT_NE(point.error().text().find(GetParam().message), std::string::npos)
      << point.error().text();
}

INSTANTIATE_TEST_SUITE_P(
    All, BadPoints,
    testing::Values(BadPoint{"TILE=256", "unknown parameter 'TILE'"},
                    BadPoint{"TILE_S1=big", "[TILE_S1 = big]; expected an integer"},
                    BadPoint{"TILE_S1", "malformed item in the point [TILE_S1]"},
                    BadPoint{"TILE_S1=1,TILE_S1=2", "'TILE_S1' is given twice"},
                    BadPoint{"PIPE_MODEL=ring", "expected tile, tile_offset, slot"},
                    BadPoint{"PIPE_MODEL=2", "expected tile, tile_offset, slot"},
                    BadPoint{"SlotNum=x", "[SlotNum = x]; expected an integer"},
                    BadPoint{"kTileFactor=3", "kTileFactor is derived and does not agree"}));

TEST(Problem, TextRoundTripsAndCountsWork) {
  Problem problem;
  problem.s0 = 1024;
  problem.s1 = 2048;
  EXPECT_EQ(problem.text(), "head=128,s0=1024,s1=2048,causal=0,dtype=f16");
  const auto parsed = Problem::parse(problem.text(), Problem());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, problem);
  EXPECT_DOUBLE_EQ(problem.flops(), 4.0 * 1024 * 2048 * 128);
}

TEST(Problem, RefusesWhatItCannotBe) {
  for (const char* text : {"s0=0", "s1=-4", "causal=2", "dtype=f64", "rows=3", "s0"})
    EXPECT_FALSE(Problem::parse(text, Problem())) << text;
}

TEST(Text, Integers) {
  EXPECT_EQ(parseInteger("42"), 42);
  EXPECT_EQ(parseInteger("-7"), -7);
  for (const char* text : {"", "4x", " 4", "1e3", "99999999999999999999"})
    EXPECT_FALSE(parseInteger(text).has_value()) << text;
}

} // namespace
