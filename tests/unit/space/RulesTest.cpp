#include "space/Rules.h"

#include "space/Job.h"
#include "tests/support/Paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <set>

using namespace ptotune;
using testing::Contains;
using testing::HasSubstr;

namespace {

const Job& job() {
  static const Job loaded = [] {
    auto result = loadJob(test::config("jobs/fa_910b2.toml"));
    EXPECT_TRUE(result) << result.error().text();
    return *result;
  }();
  return loaded;
}

Point parse(const char* text) {
  auto point = Point::parse(text, Point());
  EXPECT_TRUE(point) << point.error().text();
  return *point;
}

Problem shape(std::int64_t s0, std::int64_t s1) {
  Problem problem;
  problem.s0 = s0;
  problem.s1 = s1;
  return problem;
}

struct Case {
  const char* point;
  std::int64_t s0, s1;
  std::vector<std::string> rules; // rejected by exactly these
  const char* text;               // in one of the rejections' texts
};

class Rejections : public testing::TestWithParam<Case> {};

TEST_P(Rejections, NameTheRuleAndTheNumbers) {
  const Case& c = GetParam();
  const Problem problem = shape(c.s0, c.s1);
  const Point point = parse(c.point);
  const RuleContext context{problem, job().soc, point};
  const Explanation explanation = explain(context);
  std::vector<std::string> rules;
  std::vector<std::string> texts;
  for (const Finding& finding : explanation.rejections) {
    rules.push_back(finding.rule);
    texts.push_back(finding.text);
    EXPECT_FALSE(finding.advice.empty()) << finding.rule << " does not say what to change";
  }
  EXPECT_EQ(rules, c.rules);
  EXPECT_THAT(texts, testing::Conditional(c.rules.empty(), testing::IsEmpty(),
                                          Contains(HasSubstr(c.text))));
  EXPECT_EQ(legal(context), c.rules.empty());
}

INSTANTIATE_TEST_SUITE_P(
    FlashAttention, Rejections,
    testing::Values(
        Case{"", 128, 8192, {}, ""},
        Case{"TILE_S1=256,CUBE_S1=256",
             128,
             8192,
             {"capacity.l0c", "capacity.ub"},
             "L0C needs 262144 B of 131072 B"},
        Case{"TILE_S1=256,CUBE_S1=256",
             128,
             8192,
             {"capacity.l0c", "capacity.ub"},
             "UB needs 250880 B of 188416 B"},
        Case{"TILE_S1=2048", 128, 8192, {"shape.row_slice"}, "128/2/16, has 4 rows"},
        Case{"TILE_S1=1024", 128, 1536, {"shape.s1"}, "s1 = 1536 is not a multiple of TILE_S1"},
        Case{"QK_PRELOAD=8,SlotNum=2", 128, 8192, {"protocol.hang"}, "the kernel hangs"},
        Case{"QK_PRELOAD=8,SlotNum=8",
             128,
             8192,
             {"protocol.ring"},
             "rescale factor tile 1 may be overwritten by tile 9"},
        Case{"QK_PRELOAD=8,SlotNum=7,EXP_RING=16",
             128,
             8192,
             {"protocol.slot"},
             "QK tile 0 may be overwritten by tile 7"},
        Case{"QK_PRELOAD=8,SlotNum=7",
             128,
             8192,
             {"protocol.slot", "protocol.ring"},
             "rescale factor tile 1 may be overwritten by tile 8"},
        Case{"CUBE_S0=256", 1024, 8192, {"capacity.l0c", "capacity.ub"}, "L0C needs"},
        Case{"CUBE_S0=256",
             128,
             8192,
             {"shape.s0", "capacity.l0c", "capacity.ub"},
             "s0 = 128 is not a multiple of CUBE_S0 = 256"},
        Case{"TILE_S1=64,CUBE_S1=128",
             128,
             8192,
             {"shape.tile"},
             "TILE_S1 = 64 is not a multiple of CUBE_S1 = 128"},
        Case{"CUBE_S1=40,TILE_S1=320", 128, 640, {"shape.fractal"}, "fractal"},
        Case{"PIPE_MODEL=tile",
             128,
             8192,
             {"shape.whole_tile"},
             "TILE_S1 = 256 and CUBE_S1 = 128 must be equal"},
        Case{"PIPE_MODEL=tile,TILE_S1=256,CUBE_S1=256",
             1024,
             8192,
             {"capacity.l0c", "capacity.ub"},
             "UB needs"},
        Case{"PIPE_MODEL=tile_offset,LocalSlotNum=4,SlotNum=3,QK_PRELOAD=2",
             128,
             8192,
             {"shape.local_slots"},
             "tiles land in LocalSlotNum = 4 places of at most 3"},
        Case{"SlotNum=256,EXP_RING=9,TILE_S1=1024", 16384, 16384, {"capacity.gm"}, "workspace"}));

TEST(Rules, IdsAreUniqueAndDocumented) {
  std::set<std::string_view> ids;
  for (const Rule& rule : rules()) {
    EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
    EXPECT_FALSE(rule.source.empty()) << rule.id;
    EXPECT_FALSE(rule.title.empty()) << rule.id;
  }
  EXPECT_EQ(ids.size(), 21u);
}

// Pruning on partial assignments visits exactly the points that a plain loop over all of the space
// accepts, and accounts for every other one.
TEST(Enumerate, AgreesWithThePlainLoop) {
  const Space& space = job().space;
  for (const auto& [s0, s1] : {std::pair{1024, 1024}, std::pair{192, 1536}}) {
    const Problem problem = shape(s0, s1);
    std::set<Point> visited;
    const Enumeration result = enumerate(problem, job().soc, space, [&](const Point& point) {
      EXPECT_TRUE(visited.insert(point).second) << point.text();
    });
    std::uint64_t raw = 0;
    std::set<Point> expected;
    Point point;
    const auto walk = [&](const auto& self, std::size_t depth) -> void {
      if (depth == kParamCount) {
        ++raw;
        if (legal({problem, job().soc, point}))
          expected.insert(point);
        return;
      }
      const auto param = static_cast<Param>(depth);
      const Domain& domain = space.domain(param);
      if (domain.derived) {
        point.set(param, point[domain.follows]);
        return self(self, depth + 1);
      }
      for (const std::int64_t value : domain.values) {
        point.set(param, value);
        self(self, depth + 1);
      }
    };
    walk(walk, 0);
    EXPECT_EQ(result.raw, raw);
    EXPECT_EQ(visited, expected);
    EXPECT_EQ(result.legal, expected.size());
    std::uint64_t sum = result.legal;
    for (const auto& [rule, count] : result.rejected)
      sum += count;
    EXPECT_EQ(sum, result.raw);
    EXPECT_GT(result.legal, 0u);
  }
}

// check() decides and explain() words it: of any point, legal or not, they name the same rules.
TEST(Check, DecidesWhatExplainWords) {
  ASSERT_LE(rules().size(), Verdict::kMostRules);
  const auto wide = loadSpace(test::config("spaces/fa_wide.toml"));
  ASSERT_TRUE(wide) << wide.error().text();
  std::mt19937_64 random(11);
  std::set<std::string> seen;
  for (int draw = 0; draw < 3000; ++draw) {
    Point point;
    for (const ParamInfo& param : allParams()) {
      const Domain& domain = wide->domain(param.id);
      point.set(param.id, domain.derived ? point[domain.follows]
                                         : domain.values[random() % domain.values.size()]);
    }
    const Problem problem = shape(1024, 512 << (draw % 8));
    const RuleContext context{problem, job().soc, point};
    const Verdict verdict = check(context);
    const Explanation explanation = explain(context);
    std::vector<std::string> held;
    std::vector<std::string> rejected;
    for (std::size_t i = 0; i < rules().size(); ++i) {
      if (verdict.held[i])
        held.emplace_back(rules()[i].id);
      if (verdict.rejected[i])
        rejected.emplace_back(rules()[i].id);
    }
    const auto ids = [](const std::vector<Finding>& findings) {
      std::vector<std::string> all;
      std::ranges::transform(findings, std::back_inserter(all), &Finding::rule);
      return all;
    };
    ASSERT_EQ(ids(explanation.facts), held) << point.text();
    ASSERT_EQ(ids(explanation.rejections), rejected) << point.text();
    ASSERT_EQ(legal(context), verdict.legal()) << point.text();
    seen.insert(rejected.begin(), rejected.end());
  }
  EXPECT_GE(seen.size(), 8U) << "the sample should meet many rules";
}

// Limits of upstream's manual kernel, from its sources.
TEST(ManualKernel, SaysWhatItCannotExpress) {
  const Problem problem = shape(1024, 8192);
  const auto objection = [&](const char* text) {
    const Point point = parse(text);
    return manualKernelObjection({problem, job().soc, point});
  };
  EXPECT_EQ(objection(""), "");
  EXPECT_EQ(objection("TILE_S1=512"), "");
  EXPECT_EQ(objection("SlotNum=6"), "its FIFO depth is 8");
  EXPECT_EQ(objection("EN_UNIT_FLAG=0"), "its unit flag is on");
  EXPECT_EQ(objection("CUBE_S1=64"), "its generator writes CUBE_S1 = 128");
  EXPECT_EQ(objection("QK_PRELOAD=1"), "QK_PRELOAD > 1 unless kTileFactor is 1");
  EXPECT_EQ(objection("TILE_S1=2048"), "a row slice has a multiple of 8 rows");
  const Problem one = shape(128, 256);
  EXPECT_EQ(manualKernelObjection({one, job().soc, Point()}), "it needs two tiles");
}

} // namespace
