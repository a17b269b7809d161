// Devices that are not quite as their profile says, and searches on them.
#include "tuner/measured/Perturbed.h"

#include "Fakes.h"
#include "codegen/Lowering.h"
#include "runners/sim/Simulator.h"
#include "tuner/measured/DistinctSpace.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace ptotune::test {
namespace {

TEST(Perturbed, EveryCostIsOffByAtMostTheShareAndByItsOwnFactor) {
  const SocProfile soc = smallJob().soc;
  const SocProfile device = perturbed(soc, 0.25, 7);
  std::set<double> factors;
  const auto expectClose = [&](double own, double usual) {
    if (usual == 0)
      return;
    EXPECT_GE(own / usual, 0.75 - 1e-9);
    EXPECT_LE(own / usual, 1.25 + 1e-9);
    factors.insert(own / usual);
  };
  ASSERT_EQ(device.paths.size(), soc.paths.size());
  for (std::size_t i = 0; i < soc.paths.size(); ++i)
    expectClose(soc.paths[i].bytesPerSecond, device.paths[i].bytesPerSecond);
  for (std::size_t i = 0; i < soc.vectorOps.size(); ++i)
    expectClose(device.vectorOps[i].slope, soc.vectorOps[i].slope);
  expectClose(device.madPerFractal16, soc.madPerFractal16);
  expectClose(device.launchSeconds, soc.launchSeconds);
  expectClose(device.scalarIssueCycles, soc.scalarIssueCycles);
  EXPECT_EQ(factors.size(), soc.paths.size() + soc.vectorOps.size() + 3);
  EXPECT_NE(device.hash, soc.hash);
  EXPECT_NE(device.hash, perturbed(soc, 0.25, 8).hash);
  EXPECT_EQ(device.hash, perturbed(soc, 0.25, 7).hash);
}

TEST(Perturbed, NoShareLeavesAllTimes) {
  const Job job = smallJob({1024});
  const Problem& problem = job.problems.front();
  const auto kernel = lower(KernelSpec::of(problem), Point(), job.soc, Emit::program);
  ASSERT_TRUE(kernel);
  const auto seconds = [&](const SocProfile& soc) {
    return sim::simulate(kernel->program, soc, problem).seconds;
  };
  EXPECT_EQ(seconds(perturbed(job.soc, 0, 3)), seconds(job.soc));
  const double off = seconds(perturbed(job.soc, 0.25, 3)) / seconds(job.soc);
  EXPECT_NE(off, 1.0);
  EXPECT_GE(off, 0.75);
  EXPECT_LE(off, 1.25);
}

TEST(DistinctSpace, ParametersThatChangeNothingKeepTheSeedsValue) {
  const Job job = smallJob({1024});
  Arena arena(2);
  TuneProgress progress;
  const Space space = distinctSpace(job, job.problems.front(), arena, progress.searching());
  EXPECT_EQ(space.domain(Param::localSlotNum).values, std::vector<std::int64_t>{2});
  EXPECT_EQ(space.rawSize(), job.space.rawSize() / 2);
  EXPECT_EQ(progress.done, job.space.rawSize());
}

TEST(Perturbed, StudyCountsUntilAGoodPointIsMeasured) {
  const Job job = smallJob({1024});
  PerturbedOptions options{.searches = {"auto", "random"}, .devices = 6, .jobs = 2};
  TuneProgress progress;
  const auto result = studyPerturbed(job, options, progress);
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(result->points, std::vector<std::uint64_t>{24});
  ASSERT_EQ(result->rows.size(), 3u);
  EXPECT_TRUE(result->rows[0].guided);
  EXPECT_FALSE(result->rows[1].guided);
  EXPECT_FALSE(result->rows[2].guided);
  for (const PerturbedRow& row : result->rows) {
    ASSERT_TRUE(row.found.ninetieth);
    EXPECT_GE(*row.found.median, 1u);
    EXPECT_LE(*row.found.median, *row.found.ninetieth);
    EXPECT_LE(*row.found.ninetieth, 24u);
  }
  EXPECT_LE(*result->rows[0].found.median, *result->rows[2].found.median);
}

} // namespace
} // namespace ptotune::test
