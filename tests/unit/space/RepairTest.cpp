#include "space/Repair.h"

#include "space/Job.h"
#include "tests/support/Paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace ptotune;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

const Job& job(const char* name) {
  static const Job narrow = *loadJob(test::config("jobs/fa_910b2.toml"));
  static const Job wide = *loadJob(test::config("jobs/fa_910b2_wide.toml"));
  return std::string_view(name) == "fa" ? narrow : wide;
}

Problem shape(std::int64_t s0, std::int64_t s1) {
  Problem problem;
  problem.s0 = s0;
  problem.s1 = s1;
  return problem;
}

std::vector<std::string> textsOf(const char* space, const char* text, const Problem& problem) {
  const Point point = *Point::parse(text, Point());
  std::vector<std::string> texts;
  for (const Repair& repair : repairs({problem, job(space).soc, point}, job(space).space, 3))
    texts.push_back(repair.text);
  return texts;
}

TEST(Repair, NamesTheNearestLegalValues) {
  EXPECT_THAT(textsOf("fa", "QK_PRELOAD=8,SlotNum=2", shape(128, 8192)),
              ElementsAre("QK_PRELOAD=1", "SlotNum=9"));
  EXPECT_THAT(textsOf("wide", "SlotNumQK=3,SlotNumP=2,SlotNumPV=1,QK_PRELOAD=3,EXP_RING=8",
                      shape(128, 8192)),
              testing::Contains("SlotNumP=3"));
  EXPECT_THAT(textsOf("wide", "KV_SPLIT=4", shape(128, 512)), testing::Contains("KV_SPLIT=2"));
  // CUBE_S0 rows of head columns do not fit L0C, whatever CUBE_S1 is.
  EXPECT_THAT(textsOf("fa", "CUBE_S0=256,CUBE_S1=128", shape(256, 8192)),
              ElementsAre("CUBE_S0=128"));
}

TEST(Repair, ChangesTwoParametersWhereOneWillNotDo) {
  for (const std::string& text : textsOf("fa", "CUBE_S0=256,TILE_S1=64", shape(256, 8192)))
    EXPECT_EQ(std::ranges::count(text, '='), 2) << text;
}

TEST(Repair, SaysNothingWhereTheProblemItselfDoesNotFit) {
  EXPECT_THAT(textsOf("fa", "", shape(1000, 8192)), IsEmpty());
}

// Each repair is legal, is what its text says, and there is none of fewer parameters.
TEST(Repair, IsLegalAndSmallest) {
  const Job& wide = job("wide");
  std::mt19937_64 random(3);
  int single = 0;
  int pairs = 0;
  for (int draw = 0; draw < 150; ++draw) {
    Point point;
    for (const ParamInfo& param : allParams()) {
      const auto& values = wide.space.domain(param.id).values;
      point.set(param.id, values[random() % values.size()]);
    }
    const Problem problem = shape(1024, 8192);
    if (legal({problem, wide.soc, point}))
      continue;
    bool one = false;
    for (const ParamInfo& param : allParams())
      for (const std::int64_t value : wide.space.domain(param.id).values) {
        Point changed = point;
        changed.set(param.id, value);
        one |= legal({problem, wide.soc, changed});
      }
    const auto found = repairs({problem, wide.soc, point}, wide.space, 3);
    EXPECT_TRUE(!one || !found.empty()) << point.text();
    for (const Repair& repair : found) {
      EXPECT_TRUE(legal({problem, wide.soc, repair.point})) << repair.text;
      const auto parsed = Point::parse(repair.text, point);
      ASSERT_TRUE(parsed) << repair.text;
      EXPECT_EQ(*parsed, repair.point) << repair.text;
      EXPECT_EQ(std::ranges::count(repair.text, '='), one ? 1 : 2)
          << point.text() << ": " << repair.text;
    }
    (one ? single : pairs) += found.empty() ? 0 : 1;
  }
  EXPECT_GT(single, 10);
  EXPECT_GT(pairs, 10);
}

} // namespace
