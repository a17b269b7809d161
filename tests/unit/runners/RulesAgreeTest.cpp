// Two derivations of one truth: the protocol rules reason on the family's schedule, the simulator
// runs the Program that comes out of the compiler. Over points of the everyday space that pass the
// static rules, a run hangs exactly where the rule says so, and ends otherwise.
#include "Lowered.h"
#include "runners/Agreement.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace ptotune {
namespace {

TEST(RulesAgree, HangsAreTheOnesTheRuleNames) {
  const auto soc = loadSoc(test::config("soc/ascend910b2.toml"));
  const auto space = loadSpace(test::config("spaces/fa.toml"));
  ASSERT_TRUE(soc.ok() && space.ok());
  std::mt19937 random(20250101);
  std::map<std::string, int> seen;
  for (int judged = 0; judged < 300;) {
    Problem problem;
    problem.s0 = 1024;
    problem.s1 = std::int64_t{1024} << (random() % 4);
    const Point point = test::randomPoint(*space, random);
    const Explanation explanation = explain({problem, *soc, point});
    if (rejectsStatically(explanation))
      continue;
    ++judged;
    SCOPED_TRACE(point.text() + " on " + problem.text());
    const auto kernel = lower(KernelSpec::of(problem), point, *soc, Emit::program);
    ASSERT_TRUE(kernel.ok()) << kernel.error().text();
    const sim::SimResult result = sim::simulate(kernel->program, *soc, problem);
    const std::string expected = test::rejects(explanation, "protocol.hang")      ? "hang"
                                 : test::rejects(explanation, "protocol.counter") ? "protocol error"
                                                                                  : "finished";
    ASSERT_EQ(name(result.outcome), expected) << result.detailText();
    ++seen[expected];
  }
  EXPECT_GT(seen["hang"], 10);
  EXPECT_GT(seen["finished"], 100);
}

} // namespace
} // namespace ptotune
