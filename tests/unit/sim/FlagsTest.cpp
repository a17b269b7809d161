// The counting flag, its joining across cores, and the queue they are made of.
#include "runners/sim/Machine.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <vector>

namespace ptotune::sim {
namespace {

TEST(Ring, BehavesLikeADeque) {
  Ring<int> ring;
  std::deque<int> expected;
  std::mt19937 random(5);
  for (int i = 0; i < 2000; ++i) {
    if (random() % 5 < 3) {
      ring.push(i);
      expected.push_back(i);
    } else if (!expected.empty()) {
      ring.pop();
      expected.pop_front();
    }
    ASSERT_EQ(ring.size(), expected.size());
    for (std::size_t k = 0; k < expected.size(); ++k)
      ASSERT_EQ(ring[k], expected[k]);
  }
}

// Whether signals arriving and waits ending at these times overflow a counter of `max`: between two
// arrivals all waits that have ended are counted, one at the arrival's tick among them.
bool overflows(std::int64_t max, const std::vector<Tick>& arrivals,
               const std::vector<Tick>& waits) {
  for (std::size_t k = 0; k < arrivals.size(); ++k) {
    std::int64_t value = static_cast<std::int64_t>(k) + 1;
    for (const Tick wait : waits)
      value -= wait <= arrivals[k];
    if (value > max)
      return true;
  }
  return false;
}

// Signals and waits become known in any order that a run may evaluate them in (a wait after its own
// signal); the counter's verdict is that of their times.
TEST(Counter, OverflowFollowsTheTimesNotTheOrderOfEvaluation) {
  std::mt19937 random(11);
  int found = 0;
  for (int round = 0; round < 20000; ++round) {
    const std::int64_t max = 1 + random() % 3;
    const std::size_t count = 1 + random() % 8;
    std::vector<Tick> arrivals(count), waits(count);
    Tick at = 0, taken = 0;
    for (std::size_t i = 0; i < count; ++i) {
      at += random() % 4;
      arrivals[i] = at;
      taken = std::max(taken, at) + static_cast<Tick>(random() % 3 * (random() % 4));
      waits[i] = taken;
    }
    Counter counter(max);
    Decisions decisions;
    bool overflow = false;
    std::size_t known = 0, done = 0;
    while (done < count) {
      if (known < count && (known == done || random() % 2 == 0)) {
        overflow |= !counter.arrive({arrivals[known], 0, 0, 0}, decisions);
        ++known;
      } else {
        ASSERT_TRUE(counter.ready());
        ASSERT_EQ(counter.next().time, arrivals[done]);
        overflow |= counter.take(waits[done], decisions).has_value();
        ++done;
      }
    }
    ASSERT_EQ(overflow, overflows(max, arrivals, waits)) << "round " << round;
    ASSERT_EQ(counter.outstanding(), 0u);
    found += overflow;
  }
  EXPECT_GT(found, 2000);
  EXPECT_LT(found, 18000);
}

TEST(CrossCore, JoinsTheVectorCoresNumberByNumber) {
  CrossCore cross(4, 15);
  Decisions decisions;
  const auto signal = [&](int core, Tick time) {
    return cross.signal({time, core, 0, 0}, 2, decisions);
  };
  signal(1, 10);
  signal(1, 20);
  EXPECT_FALSE(cross.counter(0, 2).ready());
  EXPECT_TRUE(cross.unmatched(2));
  signal(2, 15); // the first of AIV1 joins the first of AIV0
  ASSERT_EQ(cross.counter(0, 2).outstanding(), 1u);
  EXPECT_EQ(cross.counter(0, 2).next().time, 15);
  EXPECT_EQ(cross.counter(0, 2).next().core, 2);
  signal(2, 16);
  signal(2, 17);
  ASSERT_EQ(cross.counter(0, 2).outstanding(), 2u);
  EXPECT_EQ(cross.counter(0, 2).at(1).time, 20);
  EXPECT_EQ(cross.counter(0, 2).at(1).core, 1);
  signal(1, 30);
  EXPECT_EQ(cross.counter(0, 2).at(2).time, 30);
  EXPECT_FALSE(cross.unmatched(2));
  EXPECT_EQ(cross.sent(1, 2), 3);
  EXPECT_EQ(cross.sent(2, 2), 3);
  EXPECT_FALSE(cross.counter(0, 3).ready());
}

TEST(CrossCore, CubeReachesBothVectorCores) {
  CrossCore cross(4, 1);
  Decisions decisions;
  EXPECT_EQ(cross.signal({5, 0, 0, 0}, 1, decisions), -1);
  for (const int aiv : {1, 2}) {
    ASSERT_TRUE(cross.counter(aiv, 1).ready());
    EXPECT_EQ(cross.counter(aiv, 1).next().time, 5);
  }
  EXPECT_FALSE(cross.counter(0, 1).ready());
  cross.counter(1, 1).take(8, decisions);
  EXPECT_EQ(cross.signal({7, 0, 0, 0}, 1, decisions), 1); // AIV0 took the first only at 8
}

} // namespace
} // namespace ptotune::sim
