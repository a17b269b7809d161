// Whole runs: repeatable, the same for a listener or none, a program or its flat form, one thread
// or many; and what listeners are told.
#include "tests/unit/sim/FaSkeleton.h"
#include "tests/unit/sim/SimTest.h"

#include <gmock/gmock.h>

#include <set>
#include <thread>

namespace ptotune::sim {
namespace {

using test::faSkeleton;

SocProfile detailedSoc() {
  SocProfile soc = roundSoc();
  soc.scalarIssueCycles = 1.7;
  soc.eventFlagCycles = 12.3;
  soc.crossCoreFlagCycles = 91.9;
  soc.transferLatencyCycles = 33.3;
  soc.gmSharing.load = 0.0123;
  soc.gmSharing.store = 0.0321;
  return soc;
}

bool same(const SimResult& a, const SimResult& b) {
  if (a.outcome != b.outcome || a.detail != b.detail || a.ticks != b.ticks ||
      a.seconds != b.seconds || a.instructions != b.instructions)
    return false;
  for (std::size_t core = 0; core < a.cores.size(); ++core)
    for (std::size_t p = 0; p < kPipeCount; ++p)
      if (a.cores[core].pipes[p].busyCycles != b.cores[core].pipes[p].busyCycles ||
          a.cores[core].pipes[p].stallCycles != b.cores[core].pipes[p].stallCycles)
        return false;
  return true;
}

TEST(Determinism, OneAnswerWhoeverAsks) {
  ProgramBuilder builder;
  faSkeleton(builder, {.preload = 3, .slots = 4, .syncPeriod = 2, .work = 57, .filler = 5});
  const SocProfile soc = detailedSoc();
  const Problem problem = problemOf(9, 20);
  const SimResult first = simulate(builder.program, soc, problem);
  ASSERT_EQ(nameOf(first), "finished") << first.detailText();
  Recorder recorder;
  EXPECT_TRUE(same(first, simulate(builder.program, soc, problem, {}, &recorder)));
  EXPECT_EQ(recorder.issued.size(), static_cast<std::size_t>(first.instructions));

  const Result<std::shared_ptr<const Code>> code = compile(builder.program, soc);
  ASSERT_TRUE(code.ok());
  std::vector<SimResult> results(8);
  std::vector<std::thread> threads;
  for (SimResult& result : results)
    threads.emplace_back([&, out = &result] {
      for (int i = 0; i < 20; ++i)
        *out = simulate(**code, problem);
    });
  for (std::thread& thread : threads)
    thread.join();
  for (const SimResult& result : results)
    EXPECT_TRUE(same(first, result));
}

// One flat form serves all shapes.
TEST(Determinism, FlatFormServesEveryShape) {
  ProgramBuilder builder;
  faSkeleton(builder, {.preload = 2, .slots = 4, .syncPeriod = 2});
  const SocProfile soc = detailedSoc();
  const Result<std::shared_ptr<const Code>> code = compile(builder.program, soc);
  ASSERT_TRUE(code.ok());
  for (const std::int64_t s0 : {1, 3, 8})
    for (const std::int64_t tiles : {0, 1, 7, 32})
      EXPECT_TRUE(same(simulate(**code, problemOf(s0, tiles)),
                       simulate(builder.program, soc, problemOf(s0, tiles))));
}

// The other cores have as many blocks or one less, and are never slower.
TEST(Determinism, BlockZeroIsTheBusiest) {
  ProgramBuilder builder;
  faSkeleton(builder, {.preload = 2, .slots = 4, .syncPeriod = 2});
  const SimResult first = simulate(builder.program, roundSoc(), problemOf(6, 8));
  for (const std::int64_t core : {0, 1, 2, 3}) {
    const SimResult other =
        simulate(builder.program, roundSoc(), problemOf(6, 8), {.blockIdx = core});
    EXPECT_EQ(other.waves, core < 2 ? 2 : 1);
    EXPECT_LE(other.ticks, first.ticks);
  }
  EXPECT_EQ(nameOf(simulate(builder.program, roundSoc(), problemOf(6, 8), {.blockIdx = 4})),
            "invalid");
}

// What listeners rely on.
TEST(Listener, EventsAreInOrder) {
  ProgramBuilder builder;
  faSkeleton(builder, {.preload = 3, .slots = 4, .syncPeriod = 2, .work = 57, .filler = 2});
  const Simulated r = run(builder, detailedSoc(), 5, 10);
  ASSERT_EQ(nameOf(r.result), "finished") << r.result.detailText();

  std::map<std::pair<int, Pipe>, Tick> reached;
  for (const FinishedEvent& event : r.seen.finished) {
    Tick& last = reached[{event.what.core, event.what.pipe}];
    EXPECT_GE(event.start, last);
    EXPECT_GE(event.end, event.start);
    last = event.end;
  }
  std::map<int, std::int64_t> next;
  for (const IssuedEvent& event : r.seen.issued)
    EXPECT_EQ(event.what.sequence, next[event.what.core]++);
  // A wait takes a signal that was announced before, at or after its arrival.
  for (const TakenEvent& event : r.seen.taken) {
    const bool announced =
        std::any_of(r.seen.signals.begin(), r.seen.signals.end(), [&](const SignalEvent& signal) {
          return signal.what.core == event.byCore && signal.what.instr == event.byInstr &&
                 signal.arrives <= event.time;
        });
    EXPECT_TRUE(announced);
  }
  // Stalls add up to the statistics.
  std::map<std::tuple<int, Pipe, StallReason>, Tick> stalls;
  for (const StallEvent& event : r.seen.stalls)
    stalls[{event.what.core, event.what.pipe, event.reason}] += event.to - event.from;
  for (int core = 0; core < kCoreCount; ++core)
    for (std::size_t p = 0; p < kPipeCount; ++p)
      for (std::size_t reason = 0; reason < kStallReasonCount; ++reason)
        EXPECT_EQ(r.result.cores[static_cast<std::size_t>(core)].pipes[p].stallCycles[reason],
                  toCycles(stalls[{core, static_cast<Pipe>(p), static_cast<StallReason>(reason)}]));
}

struct ValueReader : Listener {
  program::ExprId expr = -1;
  std::vector<std::int64_t> seen;
  void on(const IssuedEvent& event) override {
    if (event.what.core == 0)
      seen.push_back(event.values->evaluate(expr));
  }
};

// A listener may read any expression at issue, also one that no step uses.
TEST(Listener, ReadsOperandsAtIssue) {
  ProgramBuilder builder;
  const auto i = builder.variable(0);
  ValueReader reader;
  reader.expr = builder.binary(ExprKind::mul, i, builder.argument(ExprKind::s1));
  builder.cube.loop("tiles", 0, builder.constant(1), builder.constant(4), builder.constant(1),
                    [&](BodyBuilder& body) { body.barrier(Pipe::m); });
  simulate(builder.program, roundSoc(), problemOf(1, 100), {}, &reader);
  EXPECT_THAT(reader.seen, testing::ElementsAre(100, 200, 300));
}

// Slots of a ring by tile: i mod SlotNum at both ends.
TEST(Listener, SlotsOfTheRing) {
  ProgramBuilder builder;
  faSkeleton(builder, {.preload = 2, .slots = 3, .syncPeriod = 1});
  const Simulated r = run(builder, roundSoc(), 1, 7);
  std::map<std::pair<program::InstrKind, std::int32_t>, std::int64_t> next;
  for (const FifoEvent& event : r.seen.fifos) {
    if (event.what.core == 2)
      continue;
    const std::int64_t index = next[{event.kind, event.fifo}]++;
    EXPECT_EQ(event.index, index);
    EXPECT_EQ(event.slot, index % 3);
  }
  EXPECT_EQ(next.size(), 12u); // four calls on three FIFOs
  for (const auto& [call, count] : next)
    EXPECT_EQ(count, 7);
}

} // namespace
} // namespace ptotune::sim
