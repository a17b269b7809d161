// An extrapolated run is a full run, number for number: in what it counts, in what it says of a
// failure, and in its times.
#include "runners/sim/Periods.h"
#include "tests/support/SameResult.h"
#include "tests/unit/sim/FaSkeleton.h"
#include "tests/unit/sim/MiniKernel.h"
#include "tests/unit/sim/Mutate.h"
#include "tests/unit/sim/SimTest.h"

#include <fmt/format.h>

#include <random>

namespace ptotune::sim {
namespace {

using test::faSkeleton;
using test::Skeleton;

struct Both {
  SimResult full;
  SimResult quick;
};

Both runBoth(const program::Program& program, const SocProfile& soc, const Problem& problem,
             SimOptions options = {}) {
  const Result<std::shared_ptr<const Code>> code = compile(program, soc);
  if (!code) {
    ADD_FAILURE() << code.error().text();
    return {};
  }
  Both both;
  both.quick = simulate(**code, problem, options);
  options.extrapolate = false;
  both.full = simulate(**code, problem, options);
  EXPECT_EQ(both.full.extrapolated, 0);
  EXPECT_EQ(test::difference(both.full, both.quick), "");
  return both;
}

// The skeleton with its own cost for each instruction, so that either side may be the slower.
void spread(program::Body& body, std::mt19937& random) {
  for (const test::Spot& spot : test::findAll(body, test::isKind(program::InstrKind::op)))
    spot.instr().shape.cols = std::max<std::int64_t>(
        1, spot.instr().shape.cols * static_cast<std::int64_t>(20 + random() % 60) / 40);
}

struct Drawn {
  Skeleton shape;
  SocProfile soc;
  Problem problem;
  std::string text;
};

Drawn draw(std::mt19937& random) {
  const auto pick = [&random](int least, int most) {
    return least + static_cast<int>(random() % static_cast<unsigned>(most - least + 1));
  };
  Drawn drawn;
  drawn.shape.preload = pick(1, 6);
  drawn.shape.slots = static_cast<int>(drawn.shape.preload) + pick(0, 7);
  drawn.shape.syncPeriod = pick(1, std::max(1, drawn.shape.slots / 2));
  drawn.shape.work = pick(1, 400);
  drawn.shape.filler = pick(0, 3);
  drawn.soc = roundSoc();
  drawn.soc.scalarIssueCycles = pick(0, 8) * 0.7;
  drawn.soc.eventFlagCycles = pick(0, 12);
  drawn.soc.crossCoreFlagCycles = pick(0, 120);
  drawn.problem = problemOf(pick(1, 40), pick(1, 300));
  drawn.text =
      fmt::format("preload {} slots {} period {} work {} filler {}, {} x {}", drawn.shape.preload,
                  drawn.shape.slots, drawn.shape.syncPeriod, drawn.shape.work, drawn.shape.filler,
                  drawn.problem.s0, drawn.problem.s1);
  return drawn;
}

TEST(Repetition, EqualsTheFullRunOnRandomSkeletons) {
  int finished = 0;
  int extrapolated = 0;
  std::int64_t all = 0;
  std::int64_t skipped = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    std::mt19937 random(seed);
    const Drawn drawn = draw(random);
    SCOPED_TRACE(fmt::format("seed {}: {}", seed, drawn.text));
    ProgramBuilder builder;
    faSkeleton(builder, drawn.shape);
    spread(builder.program.cube, random);
    spread(builder.program.vector, random);
    const Both both = runBoth(builder.program, drawn.soc, drawn.problem);
    finished += both.full.outcome == Outcome::finished;
    extrapolated += both.quick.extrapolated > 0;
    all += both.quick.instructions;
    skipped += both.quick.extrapolated;
    if (HasFailure())
      return;
  }
  EXPECT_GT(finished, 300);
  EXPECT_GT(extrapolated, 300);
  EXPECT_GT(skipped, all / 2);
}

// Faults that show late: behind the steady loop, or in a ring that fills up slowly.
TEST(Repetition, EqualsTheFullRunOnFailures) {
  using program::InstrKind;
  const auto cut = [](program::Program& program, int which) {
    const auto removed = [&](program::Body& body, InstrKind kind, std::int32_t fifo,
                             std::size_t nth) {
      const auto spots = test::findAll(body, test::isFifo(kind, fifo));
      if (nth < spots.size())
        test::remove(spots[nth]);
    };
    const auto doubled = [&](program::Body& body, InstrKind kind, std::int32_t fifo,
                             std::size_t nth) {
      const auto spots = test::findAll(body, test::isFifo(kind, fifo));
      if (nth < spots.size())
        test::repeat(spots[nth]);
    };
    switch (which) {
    case 0: // the drain's PV is never pushed
      return removed(program.cube, InstrKind::tpush, 2, 1);
    case 1: // a GU of the drain frees nothing
      return removed(program.vector, InstrKind::tfree, 2, 1);
    case 2: // the steady loop frees no P
      return removed(program.cube, InstrKind::tfree, 1, 0);
    case 3:
      return doubled(program.vector, InstrKind::tpush, 1, 1);
    case 4: // the drain pops too much
      return doubled(program.cube, InstrKind::tpop, 1, 1);
    case 5:
      return removed(program.vector, InstrKind::tpop, 0, 1);
    default:
      return removed(program.cube, InstrKind::tpush, 0, 1);
    }
  };
  std::map<Outcome, int> outcomes;
  int extrapolated = 0;
  for (unsigned seed = 0; seed < 140; ++seed) {
    std::mt19937 random(seed);
    const Drawn drawn = draw(random);
    SCOPED_TRACE(fmt::format("seed {}: {}", seed, drawn.text));
    ProgramBuilder builder;
    faSkeleton(builder, drawn.shape);
    spread(builder.program.cube, random);
    cut(builder.program, static_cast<int>(seed % 7));
    const Both both = runBoth(builder.program, drawn.soc, drawn.problem);
    ++outcomes[both.full.outcome];
    extrapolated += both.quick.extrapolated > 0;
    if (HasFailure())
      return;
  }
  EXPECT_GT(outcomes[Outcome::hang], 20);
  EXPECT_GT(outcomes[Outcome::protocolError], 20);
  EXPECT_GT(extrapolated, 20);
}

TEST(Repetition, StopsAtTheLimitOfInstructions) {
  ProgramBuilder builder;
  faSkeleton(builder, {.preload = 2, .slots = 4, .syncPeriod = 2});
  for (const std::int64_t limit : {1, 500, 5000, 5001, 5003, 9000}) {
    SCOPED_TRACE(limit);
    const Both both =
        runBoth(builder.program, roundSoc(), problemOf(4, 1000), {.instructionLimit = limit});
    EXPECT_EQ(nameOf(both.quick), "limit");
  }
}

TEST(Repetition, MiniKernelWithEventAndUnitFlags) {
  for (const bool unitFlag : {false, true})
    for (const int slots : {1, 2, 3, 5}) {
      SCOPED_TRACE(slots);
      const int period = slots > 2 ? slots / 2 : slots;
      test::MiniKernel kernel({.slots = slots, .syncPeriod = period, .unitFlag = unitFlag});
      SocProfile soc = test::miniSoc();
      soc.eventFlagCycles = 3;
      soc.crossCoreFlagCycles = 17;
      const Both both = runBoth(kernel.program(), soc, test::miniProblem(500, 30));
      EXPECT_EQ(nameOf(both.full), "finished") << both.full.detailText();
      EXPECT_GT(both.quick.extrapolated, both.full.instructions * 9 / 10);
    }
}

// The instructions that are really run depend on the ring, not on the number of tiles or blocks.
TEST(Repetition, CostDoesNotGrowWithTheProblem) {
  ProgramBuilder builder;
  faSkeleton(builder, {.preload = 4, .slots = 8, .syncPeriod = 4, .work = 313, .filler = 7});
  SocProfile soc = roundSoc();
  soc.cubeCores = 1;
  const auto run = [&](std::int64_t blocks, std::int64_t tiles) {
    const SimResult result = simulate(builder.program, soc, problemOf(blocks, tiles),
                                      {.instructionLimit = std::int64_t{1} << 60});
    EXPECT_EQ(nameOf(result), "finished");
    return result.instructions - result.extrapolated;
  };
  const std::int64_t shortest = run(8, 64);
  EXPECT_LE(run(8, 1'000'000), shortest + 2000);
  EXPECT_LE(run(1'000'000, 1'000'000), shortest + 4000);
}

// Two sides of which one is a little faster drift against each other until the ring is full: one
// step, not as many iterations.
TEST(Repetition, DriftIsPassedInOneStep) {
  for (const std::int64_t faster : {0, 1}) {
    ProgramBuilder builder;
    const auto fifo = builder.fifo("x", Core::cube, 8, 4);
    const auto zero = builder.constant(0);
    const auto one = builder.constant(1);
    const auto tiles = builder.argument(ExprKind::s1);
    builder.variable(0);
    builder.cube.open(fifo);
    builder.cube.loop("tiles", 0, zero, tiles, one, [&](BodyBuilder& body) {
      body.talloc(fifo);
      body.work(Pipe::fix, 1000 + (faster == 0 ? 0 : 1));
      body.tpush(fifo, Pipe::fix);
    });
    builder.cube.close(fifo);
    builder.vector.open(fifo);
    builder.vector.loop("tiles", 0, zero, tiles, one, [&](BodyBuilder& body) {
      body.tpop(fifo);
      body.work(Pipe::mte2, 1000 + (faster == 0 ? 1 : 0));
      body.tfree(fifo);
    });
    builder.vector.close(fifo);
    const Both both = runBoth(builder.program, roundSoc(), problemOf(1, 20000));
    EXPECT_EQ(nameOf(both.full), "finished") << both.full.detailText();
    EXPECT_LT(both.quick.instructions - both.quick.extrapolated, 2000);
  }
}

TEST(Periods, OfExpressions) {
  using program::ExprKind;
  ProgramBuilder b;
  const auto i = b.variable(0);
  const auto j = b.variable(1);
  const auto s1 = b.argument(ExprKind::s1);
  const auto two = b.constant(2);
  const auto three = b.constant(3);
  const auto eight = b.constant(8);
  const auto minus = b.binary(ExprKind::sub, eight, i);
  const auto rem = [&](program::ExprId a, program::ExprId n) {
    return b.binary(ExprKind::rem, a, n);
  };
  const auto div = [&](program::ExprId a, program::ExprId n) {
    return b.binary(ExprKind::div, a, n);
  };
  const auto add = [&](program::ExprId a, program::ExprId n) {
    return b.binary(ExprKind::add, a, n);
  };
  const auto twice = b.binary(ExprKind::mul, i, two);
  struct Case {
    program::ExprId expr;
    std::int64_t selecting;
    std::int64_t label;
  };
  const Case cases[] = {
      {two, 1, 1},
      {s1, 1, 1},
      {j, 1, 1},
      {i, 0, 1},
      {rem(i, two), 2, 2},
      {rem(add(i, s1), three), 3, 3},
      {rem(twice, eight), 4, 4},
      {rem(twice, two), 1, 1},
      {rem(div(i, three), two), 6, 6},
      {div(i, three), 0, 3},
      {add(rem(i, two), rem(i, three)), 6, 6},
      {rem(minus, two), 0, 0}, // becomes undefined
      {minus, 0, 1},           //
      {rem(i, s1), 0, 0},      // no constant
      {b.binary(ExprKind::min, i, s1), 0, 0},
      {b.binary(ExprKind::min, add(i, two), i), 0, 1},
      {b.binary(ExprKind::mul, i, i), 0, 0},
      {b.binary(ExprKind::mul, rem(i, two), rem(i, three)), 6, 6},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.expr);
    const program::ExprId ids[] = {c.expr};
    EXPECT_EQ(periodOf(b.program.exprs, 0, ids, {}), c.selecting);
    EXPECT_EQ(periodOf(b.program.exprs, 0, {}, ids), c.label);
  }
}

} // namespace
} // namespace ptotune::sim
