// Work units over cores, and launches one behind the other.
#include "SimTest.h"
#include "runners/sim/Hazards.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace ptotune::sim {
namespace {

// A loop over work units: unit u runs an inner loop of `trips`(u) trips of `work` cycles.
void unitLoop(ProgramBuilder& b, std::int64_t units, program::ExprId trips, std::int64_t work) {
  const auto blocks = b.argument(ExprKind::s0);
  const auto count = units == 1 ? blocks : b.binary(ExprKind::mul, blocks, b.constant(units));
  b.program.unitsPerBlock = units;
  b.cube.loop("unit", 0, b.argument(ExprKind::blockIdx), count, b.argument(ExprKind::blockNum),
              [&](BodyBuilder& unit) {
                unit.loop("tiles", 1, b.constant(0), trips, b.constant(1),
                          [&](BodyBuilder& body) { body.work(Pipe::m, work); });
              });
}

// Unit u has u + 1 trips.
void growingUnits(ProgramBuilder& b) {
  const auto unit = b.variable(0);
  b.variable(1);
  unitLoop(b, 1, b.binary(ExprKind::add, unit, b.constant(1)), 10);
}

// roundSoc() has four cores.
TEST(WorkUnits, GoRoundRobinOverCores) {
  for (const auto& [blocks, cores, waves] :
       {std::tuple(1, 3, 1), std::tuple(2, 4, 2), std::tuple(3, 4, 3), std::tuple(5, 4, 4)}) {
    ProgramBuilder builder;
    builder.variable(0);
    builder.variable(1);
    unitLoop(builder, 3, builder.constant(1), 10);
    const SimResult result = simulate(builder.program, roundSoc(), problemOf(blocks));
    ASSERT_EQ(nameOf(result), "finished") << result.detailText();
    EXPECT_EQ(result.blocks, 3 * blocks);
    EXPECT_EQ(result.activeCores, cores);
    EXPECT_EQ(result.waves, waves);
    EXPECT_EQ(result.core, 0);
    EXPECT_EQ(result.instructions, waves);
  }
}

TEST(WorkUnits, BusiestCoreRuns) {
  ProgramBuilder builder;
  growingUnits(builder);
  // Ten units on four cores: cores 0 and 1 have three, of 1 + 5 + 9 and 2 + 6 + 10 trips.
  const SimResult result = simulate(builder.program, roundSoc(), problemOf(10));
  EXPECT_EQ(result.core, 1);
  EXPECT_EQ(result.waves, 3);
  EXPECT_EQ(result.instructions, 18);
  // Eight units: the last core has 4 + 8.
  EXPECT_EQ(simulate(builder.program, roundSoc(), problemOf(8)).core, 3);
  for (std::int64_t core = 0; core < 4; ++core) {
    SimOptions options;
    options.blockIdx = core;
    EXPECT_LE(simulate(builder.program, roundSoc(), problemOf(10), options).ticks, result.ticks);
  }
}

TEST(WorkUnits, MoreThanOneForABlockIsChecked) {
  ProgramBuilder builder;
  growingUnits(builder);
  builder.program.unitsPerBlock = 0;
  EXPECT_EQ(nameOf(simulate(builder.program, roundSoc(), problemOf(4))), "invalid");
}

// --- Launches ----------------------------------------------------------------------------------

void addLaunch(program::Program& program, std::int64_t work) {
  ProgramBuilder builder;
  builder.variable(0);
  builder.variable(1);
  unitLoop(builder, 1, builder.constant(1), work);
  program.next = std::make_unique<program::Program>(std::move(builder.program));
}

TEST(Launches, TimesAddUp) {
  SocProfile soc = roundSoc();
  soc.launchSeconds = 1e-6;
  ProgramBuilder builder;
  growingUnits(builder);
  const SimResult alone = simulate(builder.program, soc, problemOf(4));
  addLaunch(builder.program, 700);
  const SimResult both = simulate(builder.program, soc, problemOf(4));
  ASSERT_NE(both.next, nullptr);
  EXPECT_EQ(alone.next, nullptr);
  EXPECT_EQ(both.ticks, alone.ticks);
  EXPECT_DOUBLE_EQ(both.coreSeconds, alone.coreSeconds);
  EXPECT_DOUBLE_EQ(both.next->coreSeconds, 701e-9); // an issue and the work
  EXPECT_DOUBLE_EQ(both.seconds, alone.seconds + 1e-6 + 701e-9);
}

TEST(Launches, ListenersHearTheFirst) {
  ProgramBuilder builder;
  growingUnits(builder);
  addLaunch(builder.program, 5);
  const Simulated heard = run(builder, roundSoc(), 1);
  EXPECT_EQ(heard.seen.issued.size(), 1U);
  EXPECT_EQ(simulateLaunch(**compile(builder.program, roundSoc()), problemOf(1)).next, nullptr);
}

// What becomes of a later launch is what becomes of the run.
TEST(Launches, LaterOnesMayFail) {
  ProgramBuilder builder;
  growingUnits(builder);
  ProgramBuilder hanging;
  hanging.cube.wait(Pipe::mte2, Pipe::m, hanging.constant(0));
  builder.program.next = std::make_unique<program::Program>(std::move(hanging.program));
  const SimResult result = simulate(builder.program, roundSoc(), problemOf(1));
  EXPECT_EQ(nameOf(result), "hang");
  EXPECT_FALSE(result.detail.empty());
  builder.program.next->rowsPerBlock = 0;
  EXPECT_EQ(nameOf(simulate(builder.program, roundSoc(), problemOf(1))), "invalid");
}

TEST(Launches, HazardsOfAllAreFound) {
  // An operation that reads what nobody has written.
  const auto reads = [](ProgramBuilder& builder) {
    builder.program.buffers = {{"x", Memory::ub, 0, 256, 256, 1}};
    program::Instr instr;
    instr.pipe = Pipe::v;
    instr.shape = {.op = Op::texp, .rows = 1, .cols = 64};
    instr.dst = {.buffer = 0, .rows = 1, .cols = 64, .leadingDim = 64};
    instr.src[0] = instr.dst;
    builder.vector.add(instr);
  };
  ProgramBuilder first;
  reads(first);
  ProgramBuilder second;
  reads(second);
  first.program.next = std::make_unique<program::Program>(std::move(second.program));
  const HazardReport report = findHazards(first.program, roundSoc(), problemOf(1));
  EXPECT_EQ(nameOf(report.run), "finished") << report.text();
  EXPECT_EQ(report.hazards.size(), 4U) << report.text(); // two AIVs in each launch
  EXPECT_EQ(report.operations, 4);
  EXPECT_FALSE(report.clean());
}

} // namespace
} // namespace ptotune::sim
