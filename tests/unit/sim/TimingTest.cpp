// Each timing rule at its boundary. Costs are those of roundSoc(): one cycle of issue, no latencies
// unless a test sets them.
#include "tests/unit/sim/SimTest.h"

namespace ptotune::sim {
namespace {

// Issue: instruction i of a core reaches its pipe at (i + 1) * scalarIssueCycles.
TEST(Issue, InProgramOrderAtTheProfilesRate) {
  struct Case {
    double issue;
    std::vector<double> starts; // of one-cycle work on four different pipes
  };
  const Case cases[] = {
      {0, {0, 0, 0, 0}},
      {1, {1, 2, 3, 4}},
      {2.5, {2.5, 5, 7.5, 10}},
      {1.0 / 1024, {1.0 / 1024, 2.0 / 1024, 3.0 / 1024, 4.0 / 1024}},
      {0.3, {307.0 / 1024, 614.0 / 1024, 921.0 / 1024, 1228.0 / 1024}}, // nearest tick, once
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.issue);
    SocProfile soc = roundSoc();
    soc.scalarIssueCycles = c.issue;
    ProgramBuilder builder;
    for (const Pipe pipe : {Pipe::mte2, Pipe::mte1, Pipe::m, Pipe::fix})
      builder.cube.work(pipe, 1);
    const Simulated r = run(builder, soc);
    ASSERT_EQ(nameOf(r.result), "finished");
    for (std::size_t i = 0; i < c.starts.size(); ++i)
      EXPECT_EQ(r.seen.start(0, static_cast<std::int32_t>(i)), c.starts[i]);
    EXPECT_EQ(r.result.cycles, c.starts.back() + 1);
  }
}

// A pipe executes one instruction at a time: the second starts at the later of its issue (cycle 2)
// and the end of the first (1 + its cycles).
TEST(Pipe, StartsWhenIssuedAndFree) {
  struct Case {
    std::int64_t first;
    double start;
  };
  for (const Case& c : {Case{1, 2}, Case{2, 3}, Case{3, 4}, Case{100, 101}})
    for (const Pipe pipe : {Pipe::mte1, Pipe::mte2, Pipe::mte3, Pipe::m, Pipe::v, Pipe::fix}) {
      SCOPED_TRACE(std::string(name(pipe)) + " " + std::to_string(c.first));
      ProgramBuilder builder;
      builder.cube.work(pipe, c.first);
      builder.cube.work(pipe, 5);
      const Simulated r = run(builder, roundSoc());
      EXPECT_EQ(r.seen.start(0, 0), 1);
      EXPECT_EQ(r.seen.start(0, 1), c.start);
      EXPECT_EQ(r.result.cycles, c.start + 5);
    }
}

// With an issue of three cycles the pipe is free again just before, at, and after the next issue.
TEST(Pipe, FreeOneCycleBeforeAtAndAfterTheIssue) {
  struct Case {
    std::int64_t first;
    double start;
    double idle; // of the pipe between the two
  };
  for (const Case& c : {Case{2, 6, 1}, Case{3, 6, 0}, Case{4, 7, 0}}) {
    SCOPED_TRACE(c.first);
    SocProfile soc = roundSoc();
    soc.scalarIssueCycles = 3;
    ProgramBuilder builder;
    builder.cube.work(Pipe::m, c.first);
    builder.cube.work(Pipe::m, 1);
    const Simulated r = run(builder, soc);
    EXPECT_EQ(r.seen.start(0, 1), c.start);
    const PipeStats& m = r.result.cores[0].pipe(Pipe::m);
    EXPECT_EQ(m.stallCycles[static_cast<std::size_t>(StallReason::issue)], 3 + c.idle);
    EXPECT_EQ(m.busyCycles, static_cast<double>(c.first + 1));
  }
}

TEST(Pipe, DifferentPipesOverlap) {
  ProgramBuilder builder;
  builder.cube.work(Pipe::mte2, 100);
  builder.cube.work(Pipe::m, 100);
  const Simulated r = run(builder, roundSoc());
  EXPECT_EQ(r.seen.start(0, 0), 1);
  EXPECT_EQ(r.seen.start(0, 1), 2);
  EXPECT_EQ(r.result.cycles, 102);
}

// A barrier costs its issue: what follows on the pipe starts as if it were not there, unless the
// barrier's own issue delays it.
TEST(Barrier, CostsItsIssueOnly) {
  struct Case {
    std::int64_t first;
    double start;
  };
  for (const Case& c : {Case{1, 3}, Case{2, 3}, Case{3, 4}, Case{50, 51}}) {
    SCOPED_TRACE(c.first);
    ProgramBuilder builder;
    builder.vector.work(Pipe::v, c.first);
    builder.vector.barrier(Pipe::v);
    builder.vector.work(Pipe::v, 1);
    const Simulated r = run(builder, roundSoc());
    EXPECT_EQ(r.seen.start(1, 2), c.start);
    EXPECT_EQ(r.seen.start(2, 2), c.start);
  }
}

// Work on M (issue 1, so cycles 1 .. 1+n), set_flag behind it, wait_flag and work on FIX issued at
// 3 and 4: the work starts at the later of 4 and the flag's arrival.
TEST(EventFlag, ArrivesItsLatencyAfterTheSourcePipesWork) {
  struct Case {
    std::int64_t work;
    double latency;
    double start;
  };
  const Case cases[] = {{2, 0, 4}, {3, 0, 4}, {4, 0, 5},    {1, 2, 4},      {2, 1, 4},
                        {3, 1, 5}, {3, 5, 9}, {10, 20, 31}, {10, 0.5, 11.5}};
  for (const Case& c : cases) {
    SCOPED_TRACE(std::to_string(c.work) + " + " + std::to_string(c.latency));
    SocProfile soc = roundSoc();
    soc.eventFlagCycles = c.latency;
    ProgramBuilder builder;
    const auto event = builder.constant(3);
    builder.cube.work(Pipe::m, c.work);
    builder.cube.set(Pipe::m, Pipe::fix, event);
    builder.cube.wait(Pipe::m, Pipe::fix, event);
    builder.cube.work(Pipe::fix, 1);
    const Simulated r = run(builder, soc);
    ASSERT_EQ(nameOf(r.result), "finished") << r.result.detailText();
    EXPECT_EQ(r.seen.start(0, 3), c.start);
    const double flagStall = std::max(0.0, 1 + static_cast<double>(c.work) + c.latency - 3);
    EXPECT_EQ(r.result.cores[0]
                  .pipe(Pipe::fix)
                  .stallCycles[static_cast<std::size_t>(StallReason::eventFlag)],
              flagStall);
  }
}

// The wait keeps its pipe, nothing else.
TEST(EventFlag, WaitKeepsOnlyItsPipe) {
  ProgramBuilder builder;
  const auto event = builder.constant(0);
  builder.cube.work(Pipe::m, 100);             // 1 .. 101
  builder.cube.set(Pipe::m, Pipe::fix, event); // executes at 101
  builder.cube.wait(Pipe::m, Pipe::fix, event);
  builder.cube.work(Pipe::fix, 1);  // 101
  builder.cube.work(Pipe::mte2, 1); // its issue: 5
  const Simulated r = run(builder, roundSoc());
  EXPECT_EQ(r.seen.start(0, 3), 101);
  EXPECT_EQ(r.seen.start(0, 4), 5);
}

// A wait may be issued before its set: its pipe stands, the scalar unit goes on and issues the set.
TEST(EventFlag, SetIssuedBehindTheWait) {
  ProgramBuilder builder;
  const auto event = builder.constant(0);
  builder.cube.wait(Pipe::m, Pipe::fix, event);   // issue 1
  builder.cube.work(Pipe::fix, 4);                // issue 2, waits for the flag
  builder.cube.set(Pipe::fix, Pipe::mte2, event); // behind it
  builder.cube.work(Pipe::m, 10);                 // 4 .. 14
  builder.cube.set(Pipe::m, Pipe::fix, event);    // 14
  builder.cube.wait(Pipe::fix, Pipe::mte2, event);
  builder.cube.work(Pipe::mte2, 1); // 18
  const Simulated r = run(builder, roundSoc());
  ASSERT_EQ(nameOf(r.result), "finished") << r.result.detailText();
  EXPECT_EQ(r.seen.start(0, 1), 14);
  EXPECT_EQ(r.seen.start(0, 6), 18);
  EXPECT_EQ(r.result.cycles, 19);
}

// A wait on PIPE_S keeps the scalar unit: the next instruction's issue begins at the arrival.
TEST(EventFlag, WaitOnScalarUnitDelaysIssue) {
  struct Case {
    std::int64_t work;
    double start; // of what is issued behind the wait, itself issued at 3
  };
  for (const Case& c : {Case{1, 4}, Case{2, 4}, Case{3, 5}, Case{40, 42}}) {
    SCOPED_TRACE(c.work);
    ProgramBuilder builder;
    const auto event = builder.constant(0);
    builder.vector.work(Pipe::v, c.work);
    builder.vector.set(Pipe::v, Pipe::s, event);
    builder.vector.wait(Pipe::v, Pipe::s, event);
    builder.vector.work(Pipe::mte3, 1);
    const Simulated r = run(builder, roundSoc());
    EXPECT_EQ(r.seen.start(1, 3), c.start);
  }
}

// A set on PIPE_S executes at its issue.
TEST(EventFlag, SetByScalarUnit) {
  SocProfile soc = roundSoc();
  soc.eventFlagCycles = 7;
  ProgramBuilder builder;
  const auto event = builder.constant(0);
  builder.vector.set(Pipe::s, Pipe::v, event);
  builder.vector.wait(Pipe::s, Pipe::v, event);
  builder.vector.work(Pipe::v, 1);
  EXPECT_EQ(run(builder, soc).seen.start(1, 2), 1 + 7);
}

// TPUSH signals behind its pipe's work and arrives crossCoreFlagCycles later; TPOP (issued at 2 on
// each AIV) keeps the scalar unit until then.
TEST(CrossCore, SignalArrivesItsLatencyAfterThePipesWork) {
  struct Case {
    std::int64_t work; // on FIX, issued at 3
    double latency;
    double start; // of the AIV's work behind the TPOP
  };
  const Case cases[] = {{1, 0, 5}, {10, 0, 14}, {10, 1, 15}, {10, 100, 114}, {10, 0.25, 14.25}};
  for (const Case& c : cases) {
    SCOPED_TRACE(std::to_string(c.work) + " + " + std::to_string(c.latency));
    SocProfile soc = roundSoc();
    soc.crossCoreFlagCycles = c.latency;
    ProgramBuilder builder;
    const auto fifo = builder.fifo("qk", Core::cube, 8, 4);
    builder.cube.open(fifo);
    builder.cube.talloc(fifo);
    builder.cube.work(Pipe::fix, c.work);
    builder.cube.tpush(fifo, Pipe::fix);
    builder.cube.close(fifo);
    builder.vector.open(fifo);
    builder.vector.tpop(fifo);
    builder.vector.work(Pipe::mte2, 1);
    builder.vector.tfree(fifo);
    builder.vector.close(fifo);
    const Simulated r = run(builder, soc);
    ASSERT_EQ(nameOf(r.result), "finished") << r.result.detailText();
    EXPECT_EQ(r.seen.start(1, 2), c.start);
    EXPECT_EQ(r.seen.start(2, 2), c.start);
    EXPECT_EQ(
        r.result.cores[1].pipe(Pipe::s).stallCycles[static_cast<std::size_t>(StallReason::data)],
        c.start - 1 - 2);
  }
}

// The TPOP is issued late: a signal that came before costs nothing, one that comes at the very
// cycle neither, one a cycle later delays by that cycle.
TEST(CrossCore, PopBeforeAtAndAfterTheArrival) {
  struct Case {
    double latency; // of a signal sent at cycle 3
    double start;   // of work behind a TPOP issued at 12
  };
  for (const Case& c : {Case{0, 13}, Case{8, 13}, Case{9, 13}, Case{10, 14}}) {
    SCOPED_TRACE(c.latency);
    SocProfile soc = roundSoc();
    soc.crossCoreFlagCycles = c.latency;
    ProgramBuilder builder;
    const auto fifo = builder.fifo("qk", Core::cube, 8, 4);
    builder.cube.open(fifo);
    builder.cube.talloc(fifo);
    builder.cube.tpush(fifo, Pipe::fix);
    builder.vector.open(fifo);
    for (int i = 0; i < 10; ++i)
      builder.vector.barrier(Pipe::v);
    builder.vector.tpop(fifo);
    builder.vector.work(Pipe::mte2, 1);
    EXPECT_EQ(run(builder, soc).seen.start(1, 12), c.start);
  }
}

// The AIC's counter rises when the later AIV has signalled.
TEST(CrossCore, CubeWaitsForBothVectorCores) {
  for (const std::int64_t slower : {0, 1}) {
    SCOPED_TRACE(slower);
    SocProfile soc = roundSoc();
    soc.crossCoreFlagCycles = 3;
    ProgramBuilder builder;
    const auto fifo = builder.fifo("p", Core::vector, 8, 4);
    const auto sub = builder.argument(ExprKind::subblockIdx);
    // Trips of a loop that only one AIV enters: subblockIdx or 1 - subblockIdx.
    const auto one = builder.constant(1);
    const auto trips = slower == 1 ? sub : builder.binary(ExprKind::sub, one, sub);
    builder.variable(0);
    builder.vector.open(fifo);
    builder.vector.talloc(fifo);
    builder.vector.work(Pipe::mte3, 10); // 3 .. 13
    builder.vector.loop("slow", 0, builder.constant(0), trips, one,
                        [](BodyBuilder& body) { body.work(Pipe::mte3, 50); }); // 13 .. 63
    builder.vector.tpush(fifo, Pipe::mte3);
    builder.cube.open(fifo);
    builder.cube.tpop(fifo);
    builder.cube.work(Pipe::mte2, 1);
    const Simulated r = run(builder, soc);
    EXPECT_EQ(r.seen.start(0, 2), 63 + 3 + 1);
    ASSERT_EQ(r.seen.taken.size(), 1u);
    EXPECT_EQ(r.seen.taken[0].byCore, slower == 1 ? 2 : 1);
  }
}

// A phased store starts when the final matmul of its copy has ended, and is the only one to wait.
TEST(UnitFlag, StoreWaitsForTheFinalMatmul) {
  struct Case {
    std::int64_t matmul; // issued at 1, final at 2
    double start;        // of the store, issued at 3
  };
  for (const Case& c : {Case{1, 3}, Case{2, 4}, Case{3, 5}, Case{30, 32}}) {
    SCOPED_TRACE(c.matmul);
    ProgramBuilder builder;
    const auto acc = builder.accumulator("acc", 2);
    builder.cube.matmul(1, Phase::partial, acc);
    builder.cube.matmul(c.matmul, Phase::final, acc);
    builder.cube.store(5, Phase::final, acc);
    const Simulated r = run(builder, roundSoc());
    ASSERT_EQ(nameOf(r.result), "finished") << r.result.detailText();
    EXPECT_EQ(r.seen.start(0, 2), c.start);
  }
}

// The next result of a copy starts when its last one is stored; the other copy is free at once.
TEST(UnitFlag, NextMatmulWaitsForTheStoreOfItsCopy) {
  for (const std::int64_t copy : {0, 1})
    for (const Phase phase : {Phase::partial, Phase::final, Phase::none}) {
      SCOPED_TRACE(std::to_string(copy) + " " + std::to_string(static_cast<int>(phase)));
      ProgramBuilder builder;
      const auto acc = builder.accumulator("acc", 2);
      builder.cube.matmul(10, Phase::final, acc);                 // 1 .. 11
      builder.cube.store(20, Phase::final, acc);                  // 11 .. 31
      builder.cube.matmul(1, phase, acc, builder.constant(copy)); // issued at 3
      if (phase == Phase::partial)
        builder.cube.matmul(1, Phase::final, acc, builder.constant(copy));
      if (phase != Phase::none)
        builder.cube.store(1, Phase::final, acc, builder.constant(copy));
      const Simulated r = run(builder, roundSoc());
      ASSERT_EQ(nameOf(r.result), "finished") << r.result.detailText();
      const bool waits = copy == 0 && phase != Phase::none;
      EXPECT_EQ(r.seen.start(0, 2), waits ? 31 : 11);
      EXPECT_EQ(r.result.cores[0]
                    .pipe(Pipe::m)
                    .stallCycles[static_cast<std::size_t>(StallReason::unitFlag)],
                waits ? 20 : 0);
    }
}

// A partial store reads the result and leaves the copy taken.
TEST(UnitFlag, OnlyTheFinalStoreGivesTheCopyBack) {
  ProgramBuilder builder;
  const auto acc = builder.accumulator("acc", 1);
  builder.cube.matmul(10, Phase::final, acc);  // 1 .. 11
  builder.cube.store(20, Phase::partial, acc); // 11 .. 31
  builder.cube.store(20, Phase::final, acc);   // 31 .. 51
  builder.cube.matmul(1, Phase::final, acc);   // 51
  builder.cube.store(1, Phase::final, acc);    // 52
  const Simulated r = run(builder, roundSoc());
  ASSERT_EQ(nameOf(r.result), "finished") << r.result.detailText();
  EXPECT_EQ(r.seen.start(0, 1), 11);
  EXPECT_EQ(r.seen.start(0, 2), 31);
  EXPECT_EQ(r.seen.start(0, 3), 51);
  EXPECT_EQ(r.result.cycles, 53);
}

TEST(Total, LaunchAndClock) {
  SocProfile soc = roundSoc();
  soc.clockHz = 2e9;
  soc.launchSeconds = 4e-6;
  ProgramBuilder builder;
  builder.cube.work(Pipe::m, 999); // 1 .. 1000
  builder.vector.work(Pipe::v, 499);
  const Simulated r = run(builder, soc);
  EXPECT_EQ(r.result.cycles, 1000);
  EXPECT_EQ(r.result.ticks, 1000 * kTicksPerCycle);
  EXPECT_DOUBLE_EQ(r.result.coreSeconds, 500e-9);
  EXPECT_DOUBLE_EQ(r.result.seconds, 4.5e-6);
  EXPECT_EQ(r.result.cores[0].endCycle, 1000);
  EXPECT_EQ(r.result.cores[1].endCycle, 500);
  EXPECT_EQ(r.result.instructions, 3);
  EXPECT_DOUBLE_EQ(r.result.cores[0].pipe(Pipe::m).busyShare, 0.999);
  EXPECT_DOUBLE_EQ(r.result.cores[2].pipe(Pipe::v).busyShare, 0.499);
}

// Busy and stalled cycles of a pipe never overlap, and what is left is the idle end.
TEST(Total, BusyAndStallsAccountForThePipe) {
  ProgramBuilder builder;
  const auto event = builder.constant(0);
  builder.cube.work(Pipe::mte2, 10);             // 1 .. 11
  builder.cube.set(Pipe::mte2, Pipe::m, event);  // 11
  builder.cube.work(Pipe::m, 2);                 // 3 .. 5
  builder.cube.wait(Pipe::mte2, Pipe::m, event); // 5 .. 11
  builder.cube.work(Pipe::m, 4);                 // 11 .. 15
  const Simulated r = run(builder, roundSoc());
  const PipeStats& m = r.result.cores[0].pipe(Pipe::m);
  EXPECT_EQ(m.busyCycles, 6);
  EXPECT_EQ(m.stallCycles[static_cast<std::size_t>(StallReason::issue)], 3);
  EXPECT_EQ(m.stallCycles[static_cast<std::size_t>(StallReason::eventFlag)], 6);
  EXPECT_EQ(m.instructions, 3);
  EXPECT_EQ(r.result.cycles, 15);
}

} // namespace
} // namespace ptotune::sim
