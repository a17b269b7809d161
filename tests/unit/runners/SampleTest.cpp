// A seeded sample of legal points over all parameters, at small shapes: every one computes
// attention and is free of hazards. PTO_TUNE_LONG=1 in the environment makes it 500 points.
#include "Lowered.h"
#include "runners/sim/Functional.h"
#include "space/PointSet.h"
#include "tests/support/LongMode.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <string>

namespace ptotune {
namespace {

constexpr unsigned kSeed = 20260801;
constexpr int kPoints = 20;
constexpr int kLongPoints = 500;
constexpr std::int64_t kMostKeys = 2048;

int pointsToRun() {
  return test::longMode() ? kLongPoints : kPoints;
}

// Shapes whose sizes suit most points: up to two blocks of the widest, two cores.
Problem randomProblem(std::mt19937_64& random) {
  Problem problem = test::problemOf(256 + 256 * static_cast<std::int64_t>(random() % 2),
                                    128 << (random() % 5), random() % 2 == 0 ? 64 : 128);
  problem.causal = random() % 4 == 0;
  return problem;
}

TEST(Sample, LegalPointsOfAllFormsAreRight) {
  SocProfile soc = test::soc910b2();
  soc.cubeCores = 2;
  const auto space = loadSpace(test::config("spaces/fa_wide.toml"));
  ASSERT_TRUE(space.ok()) << space.error().text();
  std::mt19937_64 random(kSeed);
  std::map<std::string, std::unique_ptr<sim::AttentionCase>> cases;
  std::map<std::string, PointSet> sets; // that pass the static rules
  double worst = 0;
  const int wanted = pointsToRun();
  for (int runs = 0; runs < wanted;) {
    const Problem problem = randomProblem(random);
    ASSERT_LE(problem.s1, kMostKeys);
    auto set = sets.find(problem.text());
    if (set == sets.end()) {
      auto built =
          PointSet::build(problem, soc, *space, {.rules = RuleSet::withoutProtocol, .without = {}});
      ASSERT_TRUE(built.ok()) << built.error().text();
      set = sets.emplace(problem.text(), *std::move(built)).first;
    }
    if (set->second.count() == 0)
      continue;
    const Point point = set->second.sample(random);
    if (!legal({problem, soc, point}))
      continue;
    ++runs;
    SCOPED_TRACE(point.text() + " on " + problem.text());
    auto& attention = cases[problem.text()];
    if (!attention)
      attention = std::make_unique<sim::AttentionCase>(problem, kSeed);
    const auto result = sim::runFunctional(test::lowered(point, problem), soc, *attention);
    EXPECT_TRUE(result.right()) << result.text();
    EXPECT_TRUE(result.hazards.clean()) << result.text();
    worst = std::max(worst, result.agreement.maxAbs);
  }
  RecordProperty("points", wanted);
  RecordProperty("worst", std::to_string(worst));
}

} // namespace
} // namespace ptotune
