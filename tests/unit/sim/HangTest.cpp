// A hang is a result that names who waits for whom.
#include "tests/unit/sim/FaSkeleton.h"
#include "tests/unit/sim/SimTest.h"

#include <gmock/gmock.h>

namespace ptotune::sim {
namespace {

using test::faSkeleton;
using test::Skeleton;
using testing::ElementsAre;

// QK_PRELOAD = 8 with SlotNum = 2: the vector cores fill the P ring while they preload, the cube
// core fills the QK ring, and neither comes to the stage that would free the other.
TEST(Hang, DeepPreloadInShallowRings) {
  ProgramBuilder builder;
  faSkeleton(builder, {.preload = 8, .slots = 2, .syncPeriod = 2});
  const Simulated r = run(builder, roundSoc(), 1, 16);
  EXPECT_EQ(nameOf(r.result), "hang");
  EXPECT_THAT(
      r.result.detail,
      ElementsAre("AIC PIPE_S QK tile 4: TALLOC(qk) waits for FFTS flag 1 (free slot of qk), next "
                  "set by AIV0 P tile 3: TFREE(qk)",
                  "AIV0 PIPE_S P tile 2: TALLOC(p) waits for FFTS flag 3 (free slot of p), next "
                  "set by AIC PV tile 1: TFREE(p)",
                  "AIC PIPE_S QK tile 4: TALLOC(qk): the cycle closes"));
}

// The boundary: the same rings with a preload they can hold.
TEST(Hang, PreloadThatTheRingsHold) {
  struct Case {
    std::int64_t preload;
    int slots;
    int period;
    std::int64_t tiles;
    const char* outcome;
  };
  // Two rings of S slots hold 2S tiles between QK and PV, in whole credits: the preload may be at
  // most as deep as TALLOC(qk) of its last tile still finds a credit.
  const Case cases[] = {
      {1, 1, 1, 5, "finished"},  {2, 1, 1, 5, "finished"}, {3, 1, 1, 5, "hang"},
      {4, 2, 2, 9, "hang"},      {3, 2, 2, 9, "hang"},     {2, 2, 2, 9, "finished"},
      {8, 2, 2, 2, "finished"},  {8, 2, 2, 4, "finished"}, {8, 2, 2, 5, "hang"},
      {8, 8, 4, 32, "finished"}, {4, 8, 4, 1, "finished"}, {4, 8, 4, 0, "finished"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::Message() << c.preload << " in " << c.slots << "/" << c.period << ", "
                                    << c.tiles << " tiles");
    ProgramBuilder builder;
    faSkeleton(builder, {.preload = c.preload, .slots = c.slots, .syncPeriod = c.period});
    const Simulated r = run(builder, roundSoc(), 1, c.tiles);
    EXPECT_EQ(nameOf(r.result), c.outcome) << r.result.detailText();
  }
}

// A cycle of pipes on one core: M waits for FIX, FIX waits for M, each behind the other's wait.
TEST(Hang, EventFlagsOfOneCore) {
  ProgramBuilder builder;
  const auto id0 = builder.constant(0);
  const auto id1 = builder.constant(1);
  builder.cube.stage("QK", builder.constant(5));
  builder.cube.wait(Pipe::fix, Pipe::m, id0);
  builder.cube.set(Pipe::m, Pipe::fix, id1);
  builder.cube.wait(Pipe::m, Pipe::fix, id1);
  builder.cube.work(Pipe::fix, 1);
  builder.cube.set(Pipe::fix, Pipe::m, id0);
  const Simulated r = run(builder, roundSoc());
  EXPECT_EQ(nameOf(r.result), "hang");
  EXPECT_THAT(
      r.result.detail,
      ElementsAre("AIC PIPE_M QK tile 5: WAIT_FLAG(PIPE_FIX, PIPE_M, 0) waits for event flag "
                  "PIPE_FIX -> PIPE_M, 0, next set by AIC QK tile 5: SET_FLAG(PIPE_FIX, "
                  "PIPE_M, 0) queued on PIPE_FIX",
                  "AIC PIPE_FIX QK tile 5: WAIT_FLAG(PIPE_M, PIPE_FIX, 1) waits for event "
                  "flag PIPE_M -> PIPE_FIX, 1, next set by AIC QK tile 5: SET_FLAG(PIPE_M, "
                  "PIPE_FIX, 1) queued on PIPE_M",
                  "AIC PIPE_M QK tile 5: WAIT_FLAG(PIPE_FIX, PIPE_M, 0): the cycle closes"));
}

// The scalar unit stands at a flag whose set it would issue later.
TEST(Hang, ScalarWaitsForItself) {
  ProgramBuilder builder;
  const auto id = builder.constant(2);
  builder.vector.wait(Pipe::v, Pipe::s, id);
  builder.vector.set(Pipe::v, Pipe::s, id);
  const Simulated r = run(builder, roundSoc());
  EXPECT_EQ(nameOf(r.result), "hang");
  EXPECT_THAT(r.result.detail,
              ElementsAre("AIV0 PIPE_S WAIT_FLAG(PIPE_V, PIPE_S, 2) waits for event flag PIPE_V -> "
                          "PIPE_S, 2, next set by AIV0 SET_FLAG(PIPE_V, PIPE_S, 2)",
                          "AIV0 PIPE_S WAIT_FLAG(PIPE_V, PIPE_S, 2): the cycle closes"));
}

// The accumulator is stored only behind a wait that the next matmul would serve.
TEST(Hang, UnitFlag) {
  ProgramBuilder builder;
  const auto id = builder.constant(0);
  const auto acc = builder.accumulator("acc", 2);
  builder.cube.stage("PV");
  builder.cube.matmul(1, Phase::final, acc);
  builder.cube.wait(Pipe::m, Pipe::fix, id);
  builder.cube.store(1, Phase::final, acc);
  builder.cube.matmul(1, Phase::final, acc);
  builder.cube.set(Pipe::m, Pipe::fix, id);
  const Simulated r = run(builder, roundSoc());
  EXPECT_EQ(nameOf(r.result), "hang");
  EXPECT_THAT(
      r.result.detail,
      ElementsAre("AIC PIPE_M PV: TMATMUL(acc[0]) waits for the store of acc[0] (unit flag), "
                  "next set by AIC PV: TSTORE(acc[0]) queued on PIPE_FIX",
                  "AIC PIPE_FIX PV: WAIT_FLAG(PIPE_M, PIPE_FIX, 0) waits for event flag "
                  "PIPE_M -> PIPE_FIX, 0, next set by AIC PV: SET_FLAG(PIPE_M, PIPE_FIX, 0) "
                  "queued on PIPE_M",
                  "AIC PIPE_M PV: TMATMUL(acc[0]): the cycle closes"));
}

// No cycle: the flag has nobody left to set it.
TEST(Hang, NobodySetsTheFlag) {
  ProgramBuilder builder;
  const auto fifo = builder.fifo("qk", Core::cube, 2, 2);
  builder.cube.open(fifo);
  builder.cube.talloc(fifo);
  builder.cube.tpush(fifo, Pipe::fix);
  builder.vector.open(fifo);
  builder.vector.tpop(fifo);
  builder.vector.stage("P", builder.constant(1));
  builder.vector.tpop(fifo);
  const Simulated r = run(builder, roundSoc());
  EXPECT_EQ(nameOf(r.result), "hang");
  EXPECT_THAT(
      r.result.detail,
      ElementsAre("AIV0 PIPE_S P tile 1: TPOP(qk) waits for FFTS flag 0 (data of qk), which "
                  "nothing on AIC sets any more: it has ended"));
}

// One AIV never signals: the joined flag waits for that one.
TEST(Hang, NamesTheVectorCoreThatIsBehind) {
  for (const int silent : {1, 2}) {
    SCOPED_TRACE(silent);
    ProgramBuilder builder;
    const auto fifo = builder.fifo("p", Core::vector, 2, 2);
    const auto one = builder.constant(1);
    const auto sub = builder.argument(ExprKind::subblockIdx);
    const auto trips = silent == 1 ? sub : builder.binary(ExprKind::sub, one, sub);
    builder.variable(0);
    builder.cube.open(fifo);
    builder.cube.tpop(fifo);
    builder.vector.open(fifo);
    builder.vector.loop("some", 0, builder.constant(0), trips, one, [&](BodyBuilder& body) {
      body.talloc(fifo);
      body.tpush(fifo, Pipe::mte3);
    });
    const Simulated r = run(builder, roundSoc());
    EXPECT_THAT(
        r.result.detail,
        ElementsAre("AIC PIPE_S TPOP(p) waits for FFTS flag 0 (data of p), which nothing on "
                    "AIV" +
                    std::to_string(silent - 1) + " sets any more: it has ended"));
  }
}

// A TFREE gives a credit only every SyncPeriod tiles: the next setter is the one that does.
TEST(Hang, NextFreeThatGivesACredit) {
  ProgramBuilder builder;
  const auto fifo = builder.fifo("qk", Core::cube, 4, 2);
  const auto lock = builder.fifo("lock", Core::cube, 1, 1);
  builder.variable(0);
  const auto tile = builder.variable(0);
  builder.cube.open(fifo);
  builder.cube.open(lock);
  builder.cube.loop("tiles", 0, builder.constant(0), builder.constant(6), builder.constant(1),
                    [&](BodyBuilder& body) {
                      body.stage("QK", tile);
                      body.talloc(fifo);
                      body.tpush(fifo, Pipe::fix);
                    });
  builder.cube.stage("late");
  builder.cube.talloc(lock);
  builder.cube.tpush(lock, Pipe::fix);
  builder.vector.open(fifo);
  builder.vector.open(lock);
  builder.vector.stage("P0");
  builder.vector.tpop(fifo);
  builder.vector.tfree(fifo); // tile 0: no credit
  builder.vector.stage("lock");
  builder.vector.tpop(lock);
  builder.vector.loop("tiles", 0, builder.constant(1), builder.constant(6), builder.constant(1),
                      [&](BodyBuilder& body) {
                        body.stage("P", tile);
                        body.tpop(fifo);
                        body.tfree(fifo);
                      });
  const Simulated r = run(builder, roundSoc());
  EXPECT_THAT(
      r.result.detail,
      ElementsAre("AIC PIPE_S QK tile 4: TALLOC(qk) waits for FFTS flag 1 (free slot of qk), "
                  "next set by AIV0 P tile 1: TFREE(qk)",
                  "AIV0 PIPE_S lock: TPOP(lock) waits for FFTS flag 2 (data of lock), next "
                  "set by AIC late: TPUSH(lock)",
                  "AIC PIPE_S QK tile 4: TALLOC(qk): the cycle closes"));
}

} // namespace
} // namespace ptotune::sim
