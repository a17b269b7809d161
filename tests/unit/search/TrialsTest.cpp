// Trials of the flash-attention family as a space to search.
#include "tuner/search/study/Trials.h"

#include "space/Job.h"
#include "tests/support/Paths.h"
#include "tuner/search/Searchers.h"
#include "tuner/search/study/Study.h"

#include <gtest/gtest.h>

using namespace ptotune;
using namespace ptotune::search;

namespace {

struct Attention {
  Job job = *loadJob(ptotune::test::data("jobs/medium.toml"));
  PointSet points = *PointSet::build(job.problems.front(), job.soc, job.space, {});

  // Deeper rings and wider tiles are faster here; the deepest rings hang.
  Trial trialOf(const Point& point) const {
    Trial trial{.problem = job.problems.front(), .point = point};
    trial.prepareSeconds = 2;
    trial.measureSeconds = 0.5;
    trial.status = TrialStatus::correct;
    const double time =
        1e-3 * (1 + 1.0 / static_cast<double>(point.qkPreload()) +
                100.0 / static_cast<double>(point.tileS1()) +
                0.3 / static_cast<double>(point.slotNumQK()) + (point.unitFlag() ? 0.0 : 0.05));
    trial.seconds = {time, time, 9 * time};
    return trial;
  }
  std::vector<Trial> trials() const {
    std::vector<Trial> list;
    points.forEach([&](const Point& point) { list.push_back(trialOf(point)); });
    return list;
  }
};

TEST(Trials, AnswerByPoint) {
  const Attention attention;
  ASSERT_GT(attention.points.count(), 50U);
  std::vector<Trial> trials = attention.trials();
  trials[3].status = TrialStatus::hang;
  trials[3].seconds.clear();
  trials[4].status = TrialStatus::pruned;
  trials[4].seconds.clear();
  const auto recording = recordingOf("fa", attention.points, trials);
  ASSERT_TRUE(recording) << recording.error().text();
  EXPECT_EQ(recording->results, trials.size() - 1);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const Index index = *attention.points.rank(trials[i].point);
    const Outcome& outcome = recording->outcomes[index];
    EXPECT_EQ(outcome.value.has_value(), i != 3 && i != 4);
    EXPECT_EQ(outcome.cost, i == 4 ? 0 : 2.5);
    if (outcome.value)
      EXPECT_EQ(*outcome.value, trials[i].seconds[0]); // the median
  }
}

TEST(Trials, ACorrectOneCountsBeforeAFailedOne) {
  const Attention attention;
  const Trial good = attention.trialOf(attention.points.at(0));
  Trial bad = good;
  bad.status = TrialStatus::runtime;
  bad.seconds.clear();
  for (const auto& trials : {std::vector<Trial>{bad, good}, std::vector<Trial>{good, bad}}) {
    const auto recording = recordingOf("fa", attention.points, trials);
    ASSERT_TRUE(recording);
    EXPECT_EQ(recording->results, 1U);
    EXPECT_EQ(recording->outcomes[0].value, good.seconds[0]);
  }
}

TEST(Trials, OfOtherPointsAreAnError) {
  const Attention attention;
  Trial foreign = attention.trialOf(attention.points.at(0));
  foreign.point.set(Param::tileS1, 48);
  const std::vector<Trial> trials = {foreign};
  const auto recording = recordingOf("fa", attention.points, trials);
  ASSERT_FALSE(recording);
  EXPECT_EQ(recording.error().message, "no trial is of a legal point of the space");
  EXPECT_FALSE(priorOf(attention.points, trials));
}

TEST(Trials, AreSearchedLikeAnyRecording) {
  const Attention attention;
  const auto recording = recordingOf("fa/device", attention.points, attention.trials());
  ASSERT_TRUE(recording);
  const std::vector<Entrant> entrants = {{"auto", (*findSearcher("auto"))->make},
                                         {"random", (*findSearcher("random"))->make}};
  const auto result = runStudy(std::span(&*recording, 1), entrants, {.repeats = 20});
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_GT(result->entries[0].score, result->entries[1].score);
}

TEST(Trials, LeadAnotherSearchAsAPrior) {
  const Attention attention;
  const auto prior = priorOf(attention.points, attention.trials());
  const auto space = spaceOf(attention.points);
  ASSERT_TRUE(prior && space);
  const auto searcher = (*findSearcher("auto"))->makeGuided(*space, 1, *prior);
  // The best of the prior's trials comes first.
  const Point first = attention.points.at(searcher->ask(1).front());
  for (const Trial& trial : attention.trials())
    EXPECT_LE(*attention.trialOf(first).time(), *trial.time());
}

} // namespace
