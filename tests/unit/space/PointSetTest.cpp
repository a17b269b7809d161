// The factored set of legal points, and the constraints of a space file.
#include "space/PointSet.h"

#include "space/Job.h"
#include "tests/support/SpacePoints.h"
#include "tests/support/TempFile.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <sstream>

using namespace ptotune;
using ptotune::test::config;
using ptotune::test::problemOf;
using ptotune::test::soc910b2;
using ptotune::test::TempDir;
using ptotune::test::wideSpace;

namespace {

bool holdsAllBut(std::string_view prefix, const RuleContext& context) {
  for (const Rule& rule : rules())
    if (!rule.id.starts_with(prefix) && !rule.holds(context))
      return false;
  return true;
}

std::string wideText() {
  std::ostringstream text;
  text << std::ifstream(config("spaces/fa_wide.toml")).rdbuf();
  return text.str();
}

// fa_wide.toml with a top-level line added.
Result<Space> wideWith(const std::string& line) {
  const TempDir dir;
  std::string text = wideText();
  text.replace(text.find("[parameters]"), 0, line + "\n");
  return loadSpace(dir.write("wide.toml", text));
}

TEST(Wide, IsTheDesigns) {
  EXPECT_EQ(wideSpace().rawSize(), 6'341'787'648U); // docs/design.md
  EXPECT_TRUE(wideSpace().contains(Point()));
  for (const ParamInfo& param : allParams())
    EXPECT_TRUE(wideSpace().domain(param.id).free()) << param.name;
}

// Membership is what the rules say, one by one, on points drawn from the raw space.
TEST(PointSet, HoldsWhatTheRulesAccept) {
  std::mt19937_64 random(11);
  for (const auto& problem : {problemOf(8192, 8192), problemOf(192, 1536)}) {
    const auto set =
        PointSet::build(problem, soc910b2(), wideSpace(), {.rules = RuleSet::withoutProtocol});
    ASSERT_TRUE(set) << set.error().text();
    int inside = 0;
    for (int round = 0; round < 20'000; ++round) {
      Point point;
      for (const ParamInfo& param : allParams()) {
        const auto& values = wideSpace().domain(param.id).values;
        point.set(param.id, values[random() % values.size()]);
      }
      const bool expected = holdsAllBut("protocol.", {problem, soc910b2(), point});
      ASSERT_EQ(set->contains(point), expected) << point.text();
      inside += expected;
    }
    EXPECT_GT(inside, 100);
    for (int round = 0; round < 1000; ++round) {
      const std::uint64_t index = set->set().uniformIndex(random);
      const Point point = set->at(index);
      ASSERT_TRUE(holdsAllBut("protocol.", {problem, soc910b2(), point})) << point.text();
      ASSERT_EQ(set->rank(point), index);
    }
  }
}

TEST(PointSet, CountsByRuleAddUp) {
  const auto counts =
      countByRule(problemOf(8192, 8192), soc910b2(), wideSpace(), RuleSet::withoutProtocol);
  ASSERT_TRUE(counts) << counts.error().text();
  std::uint64_t sum = counts->legal;
  for (const auto& [rule, count] : counts->rejected)
    sum += count;
  EXPECT_EQ(sum, counts->raw);
  const auto set = PointSet::build(problemOf(8192, 8192), soc910b2(), wideSpace(),
                                   {.rules = RuleSet::withoutProtocol});
  ASSERT_TRUE(set);
  EXPECT_EQ(set->count(), counts->legal);
}

TEST(PointSet, AConstraintOfTheSpaceFileNarrows) {
  const auto narrow = wideWith("constraints = [\"TILE_S1 % CUBE_S1 == 0 && QK_PRELOAD * TILE_S1 <= "
                               "s1\", \"PIPE_MODEL == 'slot' and kTileFactor <= cube_cores\"]");
  ASSERT_TRUE(narrow) << narrow.error().text();
  const Problem problem = problemOf(1024, 2048);
  const auto all =
      PointSet::build(problem, soc910b2(), wideSpace(), {.rules = RuleSet::withoutProtocol});
  const auto some =
      PointSet::build(problem, soc910b2(), *narrow, {.rules = RuleSet::withoutProtocol});
  ASSERT_TRUE(all);
  ASSERT_TRUE(some) << some.error().text();
  EXPECT_LT(some->count(), all->count());
  std::mt19937_64 random(3);
  int inside = 0;
  for (int round = 0; round < 2000; ++round) {
    const Point point = all->sample(random);
    const bool expected =
        point.qkPreload() * point.tileS1() <= 2048 && point.pipeModel() == PipeModel::slot;
    ASSERT_EQ(some->contains(point), expected) << point.text();
    Explanation explanation;
    explainConstraints({problem, soc910b2(), point}, *narrow, explanation);
    ASSERT_EQ(explanation.legal(), expected);
    ASSERT_EQ(explanation.rejections.size() + explanation.facts.size(), 2U);
    inside += expected;
  }
  EXPECT_GT(inside, 100);
}

TEST(PointSet, AConstraintSeesDerivedParameters) {
  const Space fa = *loadSpace(config("spaces/fa.toml"));
  Space narrow = fa;
  narrow.constraints = {{"SlotNum == 2 * QK_PRELOAD and EXP_RING == SlotNumPV", 1}};
  std::uint64_t visited = 0;
  const auto counts = enumerate(problemOf(1024, 1024), soc910b2(), narrow, [&](const Point& point) {
    EXPECT_EQ(point.slotNumP(), 2 * point.qkPreload());
    ++visited;
  });
  EXPECT_GT(visited, 0U);
  EXPECT_EQ(counts.legal, visited);
  EXPECT_GT(counts.rejected.at("constraints[0]"), 0U);
}

struct BadConstraint {
  const char* line;
  const char* message;
};

TEST(PointSet, ABadConstraintIsNamedWithItsPlace) {
  const BadConstraint cases[] = {
      {"constraints = [\"TILE_S1 % CUBE_S2 == 0\"]", "CUBE_S2"},
      {"constraints = [\n\"TILE_S1 > 3\",\n\"TILE_S1 +\"]", "constraints[1]"},
      {"constraints = [\"PIPE_MODEL + 1\"]", "constraints[0]"},
      {"constraints = \"TILE_S1 > 3\"", "an array of expressions"},
      {"constraints = [3]", "bad item"}};
  for (const BadConstraint& c : cases) {
    const auto space = wideWith(c.line);
    ASSERT_FALSE(space) << c.line;
    EXPECT_NE(space.error().text().find(c.message), std::string::npos) << space.error().text();
    EXPECT_NE(space.error().file.find("wide.toml"), std::string::npos);
    EXPECT_GT(space.error().line, 0);
    if (std::string_view(c.message).starts_with("constraints"))
      EXPECT_NE(space.error().text().find("column"), std::string::npos) << space.error().text();
  }
}

} // namespace
