// Transfers from and to global memory, and what cores share of it. Costs are those of roundSoc():
// one cycle of issue, no latencies unless a test sets them.
#include "runners/sim/Sharing.h"
#include "tests/unit/sim/SimTest.h"

#include <algorithm>

namespace ptotune::sim {
namespace {

// (cycles + latency) * (1 + contention * competing cores) for loads from global memory and for
// stores to it. At most `neighbours` cores compete: here 2.5 of up to three others.
TEST(GlobalMemory, LatencyAndContention) {
  struct Case {
    std::int64_t blocks;
    double load;
    double store;
  };
  for (const Case& c : {Case{1, 1, 1}, Case{2, 1.25, 1.5}, Case{3, 1.5, 2}, Case{4, 1.625, 2.25},
                        Case{5, 1.625, 2.25}}) {
    SCOPED_TRACE(c.blocks);
    SocProfile soc = roundSoc();
    soc.transferLatencyCycles = 4;
    soc.gmSharing = {.load = 0.25, .store = 0.5, .neighbours = 2.5};
    ProgramBuilder builder;
    builder.cube.work(Pipe::mte2, 20);
    builder.cube.work(Pipe::fix, 20);
    builder.cube.work(Pipe::mte1, 20); // L1 to L0A
    builder.cube.work(Pipe::m, 20);
    builder.vector.work(Pipe::mte3, 20);
    builder.vector.work(Pipe::v, 20);
    const Simulated r = run(builder, soc, c.blocks);
    EXPECT_EQ(r.seen.end(0, 0) - r.seen.start(0, 0), 24 * c.load);
    EXPECT_EQ(r.seen.end(0, 1) - r.seen.start(0, 1), 24 * c.store);
    EXPECT_EQ(r.seen.end(0, 2) - r.seen.start(0, 2), 20);
    EXPECT_EQ(r.seen.end(0, 3) - r.seen.start(0, 3), 20);
    EXPECT_EQ(r.seen.end(1, 0) - r.seen.start(1, 0), 24 * c.store);
    EXPECT_EQ(r.seen.end(2, 1) - r.seen.start(2, 1), 20);
    EXPECT_EQ(r.result.activeCores, std::min<std::int64_t>(c.blocks, 4));
    EXPECT_EQ(r.result.waves, (c.blocks + 3) / 4);
  }
}

// Rings beyond L2: of two cores' 2 * 64 B, a byte more than L2 holds comes from HBM, which both
// share. A transfer takes the longer of its own time and of HBM's.
TEST(GlobalMemory, WorkingSetBeyondL2) {
  struct Case {
    double l2;
    std::int64_t blocks;
    double load; // of 96 B, 96 cycles alone
  };
  // HBM moves 0.25 B a cycle: the whole load takes 384 cycles for one core, 768 for two.
  for (const Case& c : {Case{0, 2, 96}, Case{128, 2, 96}, Case{112, 2, 96}, Case{96, 2, 192},
                        Case{64, 2, 384}, Case{64, 1, 96}, Case{32, 1, 192}}) {
    SCOPED_TRACE(std::to_string(c.l2) + " " + std::to_string(c.blocks));
    SocProfile soc = roundSoc();
    soc.l2Bytes = c.l2;
    soc.hbmBytesPerSecond = 0.25e9;
    ProgramBuilder builder;
    builder.fifo("x", Core::cube, 1, 1); // one slot of 64 B
    builder.cube.work(Pipe::mte2, 96);
    builder.cube.work(Pipe::m, 20);
    const Simulated r = run(builder, soc, c.blocks);
    ASSERT_EQ(nameOf(r.result), "finished") << r.result.detailText();
    EXPECT_EQ(r.seen.end(0, 0) - r.seen.start(0, 0), c.load);
    EXPECT_EQ(r.seen.end(0, 1) - r.seen.start(0, 1), 20);
  }
}

// Two blocks on two cores, one load of 96 B each: with one neighbour a quarter longer, 24 cycles;
// from HBM, 0.25 B a cycle for both, 768 cycles instead of 96, which covers contention.
TEST(Sharing, CostsWhatTheRunWouldTakeLessWithoutIt) {
  struct Case {
    double l2;
    std::int64_t blocks;
    double contention; // cycles of 1 ns
    double capacity;
  };
  for (const Case& c : {Case{128, 1, 0, 0}, Case{128, 2, 24, 0}, Case{64, 2, 0, 264}}) {
    SCOPED_TRACE(std::to_string(c.l2) + " " + std::to_string(c.blocks));
    SocProfile soc = roundSoc();
    soc.gmSharing = {.load = 0.25, .store = 0.25, .neighbours = 4};
    soc.l2Bytes = c.l2;
    soc.hbmBytesPerSecond = 0.25e9;
    ProgramBuilder builder;
    builder.fifo("x", Core::cube, 1, 1); // one slot of 64 B
    builder.cube.work(Pipe::mte2, 96);
    const Problem problem = problemOf(c.blocks);
    const SimResult run = simulate(builder.program, soc, problem);
    const auto cost = sharingCost(builder.program, soc, problem, run.seconds);
    ASSERT_TRUE(cost) << cost.error().text();
    EXPECT_NEAR(cost->contention, c.contention * 1e-9, 1e-15);
    EXPECT_NEAR(cost->capacity, c.capacity * 1e-9, 1e-15);
  }
}

TEST(Sharing, ARunThatHangsHasNoCost) {
  ProgramBuilder builder;
  builder.cube.wait(Pipe::m, Pipe::fix, builder.constant(0));
  EXPECT_FALSE(sharingCost(builder.program, roundSoc(), problemOf(1), 0));
}

} // namespace
} // namespace ptotune::sim
