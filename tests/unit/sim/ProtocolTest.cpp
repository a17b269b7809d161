// TPipe's protocol: which tiles wait for a credit, which frees give one, what a close drains.
// Expected lists: pto-isa include/pto/npu/a2a3/TPush.hpp:37-87 and TFree.hpp:28-41 (3186c381),
// worked out by hand.
#include "tests/unit/sim/FaSkeleton.h"
#include "tests/unit/sim/SimTest.h"

#include <gmock/gmock.h>

namespace ptotune::sim {
namespace {

using testing::ElementsAreArray;

struct Traffic {
  std::vector<std::int64_t> waits; // tiles whose TALLOC waited for a credit
  std::vector<std::int64_t> frees; // tiles whose TFREE gave one
  int drained = 0;                 // credits taken by close
  int pushes = 0;                  // data signals of the (first) producing core
  std::string outcome;
};

// n tiles through one FIFO.
Traffic traffic(Core producer, int slots, int period, std::int64_t n, bool closes = true) {
  ProgramBuilder builder;
  const auto fifo = builder.fifo("f", producer, slots, period);
  const auto zero = builder.constant(0);
  const auto one = builder.constant(1);
  const auto tiles = builder.argument(ExprKind::s1);
  const auto tile = builder.variable(0);
  BodyBuilder& from = producer == Core::cube ? builder.cube : builder.vector;
  BodyBuilder& to = producer == Core::cube ? builder.vector : builder.cube;
  const Pipe pushPipe = producer == Core::cube ? Pipe::fix : Pipe::mte3;
  from.open(fifo);
  from.loop("tiles", 0, zero, tiles, one, [&](BodyBuilder& body) {
    body.stage("", tile);
    body.talloc(fifo);
    body.tpush(fifo, pushPipe);
  });
  to.open(fifo);
  to.loop("tiles", 0, zero, tiles, one, [&](BodyBuilder& body) {
    body.stage("", tile);
    body.tpop(fifo);
    body.tfree(fifo);
  });
  if (closes) {
    from.close(fifo);
    to.close(fifo);
  }
  const Simulated r = run(builder, roundSoc(), 1, n);

  Traffic t;
  t.outcome = nameOf(r.result);
  const int side = producer == Core::cube ? 0 : 1;
  for (const TakenEvent& event : r.seen.taken)
    if (event.what.core == side && event.flag.id == 1) {
      if (event.what.tile == kUndefined)
        ++t.drained;
      else
        t.waits.push_back(event.what.tile);
    }
  for (const SignalEvent& event : r.seen.signals) {
    if (event.what.core == 1 - side && event.flag.id == 1)
      t.frees.push_back(event.what.tile);
    t.pushes += event.what.core == side && event.flag.id == 0;
  }
  return t;
}

struct Case {
  int slots;
  int period;
  std::int64_t tiles;
  std::vector<std::int64_t> waits;
  std::vector<std::int64_t> frees;
};

TEST(TPipe, CreditsByTile) {
  const Case cases[] = {
      {1, 1, 4, {1, 2, 3}, {0, 1, 2, 3}},
      {2, 2, 6, {2, 4}, {1, 3, 5}},
      {2, 2, 7, {2, 4, 6}, {1, 3, 5}},
      {3, 1, 5, {3, 4}, {0, 1, 2, 3, 4}},
      {4, 2, 9, {4, 6, 8}, {1, 3, 5, 7}},
      {5, 2, 9, {6, 8}, {1, 3, 5, 7}}, // tile 5 is no multiple of the period
      {8, 4, 17, {8, 12, 16}, {3, 7, 11, 15}},
      {8, 8, 17, {8, 16}, {7, 15}}, // SyncPeriod = SlotNum
      {7, 3, 13, {9, 12}, {2, 5, 8, 11}},
      {8, 4, 8, {}, {3, 7}}, // nothing reused yet
      {8, 4, 3, {}, {}},
      {8, 4, 0, {}, {}},
  };
  for (const Case& c : cases)
    for (const Core producer : {Core::cube, Core::vector}) {
      SCOPED_TRACE(testing::Message() << "SlotNum " << c.slots << ", period " << c.period << ", "
                                      << c.tiles << " tiles, from " << name(producer));
      const Traffic t = traffic(producer, c.slots, c.period, c.tiles);
      EXPECT_EQ(t.outcome, "finished");
      EXPECT_THAT(t.waits, ElementsAreArray(c.waits));
      EXPECT_THAT(t.frees, ElementsAreArray(c.frees));
      // Every credit is taken: by a TALLOC, or by the close.
      EXPECT_EQ(t.drained, static_cast<int>(c.frees.size() - c.waits.size()));
      EXPECT_EQ(t.pushes, c.tiles);
    }
}

// Without the close the credits stay behind, and the run says so.
TEST(TPipe, UndrainedCreditsAreAnError) {
  EXPECT_EQ(traffic(Core::cube, 8, 4, 3, false).outcome, "finished");
  EXPECT_EQ(traffic(Core::cube, 8, 4, 4, false).outcome, "protocol error");
  EXPECT_EQ(traffic(Core::vector, 2, 2, 6, false).outcome, "protocol error");
}

// Both ends built against headers of another SyncPeriod: the producer waits for credits that come
// too late or never, or credits stay behind.
TEST(TPipe, SyncPeriodsThatDisagree) {
  struct Case {
    int producer;
    int consumer;
    const char* outcome;
    const char* text;
  };
  const Case cases[] = {
      {4, 4, "finished", ""},
      {8, 8, "finished", ""},
      {4, 8, "hang", "FFTS flag 1 (free slot of qk)"},
      {8, 4, "protocol error", "FFTS flag 1 (free slot of qk)"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::to_string(c.producer) + " and " + std::to_string(c.consumer));
    ProgramBuilder builder;
    test::faSkeleton(builder, {.preload = 3, .slots = 8, .syncPeriod = c.producer});
    for (program::FifoInfo& fifo : builder.program.fifos)
      fifo.freePeriod = c.consumer;
    const Simulated r = run(builder, roundSoc(), 1, 40);
    EXPECT_EQ(nameOf(r.result), c.outcome);
    EXPECT_NE(r.result.detailText().find(c.text), std::string::npos) << r.result.detailText();
  }
}

// The close keeps the scalar unit until the consumer's last credit is there.
TEST(TPipe, CloseWaitsForItsCredits) {
  ProgramBuilder builder;
  const auto fifo = builder.fifo("f", Core::cube, 2, 1);
  builder.cube.open(fifo);
  for (int i = 0; i < 2; ++i) {
    builder.cube.talloc(fifo);
    builder.cube.tpush(fifo, Pipe::fix);
  }
  builder.cube.close(fifo);
  builder.cube.work(Pipe::m, 1);
  builder.vector.open(fifo);
  for (int i = 0; i < 2; ++i) {
    builder.vector.tpop(fifo);
    builder.vector.work(Pipe::mte2, 100);
    builder.vector.tfree(fifo);
  }
  const Simulated r = run(builder, roundSoc());
  ASSERT_EQ(nameOf(r.result), "finished") << r.result.detailText();
  // TPOP of tile 0 at 3 (pushed at 3), work 4 .. 104 .. 204, the second free at 204.
  EXPECT_EQ(r.seen.start(0, 6), 205);
  EXPECT_EQ(
      r.result.cores[0].pipe(Pipe::s).stallCycles[static_cast<std::size_t>(StallReason::drain)],
      204 - 6);
}

// Opened again, both ends count from tile 0.
TEST(TPipe, ReopenedStartsAtTileZero) {
  ProgramBuilder builder;
  const auto fifo = builder.fifo("f", Core::cube, 2, 2);
  for (int round = 0; round < 3; ++round) {
    builder.cube.open(fifo);
    builder.vector.open(fifo);
    for (int i = 0; i < 3; ++i) {
      builder.cube.talloc(fifo);
      builder.cube.tpush(fifo, Pipe::fix);
      builder.vector.tpop(fifo);
      builder.vector.tfree(fifo);
    }
    builder.cube.close(fifo);
    builder.vector.close(fifo);
  }
  const Simulated r = run(builder, roundSoc());
  EXPECT_EQ(nameOf(r.result), "finished") << r.result.detailText();
  std::vector<std::int64_t> slots;
  for (const FifoEvent& event : r.seen.fifos)
    if (event.kind == program::InstrKind::talloc)
      slots.push_back(event.slot);
  EXPECT_THAT(slots, ElementsAreArray({0, 1, 0, 0, 1, 0, 0, 1, 0}));
}

// TALLOC (issued at 6) of tile 2 waits for the free of tile 1; the push before it does not.
TEST(TPipe, AllocStallsUntilTheCreditArrives) {
  struct Slow {
    std::int64_t work; // of the consumer, from cycle 4
    double start;      // of work behind the TALLOC
  };
  for (const Slow& c : {Slow{1, 8}, Slow{2, 8}, Slow{3, 8}, Slow{4, 9}, Slow{50, 55}}) {
    SCOPED_TRACE(c.work);
    ProgramBuilder builder;
    const auto fifo = builder.fifo("f", Core::cube, 2, 2);
    builder.cube.open(fifo);
    builder.cube.talloc(fifo);
    builder.cube.tpush(fifo, Pipe::fix); // 3
    builder.cube.talloc(fifo);
    builder.cube.tpush(fifo, Pipe::fix); // 5
    builder.cube.barrier(Pipe::m);
    builder.cube.talloc(fifo); // issued at 7
    builder.cube.work(Pipe::m, 1);
    builder.vector.open(fifo);
    builder.vector.tpop(fifo); // 3
    builder.vector.work(Pipe::mte2, c.work);
    builder.vector.tpop(fifo); // 5
    builder.vector.tfree(fifo);
    builder.vector.tfree(fifo);
    EXPECT_EQ(run(builder, roundSoc()).seen.start(0, 7), std::max(c.start, 0.0));
  }
}

} // namespace
} // namespace ptotune::sim
