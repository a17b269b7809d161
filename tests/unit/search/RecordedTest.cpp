// The recorded spaces, where they are at hand: in the folder that PTO_TUNE_RECORDED names, or in
// shared/data/recorded beside the repository. They are not part of it.
#include "tests/support/Paths.h"
#include "tuner/search/study/Study.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <string>

using namespace ptotune;
using namespace ptotune::search;

namespace {

std::string folder() {
  const char* given = std::getenv("PTO_TUNE_RECORDED");
  return given ? given : ptotune::test::sourceDir() + "/../shared/data/recorded";
}

class Recorded : public testing::Test {
protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder()))
      GTEST_SKIP() << "no recorded spaces: neither PTO_TUNE_RECORDED nor " << folder();
  }

  static Recording read(const std::string& name) {
    auto recordings = readRecordings(folder(), name);
    EXPECT_TRUE(recordings) << recordings.error().text();
    EXPECT_EQ(recordings->size(), 1U);
    return std::move(recordings->front());
  }
};

// Run r of 25 visits the results r * 977 + i * 7919, modulo their number, until the limit.
std::vector<ReplayRun> fixedRuns(const Recording& recording, const Yardstick& stick) {
  std::vector<Index> byPosition(recording.results);
  for (Index index = 0; index < recording.positions.size(); ++index)
    byPosition[recording.positions[index]] = index;
  std::vector<ReplayRun> runs(25);
  for (std::size_t r = 0; r < runs.size(); ++r)
    for (std::size_t i = 0; runs[r].simulatedSeconds < stick.limit(); ++i) {
      const Index index = byPosition[(r * 977 + i * 7919) % byPosition.size()];
      runs[r].steps.push_back({index, 0});
      runs[r].simulatedSeconds += recording.outcomes[index].cost;
    }
  return runs;
}

struct Golden {
  const char* space;
  std::uint64_t evaluations;
  double limit;
  double score;
  double atQuarter;
};

// By an independent scorer in numpy (P over the same traces, and P at the 251st of the times).
constexpr Golden kGolden[] = {
    {"convolution/A6000", 388, 1220.487158087283, 0.027624484314067457, -0.0501543539770366},
    {"convolution/W6600", 8, 24.323162648372723, -1.0547864506458575, -0.41489353564805515},
    {"dedispersion/A100", 795, 2780.2134459587764, -0.0461988654664263, -0.15043730008077416},
};

TEST_F(Recorded, ScoresAsAnIndependentScorerDoes) {
  for (const Golden& golden : kGolden) {
    const Recording recording = read(golden.space);
    const auto stick = Yardstick::make(recording);
    ASSERT_TRUE(stick) << golden.space;
    EXPECT_EQ(stick->windowEvaluations(), golden.evaluations) << golden.space;
    EXPECT_NEAR(stick->limit(), golden.limit, 1e-6 * golden.limit) << golden.space;
    const std::vector<ReplayRun> runs = fixedRuns(recording, *stick);
    RankCurves curves(runs.size());
    std::vector<std::uint32_t> chosen(runs.size());
    std::iota(chosen.begin(), chosen.end(), 0U);
    for (std::size_t r = 0; r < runs.size(); ++r)
      rankCurve(runs[r], recording, *stick, curves.of(r));
    const auto performance = stick->performance(curves.mean(chosen, stick->values().size()));
    const double score = std::accumulate(performance.begin(), performance.end(), 0.0) /
                         static_cast<double>(performance.size());
    EXPECT_NEAR(score, golden.score, 1e-6) << golden.space;
    EXPECT_NEAR(performance[250], golden.atQuarter, 1e-6) << golden.space;
  }
}

TEST_F(Recorded, TheDefaultIsFarAheadOfRandomSearch) {
  const auto recordings = readRecordings(folder(), "convolution/W6600");
  ASSERT_TRUE(recordings) << recordings.error().text();
  std::vector<Entrant> entrants;
  for (const char* name : {"auto", "random"})
    entrants.push_back({name, (*findSearcher(name))->make});
  const auto result = runStudy(*recordings, entrants, {.repeats = 200});
  ASSERT_TRUE(result);
  // Eight evaluations fit. Measured with 5,000 repeats: 0.72 and -0.54.
  EXPECT_GT(result->entries[0].score, 0.5);
  EXPECT_LT(result->entries[1].score, 0.0);
}

} // namespace
