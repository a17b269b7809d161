// Delay assignments: an instruction starts late, and everything else follows from that.
#include "SimTest.h"

#include <gtest/gtest.h>

#include <set>

namespace ptotune::sim {
namespace {

// MTE2 works 10 cycles, V waits for it and works 5; MTE3 works 7 beside them.
void fill(ProgramBuilder& b) {
  const auto zero = b.constant(0);
  b.vector.work(Pipe::mte2, 10);
  b.vector.set(Pipe::mte2, Pipe::v, zero);
  b.vector.wait(Pipe::mte2, Pipe::v, zero);
  b.vector.work(Pipe::v, 5);
  b.vector.work(Pipe::mte3, 7);
}

TEST(Delays, StartLate) {
  ProgramBuilder b;
  fill(b);
  const Simulated prompt = run(b, roundSoc());
  SimOptions options;
  options.delays.fixed = {{1, 0, 20}}; // AIV0's load
  const Simulated late = run(b, roundSoc(), 1, 0, options);
  ASSERT_EQ(nameOf(late.result), "finished");
  EXPECT_EQ(prompt.seen.start(1, 0), 1);
  EXPECT_EQ(late.seen.start(1, 0), 21);
  EXPECT_EQ(late.seen.end(1, 0), 31);
  EXPECT_EQ(late.seen.start(1, 3), prompt.seen.start(1, 3) + 20) << "waits for it";
  EXPECT_EQ(late.seen.start(1, 4), prompt.seen.start(1, 4)) << "does not";
  EXPECT_EQ(late.seen.start(2, 0), 1) << "the other core";
}

TEST(Delays, AreNeitherWorkNorStall) {
  ProgramBuilder b;
  fill(b);
  SimOptions options;
  options.delays.fixed = {{1, 0, 20}, {1, 0, 2.5}}; // several add up
  const Simulated late = run(b, roundSoc(), 1, 0, options);
  EXPECT_EQ(late.seen.start(1, 0), 23.5);
  const PipeStats& pipe = late.result.cores[1].pipe(Pipe::mte2);
  EXPECT_EQ(pipe.busyCycles, 10);
  EXPECT_EQ(pipe.stallCycles[static_cast<std::size_t>(StallReason::issue)], 1);
}

TEST(Delays, RandomOnesFollowTheSeed) {
  ProgramBuilder b;
  for (int i = 0; i < 50; ++i)
    b.vector.work(Pipe::mte2, 1);
  const auto gaps = [&](std::uint64_t seed) {
    SimOptions options;
    options.delays.randomCycles = 8;
    options.delays.seed = seed;
    const Simulated run = sim::run(b, roundSoc(), 1, 0, options);
    std::vector<double> result;
    double end = 0;
    for (int i = 0; i < 50; ++i) {
      // Issue takes a cycle, so the queue is never empty behind the first.
      result.push_back(run.seen.start(1, i) - std::max(end, i + 1.0));
      end = run.seen.end(1, i);
    }
    return result;
  };
  const std::vector<double> one = gaps(1);
  EXPECT_EQ(one, gaps(1));
  EXPECT_NE(one, gaps(2));
  double sum = 0;
  for (const double gap : one) {
    EXPECT_GE(gap, 0);
    EXPECT_LE(gap, 8);
    sum += gap;
  }
  EXPECT_NEAR(sum / 50, 4, 1.5);
  EXPECT_GT(std::set<double>(one.begin(), one.end()).size(), 40U);
}

TEST(Delays, WithoutAnyTheRunIsTheSame) {
  ProgramBuilder b;
  fill(b);
  SimOptions options;
  options.delays.seed = 5; // of no random delay
  EXPECT_TRUE(options.delays.empty());
  EXPECT_EQ(run(b, roundSoc(), 1, 0, options).result.ticks, run(b, roundSoc()).result.ticks);
}

} // namespace
} // namespace ptotune::sim
