// Programs that break the rules: the run ends with one clear line.
#include "tests/unit/sim/SimTest.h"

#include <gmock/gmock.h>

namespace ptotune::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ProtocolError, SetOnASetFlag) {
  ProgramBuilder builder;
  const auto id = builder.constant(3);
  builder.cube.stage("QK", builder.constant(7));
  builder.cube.set(Pipe::mte2, Pipe::m, id);  // 1
  builder.cube.set(Pipe::mte2, Pipe::m, id);  // 2, still set
  builder.cube.wait(Pipe::mte2, Pipe::m, id); // 3
  builder.cube.wait(Pipe::mte2, Pipe::m, id);
  const Simulated r = run(builder, roundSoc());
  EXPECT_EQ(nameOf(r.result), "protocol error");
  EXPECT_THAT(r.result.detail,
              ElementsAre("AIC QK tile 7: SET_FLAG(PIPE_MTE2, PIPE_M, 3) at cycle 2.00: event flag "
                          "PIPE_MTE2 -> PIPE_M, 3 is set already"));
}

// The second set (issued at 4, behind the source pipe's work) against the wait's end on M, which is
// busy until 51.
TEST(ProtocolError, SetBeforeAtAndAfterTheTake) {
  struct Case {
    std::int64_t work;
    const char* outcome;
  };
  for (const Case& c : {Case{1, "protocol error"}, Case{46, "protocol error"}, Case{47, "finished"},
                        Case{48, "finished"}}) {
    SCOPED_TRACE(c.work);
    ProgramBuilder builder;
    const auto id = builder.constant(0);
    builder.cube.work(Pipe::m, 50);             // 1 .. 51
    builder.cube.set(Pipe::mte2, Pipe::m, id);  // 2
    builder.cube.wait(Pipe::mte2, Pipe::m, id); // taken at 51
    builder.cube.work(Pipe::mte2, c.work);      // 4 .. 4 + work
    builder.cube.set(Pipe::mte2, Pipe::m, id);
    builder.cube.wait(Pipe::mte2, Pipe::m, id);
    const Simulated r = run(builder, roundSoc());
    EXPECT_EQ(nameOf(r.result), c.outcome) << r.result.detailText();
  }
}

// Two sets in program order before the first wait are right when they are apart in time.
TEST(ProtocolError, SetsApartInTimeAreFine) {
  ProgramBuilder builder;
  const auto id = builder.constant(0);
  builder.cube.work(Pipe::m, 10);
  builder.cube.set(Pipe::m, Pipe::fix, id); // 11
  builder.cube.work(Pipe::m, 10);
  builder.cube.set(Pipe::m, Pipe::fix, id); // 21
  builder.cube.wait(Pipe::m, Pipe::fix, id);
  builder.cube.wait(Pipe::m, Pipe::fix, id);
  EXPECT_EQ(nameOf(run(builder, roundSoc()).result), "finished");
}

// The consumer pops nothing before cycle 1002; meanwhile the producer sends `tiles` signals.
TEST(ProtocolError, CounterOverflow) {
  struct Case {
    int max;
    std::int64_t tiles;
    const char* outcome;
  };
  for (const Case& c : {Case{15, 15, "finished"}, Case{15, 16, "protocol error"},
                        Case{1, 1, "finished"}, Case{1, 2, "protocol error"}})
    for (const Core producer : {Core::cube, Core::vector}) {
      SCOPED_TRACE(testing::Message() << c.max << ", " << c.tiles << " from " << name(producer));
      SocProfile soc = roundSoc();
      soc.fftsCounterMax = c.max;
      ProgramBuilder builder;
      const auto fifo = builder.fifo("f", producer, 32, 32);
      const auto id = builder.constant(0);
      const auto tile = builder.variable(0);
      const bool cube = producer == Core::cube;
      BodyBuilder& from = cube ? builder.cube : builder.vector;
      BodyBuilder& to = cube ? builder.vector : builder.cube;
      const auto loop = [&](BodyBuilder& body, const std::function<void(BodyBuilder&)>& fill) {
        body.loop("tiles", 0, builder.constant(0), builder.argument(ExprKind::s1),
                  builder.constant(1), fill);
      };
      from.open(fifo);
      loop(from, [&](BodyBuilder& body) {
        body.stage("X", tile);
        body.talloc(fifo);
        body.tpush(fifo, cube ? Pipe::fix : Pipe::mte3);
      });
      from.close(fifo);
      to.open(fifo);
      to.work(Pipe::mte2, 1000);
      to.set(Pipe::mte2, Pipe::s, id);
      to.wait(Pipe::mte2, Pipe::s, id);
      loop(to, [&](BodyBuilder& body) {
        body.tpop(fifo);
        body.tfree(fifo);
      });
      const Simulated r = run(builder, soc, 1, c.tiles);
      EXPECT_EQ(nameOf(r.result), c.outcome) << r.result.detailText();
      if (r.result.outcome == Outcome::protocolError) {
        // Tile i is signalled at 1 + 2 * (i + 1).
        const std::string cycle = std::to_string(1 + 2 * c.tiles);
        EXPECT_THAT(r.result.detailText(),
                    testing::StartsWith(cube ? "AIC X tile " + std::to_string(c.tiles - 1)
                                             : "AIV1 X tile " + std::to_string(c.tiles - 1)));
        EXPECT_THAT(r.result.detailText(),
                    HasSubstr("at cycle " + cycle + ".00: FFTS flag 0 (data of f) of " +
                              (cube ? "AIV0" : "AIC") + " stands at " + std::to_string(c.max) +
                              " already"));
      }
    }
}

// A signal that nobody ever waits for is an overflow, too, when there are too many of them.
TEST(ProtocolError, OverflowComesBeforeAHang) {
  ProgramBuilder builder;
  const auto id = builder.constant(0);
  const auto other = builder.constant(1);
  builder.cube.set(Pipe::m, Pipe::fix, id);
  builder.cube.set(Pipe::m, Pipe::fix, id);
  builder.cube.wait(Pipe::m, Pipe::s, other);
  const Simulated r = run(builder, roundSoc());
  EXPECT_EQ(nameOf(r.result), "protocol error");
  EXPECT_THAT(r.result.detailText(), HasSubstr("stands at its limit of 1 already"));
}

TEST(ProtocolError, LeftBehind) {
  struct Case {
    const char* what;
    std::function<void(ProgramBuilder&)> fill;
    const char* text;
  };
  const Case cases[] = {
      {"event flag", [](ProgramBuilder& b) { b.vector.set(Pipe::v, Pipe::mte3, b.constant(4)); },
       "AIV0 SET_FLAG(PIPE_V, PIPE_MTE3, 4) at cycle 1.00: event flag PIPE_V -> PIPE_MTE3, 4 of "
       "AIV0 "
       "is never waited for: it stays set behind the kernel\n"
       "AIV1 SET_FLAG(PIPE_V, PIPE_MTE3, 4) at cycle 1.00: event flag PIPE_V -> PIPE_MTE3, 4 of "
       "AIV1 "
       "is never waited for: it stays set behind the kernel"},
      {"data that nobody pops",
       [](ProgramBuilder& b) {
         const auto fifo = b.fifo("p", Core::vector, 2, 2);
         b.vector.open(fifo);
         b.vector.talloc(fifo);
         b.vector.tpush(fifo, Pipe::mte3);
       },
       "AIV1 TPUSH(p) at cycle 3.00: FFTS flag 0 (data of p) of AIC is never waited for: it stays "
       "set behind the kernel"},
      {"one AIV only",
       [](ProgramBuilder& b) {
         const auto fifo = b.fifo("p", Core::vector, 2, 2);
         b.variable(0);
         b.vector.open(fifo);
         b.vector.loop("sub", 0, b.constant(0), b.argument(ExprKind::subblockIdx), b.constant(1),
                       [&](BodyBuilder& body) {
                         body.talloc(fifo);
                         body.tpush(fifo, Pipe::mte3);
                       });
       },
       "FFTS flag 0 (data of p): AIV0 signalled 0 times, AIV1 1 times"},
      {"accumulator",
       [](ProgramBuilder& b) { b.cube.matmul(1, Phase::final, b.accumulator("acc", 1)); },
       "AIC TMATMUL(acc[0]): the result is never stored: its unit flag stays set behind the "
       "kernel"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.what);
    ProgramBuilder builder;
    c.fill(builder);
    const Simulated r = run(builder, roundSoc());
    EXPECT_EQ(nameOf(r.result), "protocol error");
    EXPECT_EQ(r.result.detailText(), c.text);
  }
}

TEST(ProtocolError, TPipeOutOfTurn) {
  struct Case {
    std::function<void(BodyBuilder&, std::int32_t)> fill;
    const char* text;
  };
  const Case cases[] = {
      {[](BodyBuilder& b, std::int32_t f) { b.talloc(f); }, "AIC TALLOC(f): the TPipe is not open"},
      {[](BodyBuilder& b, std::int32_t f) {
         b.open(f);
         b.open(f);
       },
       "AIC TPipe f, opened: the TPipe is open already"},
      {[](BodyBuilder& b, std::int32_t f) { b.close(f); },
       "AIC TPipe f, closed: the TPipe is not open"},
      {[](BodyBuilder& b, std::int32_t f) {
         b.open(f);
         b.tpush(f, Pipe::fix);
       },
       "AIC TPUSH(f): of tile 0 of the FIFO, which was not allocated"},
      {[](BodyBuilder& b, std::int32_t f) {
         b.open(f);
         b.talloc(f);
         b.tpush(f, Pipe::fix);
         b.tpush(f, Pipe::fix);
       },
       "AIC TPUSH(f): of tile 1 of the FIFO, which was not allocated"},
  };
  for (const Case& c : cases) {
    ProgramBuilder builder;
    const auto fifo = builder.fifo("f", Core::cube, 2, 2);
    c.fill(builder.cube, fifo);
    const Simulated r = run(builder, roundSoc());
    EXPECT_EQ(nameOf(r.result), "protocol error");
    EXPECT_EQ(r.result.detailText(), c.text);
  }
  ProgramBuilder builder;
  const auto fifo = builder.fifo("f", Core::cube, 2, 2);
  builder.vector.open(fifo);
  builder.vector.tfree(fifo);
  EXPECT_EQ(run(builder, roundSoc()).result.detailText(),
            "AIV0 TFREE(f): of tile 0 of the FIFO, which was not popped");
}

// What no run can be made of, found before or during it.
TEST(Invalid, ProgramsAndProblems) {
  struct Case {
    std::function<void(ProgramBuilder&, SocProfile&)> fill;
    std::int64_t s0;
    const char* text;
  };
  const auto nothing = [](ProgramBuilder&, SocProfile&) {};
  const Case cases[] = {
      {nothing, 0, "s0 = 0 is not a positive multiple of the 1 rows of a block"},
      {[](ProgramBuilder& b, SocProfile&) { b.program.rowsPerBlock = 128; }, 192,
       "s0 = 192 is not a positive multiple of the 128 rows of a block"},
      {[](ProgramBuilder& b, SocProfile&) { b.program.rowsPerBlock = 0; }, 1,
       "rowsPerBlock is 0; expected at least 1"},
      {[](ProgramBuilder&, SocProfile& soc) { soc.vectorPerCube = 1; }, 1,
       "SoC 'Round' has 1 AIVs for each AIC; the simulator runs 2"},
      {[](ProgramBuilder& b, SocProfile&) { b.cube.set(Pipe::m, Pipe::fix, b.constant(8)); }, 1,
       "AIC SET_FLAG(PIPE_M, PIPE_FIX, ?): id 8 is out of range; expected 0 to 7"},
      {[](ProgramBuilder& b, SocProfile&) { b.cube.wait(Pipe::m, Pipe::fix, b.constant(-1)); }, 1,
       "id -1 is out of range; expected 0 to 7"},
      {[](ProgramBuilder& b, SocProfile&) {
         b.cube.wait(Pipe::m, Pipe::fix, b.binary(ExprKind::rem, b.constant(5), b.constant(0)));
       },
       1, "an undefined id is out of range"},
      {[](ProgramBuilder& b, SocProfile&) { b.cube.set(Pipe::m, Pipe::fix, -1); }, 1,
       "cube body, instruction 0: no expression for the event id"},
      {[](ProgramBuilder& b, SocProfile&) {
         b.cube.matmul(1, Phase::final, b.accumulator("acc", 2), b.constant(2));
       },
       1, "AIC TMATMUL(?): id 2 is out of range; expected 0 to 1"},
      {[](ProgramBuilder& b, SocProfile&) {
         b.variable(0);
         b.cube.loop("l", 0, b.constant(0), b.constant(3), b.constant(0), [](BodyBuilder&) {});
       },
       1, "AIC: loop 'l' from 0 to 3 by 0 has no trips to count"},
      {[](ProgramBuilder& b, SocProfile&) { b.cube.set(Pipe::m, Pipe::fix, b.variable(0)); }, 1,
       "variable 0 is read outside its loop"},
      {[](ProgramBuilder& b, SocProfile&) {
         const auto v = b.variable(0);
         const auto zero = b.constant(0);
         b.cube.loop("l", 0, zero, b.constant(1), b.constant(1),
                     [&](BodyBuilder& body) { body.set(Pipe::m, Pipe::fix, v); });
         b.cube.wait(Pipe::m, Pipe::fix, v);
       },
       1, "cube body, instruction 1: variable 0 is read outside its loop"},
      {[](ProgramBuilder& b, SocProfile&) { b.expr({ExprKind::variable, 3, -1, -1}); }, 1,
       "expression 0 reads variable 3 of 0"},
      {[](ProgramBuilder& b, SocProfile&) { b.binary(ExprKind::add, 0, 1); }, 1,
       "expression 0 has operands 0 and 1; expected earlier expressions"},
      {[](ProgramBuilder& b, SocProfile&) {
         const auto zero = b.constant(0);
         const auto one = b.constant(1);
         b.variable(0);
         b.cube.loop("outer", 0, zero, one, one, [&](BodyBuilder& body) {
           body.loop("inner", 0, zero, one, one, [](BodyBuilder&) {});
         });
       },
       1, "loop 'inner' runs variable 0 of a loop around it"},
      {[](ProgramBuilder& b, SocProfile&) {
         program::Instr instr;
         instr.shape = test::busy(Pipe::v, 1);
         instr.pipe = Pipe::m;
         b.vector.add(instr);
       },
       1, "vec body, instruction 0: TMULS stands on PIPE_M; expected PIPE_V"},
      {[](ProgramBuilder& b, SocProfile& soc) {
         soc.paths.clear();
         b.cube.stage("QK");
         b.cube.work(Pipe::mte2, 1);
       },
       1, "cube body, instruction 0 of QK: TLOAD moves GM to UB; SoC 'Round' has no such path"},
      {[](ProgramBuilder& b, SocProfile&) { b.fifo("f", Core::cube, 0, 1); }, 1,
       "FIFO 'f' has 0 slots and sync period 1; expected at least 1"},
      {[](ProgramBuilder& b, SocProfile&) {
         b.fifo("f", Core::cube, 1, 1);
         b.program.fifos[0].flagBase = 15;
       },
       1, "FIFO 'f' takes FFTS flags 15 and 16; the core has 0 to 15"},
      {[](ProgramBuilder& b, SocProfile&) {
         b.fifo("f", Core::cube, 1, 1);
         b.fifo("g", Core::cube, 1, 1);
         b.program.fifos[1].flagBase = 1;
       },
       1, "FFTS flag 1 is both 'free slot of f' and a flag of FIFO 'g'"},
      {[](ProgramBuilder& b, SocProfile&) { b.cube.tpop(b.fifo("f", Core::cube, 1, 1)); }, 1,
       "TPOP of FIFO 'f' on its producer"},
      {[](ProgramBuilder& b, SocProfile&) { b.vector.talloc(b.fifo("f", Core::cube, 1, 1)); }, 1,
       "TALLOC of FIFO 'f' on its consumer"},
      {[](ProgramBuilder& b, SocProfile&) {
         const auto fifo = b.fifo("f", Core::cube, 1, 1);
         b.cube.tpush(fifo, Pipe::fix);
         b.cube.tpush(fifo, Pipe::m);
       },
       1, "FFTS flag 0 is signalled on PIPE_FIX and on PIPE_M"},
      {[](ProgramBuilder& b, SocProfile&) { b.cube.talloc(0); }, 1, "there is no FIFO 0"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    ProgramBuilder builder;
    SocProfile soc = roundSoc();
    c.fill(builder, soc);
    const SimResult result = simulate(builder.program, soc, problemOf(c.s0));
    EXPECT_EQ(nameOf(result), "invalid");
    EXPECT_THAT(result.detailText(), HasSubstr(c.text));
  }
}

TEST(Limit, EndsARunThatWouldNot) {
  ProgramBuilder builder;
  builder.variable(0);
  const auto zero = builder.constant(0);
  const auto one = builder.constant(1);
  builder.cube.loop("long", 0, zero, builder.argument(ExprKind::s1), one,
                    [](BodyBuilder& body) { body.work(Pipe::m, 1); });
  // 100 trips: 100 instructions, 101 loop steps.
  EXPECT_EQ(nameOf(run(builder, roundSoc(), 1, 100, {.instructionLimit = 201}).result), "finished");
  const Simulated r = run(builder, roundSoc(), 1, 100, {.instructionLimit = 200});
  EXPECT_EQ(nameOf(r.result), "limit");
  EXPECT_EQ(r.result.detailText(), "AIC has not ended after 200 instructions and loop iterations");
  // A loop without instructions ends, too.
  ProgramBuilder empty;
  empty.variable(0);
  empty.vector.loop("empty", 0, empty.constant(0), empty.constant(std::int64_t{1} << 62),
                    empty.constant(1), [](BodyBuilder&) {});
  EXPECT_EQ(nameOf(run(empty, roundSoc(), 1, 0, {.instructionLimit = 1000}).result), "limit");
}

} // namespace
} // namespace ptotune::sim
