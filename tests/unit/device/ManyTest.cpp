// Many candidates, of which a third hang, crash or lie.
#include "DeviceTest.h"
#include "space/PointSet.h"
#include "tests/support/LongMode.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <random>

namespace ptotune {
namespace {

using nlohmann::json;

// Different points of the everyday space that are legal for the problem, the quick ones to
// simulate.
std::vector<Point> pointsFor(const Problem& problem, std::size_t count) {
  const auto space = loadSpace(test::config("spaces/fa.toml"));
  const auto set = PointSet::build(problem, test::virtualSoc(), *space, {});
  std::mt19937_64 random(11);
  std::vector<Point> points;
  while (points.size() < count) {
    const Point point = set->sample(random);
    if (std::ranges::find(points, point) == points.end())
      points.push_back(point);
  }
  return points;
}

class Many : public test::DeviceTest {};

TEST_F(Many, EveryGoodOneIsMeasuredAndTheChampionIsRight) {
  const std::size_t count = test::longMode() ? 100 : 12;
  const Problem problem = candidate(128, 1024).problem;
  const std::vector<Point> points = pointsFor(problem, count);
  // Every third point is faulty, in turn; liars are ten times as fast.
  const std::pair<const char*, TrialStatus> faults[] = {{"hang", TrialStatus::hang},
                                                        {"crash", TrialStatus::runtime},
                                                        {"wrong", TrialStatus::correctness}};
  json kernels = json::array();
  std::vector<TrialStatus> expected;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [effect, status] = faults[(i / 3) % 3];
    expected.push_back(i % 3 == 0 ? status : TrialStatus::correct);
    if (i % 3 == 0)
      kernels.push_back(
          {{"point", json::parse(points[i].json())}, {"effect", effect}, {"factor", 0.1}});
  }
  script({{"kernels", kernels}});

  Budget budget = shortBudget();
  budget.warmup = 0;
  budget.minRepetitions = budget.maxRepetitions = 1;
  const auto start = std::chrono::steady_clock::now();
  std::vector<Trial> trials;
  for (const Point& point : points)
    trials.push_back(measure(candidate(problem.s0, problem.s1, point), budget));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  fmt::print("{} candidates in {:.1f} s\n", count, took.count());
  for (std::size_t i = 0; i < count; ++i)
    EXPECT_EQ(name(trials[i].status), std::string(name(expected[i])))
        << points[i].text() << ": " << trials[i].detail;

  // The fastest by what the virtual device knows itself, which is within its noise of the fastest
  // that was measured.
  const auto time = [](const Trial& trial) { return trial.time().value_or(1); };
  const Trial& champion = *std::ranges::min_element(trials, {}, time);
  EXPECT_EQ(champion.status, TrialStatus::correct);
  script();
  double best = 1;
  for (std::size_t i = 0; i < count; ++i)
    if (expected[i] == TrialStatus::correct)
      best = std::min(best, time(measure(candidate(problem.s0, problem.s1, points[i]), budget)));
  EXPECT_NEAR(*champion.time() / best, 1, 0.02);
}

} // namespace
} // namespace ptotune
