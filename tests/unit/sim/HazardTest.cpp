// The hazard checker on a kernel small enough to know every order in it.
#include "HazardTest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace ptotune::sim {
namespace {

using program::InstrKind;
using program::Program;
using test::find;
using test::isFlag;
using test::isKind;
using test::isOp;
using test::MiniKernel;
using test::miniProblem;
using test::miniSoc;

TEST(Hazards, NoneInACorrectKernel) {
  for (const bool unitFlag : {false, true})
    for (const int slots : {1, 2, 4, 8})
      for (const std::int64_t tiles : {0, 1, 2, 9, 12}) {
        MiniKernel kernel({slots, slots <= 2 ? slots : slots / 2, unitFlag});
        // All credits of a block come back where the tiles are a multiple of the sync period.
        const std::int64_t blocks = tiles % 4 == 0 ? 2 : 1;
        const HazardReport report =
            findHazards(kernel.program(), miniSoc(), miniProblem(tiles, blocks));
        EXPECT_TRUE(report.clean()) << report.text();
        EXPECT_EQ(report.operations, blocks * (2 + 2 * 2 + (4 + 2 * 2) * tiles));
      }
}

// The last tiles of a block have no credit, so nothing holds the next block's producer back.
TEST(Hazards, NextBlockOverwritesTheLastTile) {
  MiniKernel kernel;
  const HazardReport report = check(kernel.program(), 7);
  ASSERT_EQ(report.hazards.size(), 2U) << report.text(); // the halves of both AIVs
  for (const Hazard& hazard : report.hazards) {
    EXPECT_EQ(hazard.kind, HazardKind::unorderedOverwrite);
    EXPECT_EQ(hazard.object, "s");
    EXPECT_EQ(hazard.firstTile, 6);
    EXPECT_EQ(hazard.secondTile, 0);
  }
}

// --- Every order is needed, and the checker misses each ----------------------------------------

struct Order {
  Core core;
  Pipe source;
  Pipe target;
  const char* object; // what is at risk without it
};

class MissingOrder : public testing::TestWithParam<Order> {};

TEST_P(MissingOrder, IsAHazard) {
  const Order& order = GetParam();
  MiniKernel kernel;
  Program& program = kernel.program();
  test::removeAll(order.core == Core::cube ? program.cube : program.vector,
                  isFlag(order.source, order.target));
  // Pipes that do not wait for each other may also set a flag that is set already.
  const HazardReport report = check(program);
  EXPECT_THAT(nameOf(report.run), testing::AnyOf("finished", "protocol error"));
  EXPECT_TRUE(std::any_of(report.hazards.begin(), report.hazards.end(), [&](const Hazard& hazard) {
    return hazard.object == order.object;
  })) << report.text();
}

INSTANTIATE_TEST_SUITE_P(Hazards, MissingOrder,
                         testing::Values(Order{Core::cube, Pipe::mte2, Pipe::mte1, "k_l1"},
                                         Order{Core::cube, Pipe::mte1, Pipe::mte2, "k_l1"},
                                         Order{Core::cube, Pipe::mte1, Pipe::m, "right"},
                                         Order{Core::cube, Pipe::m, Pipe::mte1, "right"},
                                         Order{Core::cube, Pipe::m, Pipe::fix, "acc"},
                                         Order{Core::cube, Pipe::fix, Pipe::m, "acc"},
                                         Order{Core::vector, Pipe::mte2, Pipe::v, "x"},
                                         Order{Core::vector, Pipe::v, Pipe::mte2, "x"},
                                         Order{Core::vector, Pipe::v, Pipe::mte3, "o"},
                                         Order{Core::vector, Pipe::mte3, Pipe::v, "o"}),
                         [](const auto& info) {
                           return std::string(name(info.param.source)) + "to" +
                                  name(info.param.target);
                         });

TEST(Hazards, UnitFlagsOrderAccumulators) {
  MiniKernel kernel({2, 2, true});
  for (const Op op : {Op::tmatmul, Op::tstore}) {
    const test::Spot spot = find(kernel.program().cube, isOp(op, "S"));
    spot.instr().phase = program::Phase::none;
  }
  const HazardReport report = check(kernel.program());
  const Hazard read = hazardIn(report, HazardKind::unorderedRead, "acc");
  EXPECT_EQ(read.first.pipe, Pipe::m);
  EXPECT_EQ(read.second.pipe, Pipe::fix);
  EXPECT_EQ(read.firstTile, 0);
  EXPECT_EQ(read.secondTile, 0);
  const Hazard overwrite = hazardIn(report, HazardKind::unorderedOverwrite, "acc");
  EXPECT_EQ(overwrite.first.pipe, Pipe::fix);
  EXPECT_EQ(overwrite.second.pipe, Pipe::m);
  EXPECT_EQ(overwrite.firstTile, 0);
  EXPECT_EQ(overwrite.secondTile, 2);
}

// PIPE_V does not finish an operation before the next one starts.
TEST(Hazards, VectorOperationsNeedBarriers) {
  MiniKernel kernel;
  test::removeAll(kernel.program().vector, isKind(InstrKind::barrier));
  const Hazard hazard = hazardIn(check(kernel.program()), HazardKind::unorderedRead, "o");
  EXPECT_EQ(hazard.first.pipe, Pipe::v);
  EXPECT_EQ(hazard.second.pipe, Pipe::v);
  EXPECT_EQ(hazard.first.tile, kUndefined); // the reset
  EXPECT_EQ(hazard.second.tile, 0);
}

// A flag to another pipe and back orders as a barrier does.
TEST(Hazards, FlagsOrderVectorOperations) {
  MiniKernel kernel;
  Program& program = kernel.program();
  const test::Spot barrier = find(program.vector, isKind(InstrKind::barrier));
  program::Instr set = barrier.instr();
  set.kind = InstrKind::setFlag;
  set.pipe = set.source = Pipe::v;
  set.target = Pipe::mte3;
  set.event = 0; // the constant 0
  program::Instr wait = set;
  wait.kind = InstrKind::waitFlag;
  wait.pipe = Pipe::mte3;
  program::Instr back = set;
  back.pipe = back.source = Pipe::mte3;
  back.target = Pipe::v;
  program::Instr waitBack = back;
  waitBack.kind = InstrKind::waitFlag;
  waitBack.pipe = Pipe::v;
  barrier.instr() = set;
  const auto behind = barrier.body->begin() + static_cast<std::ptrdiff_t>(barrier.index) + 1;
  const program::Instr more[] = {wait, back, waitBack};
  barrier.body->insert(behind, std::begin(more), std::end(more));
  const HazardReport report = check(program);
  EXPECT_TRUE(report.clean()) << report.text();
}

// --- Reports -----------------------------------------------------------------------------------

TEST(Hazards, AreToldWithBothOperations) {
  MiniKernel kernel;
  test::removeAll(kernel.program().vector, isFlag(Pipe::v, Pipe::mte2));
  const Hazard hazard = hazardIn(check(kernel.program()), HazardKind::unorderedOverwrite, "x");
  EXPECT_EQ(hazard.text,
            (std::vector<std::string>{
                "x[0], bytes 0x0 to 0x200 of UB of tile 0 may be overwritten by tile 2 while it is "
                "in use",
                "first: AIV0 A tile 0: TADD (instruction 8)",
                "then: AIV0 A tile 2: TLOAD (instruction 3)",
                "missing: an order from the first to the second"}));
  EXPECT_EQ(hazard.begin, 0);
  EXPECT_EQ(hazard.end, 512);
}

TEST(Hazards, LimitBoundsTheReport) {
  MiniKernel kernel;
  test::removeAll(kernel.program().vector, isFlag(Pipe::v, Pipe::mte2));
  const HazardReport all = check(kernel.program(), 40);
  HazardOptions options;
  options.limit = 3;
  const HazardReport some = findHazards(kernel.program(), miniSoc(), miniProblem(40), options);
  EXPECT_GT(all.hazards.size(), 3U);
  EXPECT_EQ(some.hazards.size(), 3U);
  EXPECT_EQ(some.found, all.found);
}

TEST(Hazards, ChangeNoTimes) {
  for (const bool unitFlag : {false, true}) {
    MiniKernel kernel({4, 2, unitFlag});
    const SimResult alone = simulate(kernel.program(), miniSoc(), miniProblem(9));
    EXPECT_EQ(check(kernel.program(), 9).run.ticks, alone.ticks);
  }
}

TEST(Hazards, PlacesThatCannotBe) {
  struct Case {
    const char* text;
    void (*break_)(Program&, SocProfile&);
  };
  const Case cases[] = {
      {"vec body, instruction 11 of A: there is no buffer 70",
       [](Program& p, SocProfile&) {
         find(p.vector, isOp(Op::tadd, "A")).instr().src[1].buffer = 70;
       }},
      {"vec body, instruction 11 of A: a tile of 'x' has 8x0 elements, 16 in a line, from byte 0",
       [](Program& p, SocProfile&) {
         find(p.vector, isOp(Op::tadd, "A")).instr().src[1].cols = 0;
       }},
      {"cube body, instruction 10 of prologue: there is no FIFO 4",
       [](Program& p, SocProfile&) {
         find(p.cube, isOp(Op::tload, "prologue")).instr().view = {.fifo = 4, .rows = 16};
       }},
      {"cube body, instruction 10 of prologue: a view has 16x16 elements with strides -1 and 1",
       [](Program& p, SocProfile&) {
         find(p.cube, isOp(Op::tload, "prologue")).instr().view.rowStride = -1;
       }},
      {"buffer 'o' ends at byte 1536 of UB, which has 1535",
       [](Program&, SocProfile& soc) {
         soc.memory[static_cast<std::size_t>(Memory::ub)].bytes = 1535;
       }},
      {"buffer 'x' has 0 copies of 512 bytes at 0, 512 apart",
       [](Program& p, SocProfile&) { p.buffers[5].copies = 0; }},
      {"FIFO 's' has slots of 0 bytes", [](Program& p, SocProfile&) { p.fifos[0].slotBytes = 0; }},
  };
  for (const Case& c : cases) {
    MiniKernel kernel;
    SocProfile soc = miniSoc();
    c.break_(kernel.program(), soc);
    const HazardReport report = findHazards(kernel.program(), soc, miniProblem(8));
    EXPECT_EQ(nameOf(report.run), "invalid");
    EXPECT_EQ(report.run.detailText(), std::string("program 'mini': ") + c.text);
  }
}

} // namespace
} // namespace ptotune::sim
