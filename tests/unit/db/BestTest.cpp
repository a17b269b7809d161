// Champions and the views behind them, against a computation over the same trials in plain C++.
#include "DbTest.h"

#include <random>
#include <set>
#include <tuple>

namespace ptotune::test {
namespace {

struct Recorded {
  Environment environment;
  Trial trial;
};

// Few values, so that exact ties happen; few points, so that points have several trials.
std::vector<Recorded> randomTrials(unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&random](int n) {
    return static_cast<int>(random() % static_cast<unsigned>(n));
  };
  std::vector<Recorded> all;
  for (int i = 0; i < 120; ++i) {
    const Environment environment = below(2) == 0 ? simEnvironment() : deviceEnvironment();
    const Problem shape = problem(128, 1024 << below(3));
    const Point point = numberedPoint(below(2) == 0 ? 119 + below(3) : below(8));
    Trial trial;
    if (below(3) == 0) {
      const auto status = static_cast<TrialStatus>(1 + below(7));
      trial = failedTrial(shape, point, status, "no");
    } else {
      std::vector<double> seconds;
      for (int n = 1 + below(4); n > 0; --n)
        seconds.push_back(1e-6 * (1 + below(3)));
      trial = correctTrial(shape, point, seconds);
      trial.calibrated = below(4) != 0;
    }
    all.push_back({environment, trial});
  }
  return all;
}

struct Expected {
  double seconds = 0;
  std::int64_t samples = 0;
  bool calibrated = true;
};
using Key = std::pair<Hash, Hash>; // environment, problem

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

// Time of every point by environment and problem. A trial that was recorded twice counts once.
std::map<Key, std::map<Point, Expected>> timesOf(const std::vector<Recorded>& all) {
  using Seen = std::tuple<Hash, Hash, Point, std::vector<double>, bool>;
  std::set<Seen> seen;
  std::map<Key, std::map<Point, std::vector<double>>> pools;
  std::map<Key, std::map<Point, Expected>> times;
  for (const auto& [environment, trial] : all) {
    const Key key{environment.hash(), trial.problem.hash()};
    if (trial.status != TrialStatus::correct ||
        !seen.emplace(key.first, key.second, trial.point, trial.seconds, trial.calibrated).second)
      continue;
    auto& pool = pools[key][trial.point];
    pool.insert(pool.end(), trial.seconds.begin(), trial.seconds.end());
    Expected& expected = times[key][trial.point];
    expected.seconds = median(pool);
    expected.samples = static_cast<std::int64_t>(pool.size());
    expected.calibrated = expected.calibrated && trial.calibrated;
  }
  return times;
}

// The points that share the least time.
std::vector<Point> bestOf(const std::map<Point, Expected>& times) {
  double least = std::numeric_limits<double>::infinity();
  for (const auto& [point, expected] : times)
    least = std::min(least, expected.seconds);
  std::vector<Point> best;
  for (const auto& [point, expected] : times)
    if (expected.seconds == least)
      best.push_back(point);
  return best; // in the order of Point
}

TEST(Best, AgreesWithAComputationOverAllTrials) {
  int tied = 0;
  int pooled = 0;
  for (unsigned seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE(seed);
    const TempDir directory;
    const std::string path = directory.path("results.db");
    const auto all = randomTrials(seed);
    Database database = mustOpen(path);
    for (const Environment& environment : {simEnvironment(), deviceEnvironment()}) {
      std::vector<Trial> batch;
      for (const Recorded& one : all)
        if (one.environment == environment)
          batch.push_back(one.trial);
      mustRecord(database, mustBegin(database, environment), batch);
    }
    const auto times = timesOf(all);
    RawDatabase raw(path);
    const auto champions = database.champions();
    ASSERT_TRUE(champions) << champions.error().text();
    ASSERT_EQ(champions->size(), times.size());
    std::size_t bestRows = 0;
    for (const Champion& champion : *champions) {
      const auto& points = times.at({champion.environment.hash(), champion.problem.hash()});
      const std::vector<Point> best = bestOf(points);
      bestRows += best.size();
      tied += best.size() > 1;
      pooled += champion.samples > 4;
      const bool hasDefault = std::find(best.begin(), best.end(), Point()) != best.end();
      EXPECT_EQ(champion.point, hasDefault ? Point() : best.front());
      const Expected& expected = points.at(champion.point);
      EXPECT_EQ(champion.seconds, expected.seconds);
      EXPECT_EQ(champion.samples, expected.samples);
      EXPECT_EQ(champion.calibrated, expected.calibrated);
      EXPECT_EQ(champion.ties, static_cast<std::int64_t>(best.size()) - 1);
      EXPECT_EQ(champion.sourceHash, Hash::of(champion.point.text()));
    }
    EXPECT_EQ(raw.value("SELECT count(*) FROM best"), std::to_string(bestRows));
    std::size_t pointRows = 0;
    for (const auto& [key, points] : times)
      pointRows += points.size();
    EXPECT_EQ(raw.value("SELECT count(*) FROM point_time"), std::to_string(pointRows));
  }
  // The generator reaches what the test is about.
  EXPECT_GT(tied, 10);
  EXPECT_GT(pooled, 10);
}

TEST(Best, CountsTrialsByStatus) {
  const TempDir directory;
  Database database = mustOpen(directory.path("results.db"));
  const Problem shape = problem(128, 1024);
  std::vector<Trial> trials = {correctTrial(shape, Point(), {1e-6}),
                               correctTrial(problem(128, 2048), Point(), {1e-6})};
  for (int i = 0; i < 5; ++i)
    trials.push_back(failedTrial(shape, numberedPoint(i), TrialStatus::pruned, "equal program"));
  for (int i = 5; i < 8; ++i)
    trials.push_back(failedTrial(shape, numberedPoint(i), TrialStatus::hang, "cycle"));
  mustRecord(database, mustBegin(database), trials);
  const auto champions = database.champions({.problem = shape});
  ASSERT_TRUE(champions);
  ASSERT_EQ(champions->size(), 1u);
  const Champion& champion = champions->front();
  EXPECT_EQ(champion.trialCount(), 9);
  EXPECT_EQ(champion.trialCount(TrialStatus::correct), 1);
  EXPECT_EQ(champion.trialCount(TrialStatus::pruned), 5);
  EXPECT_EQ(champion.trialCount(TrialStatus::hang), 3);
  EXPECT_EQ(champion.trialCount(TrialStatus::timeout), 0);
}

TEST(Best, FiltersAndOrders) {
  const TempDir directory;
  Database database = mustOpen(directory.path("results.db"));
  Environment newer = simEnvironment();
  newer.toolVersion = "0.2.0";
  Environment otherSoc = simEnvironment();
  otherSoc.soc = "Ascend910B1";
  // Recorded in this order: 0.2.0 last.
  for (const Environment& environment : {otherSoc, simEnvironment(), deviceEnvironment(), newer})
    mustRecord(database, mustBegin(database, environment),
               {correctTrial(problem(128, 8192), Point(), {1e-6}),
                correctTrial(problem(128, 1024), Point(), {1e-6})});
  const auto names = [&database](const ChampionFilter& filter) {
    std::vector<std::string> found;
    const auto champions = database.champions(filter);
    EXPECT_TRUE(champions);
    for (const Champion& champion : *champions)
      found.push_back(champion.environment.soc + " " + champion.environment.runner + " " +
                      champion.environment.toolVersion + " " + std::to_string(champion.problem.s1));
    return found;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names({}), (Names{"Ascend910B1 sim 0.1.0 1024", "Ascend910B1 sim 0.1.0 8192",
                              "Ascend910B2 ascend 0.1.0 1024", "Ascend910B2 ascend 0.1.0 8192",
                              "Ascend910B2 sim 0.2.0 1024", "Ascend910B2 sim 0.2.0 8192",
                              "Ascend910B2 sim 0.1.0 1024", "Ascend910B2 sim 0.1.0 8192"}));
  EXPECT_EQ(names({.environment = newer.hash(), .problem = problem(128, 8192)}),
            (Names{"Ascend910B2 sim 0.2.0 8192"}));
  EXPECT_EQ(names({.soc = "Ascend910B1", .runner = "sim"}).size(), 2u);
  EXPECT_EQ(names({.runner = "ascend"}).size(), 2u);
  EXPECT_EQ(names({.environment = Hash::of("nobody")}), Names());
  EXPECT_EQ(names({.problem = problem(1, 1)}), Names());
}

} // namespace
} // namespace ptotune::test
