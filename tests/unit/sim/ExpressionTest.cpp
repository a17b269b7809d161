// Run-time arguments, loops and the values that change with them.
#include "runners/sim/Expression.h"

#include "tests/unit/sim/SimTest.h"

#include <gmock/gmock.h>

namespace ptotune::sim {
namespace {

using testing::ElementsAreArray;

TEST(Values, Operators) {
  constexpr std::int64_t big = std::numeric_limits<std::int64_t>::max();
  struct Case {
    ExprKind kind;
    std::int64_t a, b, expected;
  };
  const Case cases[] = {
      {ExprKind::add, 7, 3, 10},
      {ExprKind::sub, 3, 7, -4},
      {ExprKind::mul, 7, 3, 21},
      {ExprKind::div, 7, 3, 2},
      {ExprKind::rem, 7, 3, 1},
      {ExprKind::min, 7, 3, 3},
      {ExprKind::max, 7, 3, 7},
      {ExprKind::div, 7, 0, kUndefined},
      {ExprKind::rem, 7, 0, kUndefined},
      {ExprKind::div, -7, 3, kUndefined},
      {ExprKind::rem, 7, -3, kUndefined},
      {ExprKind::add, big, 1, kUndefined},
      {ExprKind::mul, big, 2, kUndefined},
      {ExprKind::sub, -big, 2, kUndefined},
      {ExprKind::div, 0, 3, 0},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::Message() << static_cast<int>(c.kind) << ": " << c.a << ", " << c.b);
    const std::vector<program::Expr> exprs = {{ExprKind::constant, c.a, -1, -1},
                                              {ExprKind::constant, c.b, -1, -1},
                                              {c.kind, 0, 0, 1},
                                              {ExprKind::add, 0, 2, 1}};
    const Values values(exprs, 0, {});
    EXPECT_EQ(values[Values::slot(2)], c.expected);
    EXPECT_EQ(values.evaluate(2), c.expected);
    if (c.expected == kUndefined) {
      EXPECT_EQ(values[Values::slot(3)], kUndefined); // and what is made of it
    }
  }
}

// The tile values that the cores' instructions are issued with.
std::vector<std::int64_t> tiles(const Simulated& r, int core) {
  std::vector<std::int64_t> values;
  for (const IssuedEvent& event : r.seen.issued)
    if (event.what.core == core)
      values.push_back(event.what.tile);
  return values;
}

TEST(Arguments, ReachEveryCore) {
  struct Case {
    ExprKind kind;
    std::int64_t cube, aiv0, aiv1;
  };
  for (const Case& c : {Case{ExprKind::s0, 24, 24, 24}, Case{ExprKind::s1, 77, 77, 77},
                        Case{ExprKind::blockIdx, 2, 2, 2}, Case{ExprKind::blockNum, 3, 3, 3},
                        Case{ExprKind::subblockIdx, 0, 0, 1}}) {
    ProgramBuilder builder;
    builder.program.rowsPerBlock = 8; // three blocks on four cores
    const auto value = builder.argument(c.kind);
    for (BodyBuilder* body : {&builder.cube, &builder.vector}) {
      body->stage("", value);
      body->barrier(Pipe::mte2);
    }
    const Simulated r = run(builder, roundSoc(), 24, 77, {.blockIdx = 2});
    EXPECT_THAT(tiles(r, 0), ElementsAreArray({c.cube}));
    EXPECT_THAT(tiles(r, 1), ElementsAreArray({c.aiv0}));
    EXPECT_THAT(tiles(r, 2), ElementsAreArray({c.aiv1}));
  }
}

TEST(Loops, Trips) {
  struct Case {
    std::int64_t lower, upper, step;
    std::vector<std::int64_t> values;
  };
  const Case cases[] = {
      {0, 3, 1, {0, 1, 2}},
      {0, 0, 1, {}},
      {5, 3, 1, {}},
      {2, 9, 3, {2, 5, 8}},
      {2, 8, 3, {2, 5}},
      {0, 1, 100, {0}},
      {-2, 1, 1, {-2, -1, 0}},
      {std::numeric_limits<std::int64_t>::max() - 1,
       std::numeric_limits<std::int64_t>::max(),
       5,
       {std::numeric_limits<std::int64_t>::max() - 1}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::Message() << c.lower << " to " << c.upper << " by " << c.step);
    ProgramBuilder builder;
    const auto v = builder.variable(0);
    builder.cube.loop("l", 0, builder.constant(c.lower), builder.constant(c.upper),
                      builder.constant(c.step), [&](BodyBuilder& body) {
                        body.stage("", v);
                        body.barrier(Pipe::m);
                      });
    EXPECT_THAT(tiles(run(builder, roundSoc()), 0), ElementsAreArray(c.values));
  }
}

// Blocks of a core: blockIdx, blockIdx + blockNum, ...
TEST(Loops, BlocksOfTheBusiestCore) {
  struct Case {
    std::int64_t s0;
    std::vector<std::int64_t> blocks;
    std::int64_t waves;
  };
  for (const Case& c : {Case{128, {0}, 1}, Case{512, {0}, 1}, Case{640, {0, 4}, 2},
                        Case{1024, {0, 4}, 2}, Case{1152, {0, 4, 8}, 3}}) {
    ProgramBuilder builder;
    builder.program.rowsPerBlock = 128;
    const auto block = builder.variable(0);
    const auto blocks =
        builder.binary(ExprKind::div, builder.argument(ExprKind::s0), builder.constant(128));
    builder.cube.loop("block", 0, builder.argument(ExprKind::blockIdx), blocks,
                      builder.argument(ExprKind::blockNum), [&](BodyBuilder& body) {
                        body.stage("", block);
                        body.barrier(Pipe::m);
                      });
    const Simulated r = run(builder, roundSoc(), c.s0);
    EXPECT_THAT(tiles(r, 0), ElementsAreArray(c.blocks));
    EXPECT_EQ(r.result.waves, c.waves);
    EXPECT_EQ(r.result.blocks, c.s0 / 128);
  }
}

// Nested loops: an expression of both variables, one of the outer alone that is read inside, and an
// inner loop whose bounds depend on the outer variable and has no trips at first.
TEST(Loops, ValuesFollowTheInnermostVariable) {
  ProgramBuilder builder;
  const auto i = builder.variable(0);
  const auto j = builder.variable(1);
  const auto ten = builder.constant(10);
  const auto both = builder.binary(ExprKind::add, builder.binary(ExprKind::mul, i, ten), j);
  const auto outerOnly = builder.binary(ExprKind::mul, i, builder.constant(1000));
  // Not used where it has no value: 6 / i is undefined in the first trip of the outer loop.
  const auto quotient = builder.binary(ExprKind::div, builder.constant(6), i);
  const auto zero = builder.constant(0);
  const auto one = builder.constant(1);
  builder.cube.loop("outer", 0, zero, builder.constant(3), one, [&](BodyBuilder& outer) {
    outer.loop("inner", 1, zero, i, one, [&](BodyBuilder& inner) {
      inner.stage("", both);
      inner.barrier(Pipe::m);
      inner.stage("", outerOnly);
      inner.barrier(Pipe::m);
      inner.stage("", quotient);
      inner.barrier(Pipe::m);
    });
    outer.stage("", i);
    outer.barrier(Pipe::m);
  });
  const std::int64_t expected[] = {0, 10, 1000, 6, 1, 20, 2000, 3, 21, 2000, 3, 2};
  EXPECT_THAT(tiles(run(builder, roundSoc()), 0), ElementsAreArray(expected));
}

// Event ids and accumulator copies by expression: a ping-pong over two.
TEST(Loops, OperandsByExpression) {
  ProgramBuilder builder;
  const auto i = builder.variable(0);
  const auto parity = builder.binary(ExprKind::rem, i, builder.constant(2));
  const auto acc = builder.accumulator("acc", 2);
  builder.cube.loop("tiles", 0, builder.constant(0), builder.constant(4), builder.constant(1),
                    [&](BodyBuilder& body) {
                      body.set(Pipe::mte1, Pipe::m, parity);
                      body.wait(Pipe::mte1, Pipe::m, parity);
                      body.matmul(10, Phase::final, acc, parity);
                      body.store(30, Phase::final, acc, parity);
                    });
  const Simulated r = run(builder, roundSoc());
  ASSERT_EQ(nameOf(r.result), "finished") << r.result.detailText();
  std::vector<std::int64_t> ids;
  for (const TakenEvent& event : r.seen.taken)
    if (event.flag.kind == FlagKind::event)
      ids.push_back(event.flag.id);
  EXPECT_THAT(ids, ElementsAreArray({0, 1, 0, 1}));
  // Matmuls 3 .. 13, 13 .. 23; the third waits for the first store, 13 .. 43, the fourth for 73.
  const double starts[] = {3, 13, 43, 73};
  for (int n = 0; n < 4; ++n)
    EXPECT_EQ(r.seen.start(0, 2, n), starts[n]);
}

} // namespace
} // namespace ptotune::sim
