// Points of the shipped spaces: each lowers without a diagnostic, and what it prints is valid IR
// again. PTO_TUNE_LONG=1 takes every legal point of fa.toml and 2,000 of fa_wide.toml.
#include "Sample.h"
#include "codegen/Ir.h"
#include "tests/support/LongMode.h"

#include <gtest/gtest.h>

#include <set>

namespace ptotune {
namespace {

Problem square(std::int64_t size, std::int64_t head = 128, bool causal = false) {
  Problem problem;
  problem.s0 = size;
  problem.s1 = size;
  problem.head = head;
  problem.causal = causal;
  return problem;
}

void expectLowers(const KernelSpec& kernel, const Point& point) {
  SCOPED_TRACE(point.text());
  const auto lowered =
      lower(kernel, point, soc910b2(), Emit::program | Emit::cpp | Emit::ir | Emit::frontend);
  ASSERT_TRUE(lowered) << lowered.error().text();
  EXPECT_FALSE(lowered->cpp.empty());
  for (const std::string* text : {&lowered->frontendIr, &lowered->ir}) {
    const Status status = verifyIr(*text);
    EXPECT_TRUE(status.ok()) << status.error().text();
  }
}

TEST(Spaces, PointsOfTheWideSpaceLower) {
  const Problem problems[] = {square(8192), square(2048, 64), square(4096, 128, true),
                              square(1024, 64, true)};
  const std::size_t each = test::longMode() ? 500 : 10;
  std::set<std::int64_t> models;
  for (const Problem& problem : problems)
    for (const Point& point : samplePoints("fa_wide", problem, each, 20260802)) {
      models.insert(point[Param::pipeModel]);
      expectLowers(KernelSpec::of(problem), point);
      if (testing::Test::HasFatalFailure())
        return;
    }
  EXPECT_EQ(models.size(), 3u);
}

TEST(Spaces, PointsOfTheEverydaySpaceLower) {
  std::set<Point> points;
  for (std::int64_t size = 1024; size <= 131072; size *= 2)
    for (const Point& point : samplePoints("fa", square(size), test::longMode() ? SIZE_MAX : 5,
                                           static_cast<unsigned>(20260803 + size)))
      points.insert(point);
  EXPECT_GE(points.size(), 20u);
  for (const Point& point : points) {
    expectLowers({}, point);
    if (testing::Test::HasFatalFailure())
      return;
  }
}

} // namespace
} // namespace ptotune
