// Extrapolated and full runs of real kernels agree in everything, whatever the point and the shape.
#include "codegen/Lowering.h"
#include "runners/sim/Simulator.h"
#include "tests/support/Paths.h"
#include "tests/support/SameResult.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace ptotune {
namespace {

using sim::SimOptions;
using sim::SimResult;

class Extrapolation : public testing::Test {
protected:
  void SetUp() override {
    auto soc = loadSoc(test::config("soc/ascend910b2.toml"));
    ASSERT_TRUE(soc.ok()) << soc.error().text();
    soc_ = *soc;
  }

  std::shared_ptr<const sim::Code> compiled(const KernelSpec& kernel, const Point& point) const {
    const auto lowered = lower(kernel, point, soc_, Emit::program);
    if (!lowered)
      return nullptr;
    const auto code = sim::compile(lowered->program, soc_);
    return code ? *code : nullptr;
  }

  SocProfile soc_;
};

template <typename T> T pick(std::mt19937& random, const std::vector<T>& values) {
  return values[random() % values.size()];
}

// Mostly legal on the static rules; the protocol's rules are not asked, so some points hang.
Point drawPoint(std::mt19937& random) {
  Point point;
  const auto set = [&](Param param, const std::vector<std::int64_t>& values) {
    point.set(param, pick(random, values));
  };
  set(Param::cubeS1, {32, 64, 128});
  point.set(Param::tileS1, point.cubeS1() * pick<std::int64_t>(random, {1, 2, 4}));
  set(Param::cubeS0, {64, 128});
  set(Param::qkPreload, {1, 2, 3, 4, 5, 6, 7});
  for (const Param depth : {Param::slotNumQK, Param::slotNumP, Param::slotNumPV})
    point.set(depth,
              std::min<std::int64_t>(16, point.qkPreload() +
                                             pick<std::int64_t>(random, {-3, -2, -1, 0, 1, 2, 5})));
  for (const Param depth : {Param::slotNumQK, Param::slotNumP, Param::slotNumPV})
    point.set(depth, std::max<std::int64_t>(point[depth], 1));
  point.set(Param::expRing, point.qkPreload() + pick<std::int64_t>(random, {1, 2}));
  set(Param::unitFlag, {0, 1});
  set(Param::pipeModel, {0, 1, 2});
  return point;
}

TEST_F(Extrapolation, EqualsTheFullRunOn200Points) {
  std::mt19937 random(20);
  int points = 0;
  int extrapolated = 0;
  std::map<sim::Outcome, int> outcomes;
  for (int draws = 0; draws < 2000 && points < 200; ++draws) {
    const Point point = drawPoint(random);
    Problem problem;
    problem.head = pick<std::int64_t>(random, {64, 128});
    problem.s0 = point.cubeS0() * pick<std::int64_t>(random, {1, 5, 24, 53, 130});
    problem.s1 = point.tileS1() * pick<std::int64_t>(random, {1, 7, 16, 33, 64, 97});
    const auto code = compiled(KernelSpec::of(problem), point);
    if (code == nullptr)
      continue;
    ++points;
    SCOPED_TRACE(fmt::format("{} of {}", point.text(), problem.text()));
    const SimResult quick = sim::simulate(*code, problem);
    const SimResult full = sim::simulate(*code, problem, {.extrapolate = false});
    ASSERT_EQ(test::difference(full, quick), "");
    ++outcomes[full.outcome];
    extrapolated += quick.extrapolated > 0;
  }
  EXPECT_EQ(points, 200);
  EXPECT_GT(outcomes[sim::Outcome::finished], 100);
  EXPECT_GT(outcomes[sim::Outcome::hang], 0);
  EXPECT_GT(extrapolated, 80);
}

// What is really run of the default point at the largest shape, beside a small one.
TEST_F(Extrapolation, CostDoesNotGrowWithTheShape) {
  const auto code = compiled({}, Point());
  ASSERT_NE(code, nullptr);
  const auto executed = [&](std::int64_t size) {
    Problem problem;
    problem.s0 = problem.s1 = size;
    const SimResult result = sim::simulate(*code, problem);
    EXPECT_EQ(result.outcome, sim::Outcome::finished) << result.detailText();
    return result.instructions - result.extrapolated;
  };
  EXPECT_LE(executed(131072), executed(8192) * 3 / 2);
}

} // namespace
} // namespace ptotune
