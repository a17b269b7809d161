// Hazards of FIFO slots, and of bytes that hold something else than their reader expects.
#include "HazardTest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>
#include <utility>

namespace ptotune::sim {
namespace {

using program::InstrKind;
using program::Program;
using test::find;
using test::isFifo;
using test::isKind;
using test::isOp;
using test::MiniKernel;
using testing::HasSubstr;

// --- FIFOs -------------------------------------------------------------------------------------

TEST(Owners, FreeBeforeTheLoad) {
  MiniKernel kernel;
  Program& program = kernel.program();
  test::moveBefore(find(program.vector, isFifo(InstrKind::tfree)),
                   find(program.vector, isOp(Op::tload, "A")));
  const HazardReport report = check(program);
  const Hazard misuse = hazardIn(report, HazardKind::misuse, "s");
  EXPECT_TRUE(misuse.fifo);
  EXPECT_EQ(misuse.secondTile, 0);
  EXPECT_THAT(misuse.text[0], HasSubstr("tile 0 of s was freed (TFREE) before"));
  // Two slots, one credit for two tiles: the credit of tile 1 lets tile 2 into slot 0, but the
  // load of tile 1 is behind it.
  const Hazard race = hazardIn(report, HazardKind::unorderedOverwrite, "s");
  EXPECT_EQ(race.firstTile, 1);
  EXPECT_EQ(race.secondTile, 3);
  EXPECT_EQ(race.place, 1);
  EXPECT_EQ(race.first.core, 1);
  EXPECT_EQ(race.second.core, 0);
}

TEST(Owners, CommitBeforeTheStore) {
  MiniKernel kernel;
  Program& program = kernel.program();
  test::moveBefore(find(program.cube, isFifo(InstrKind::tpush)),
                   find(program.cube, isOp(Op::tstore, "S")));
  const HazardReport report = check(program);
  EXPECT_THAT(hazardIn(report, HazardKind::misuse, "s").text[0],
              HasSubstr("tile 0 of s was committed (TPUSH) before"));
  const Hazard race = hazardIn(report, HazardKind::unorderedRead, "s");
  EXPECT_EQ(race.first.core, 0);
  EXPECT_NE(race.second.core, 0);
  EXPECT_EQ(race.firstTile, race.secondTile);
}

TEST(Owners, CommittedTwice) {
  MiniKernel kernel;
  test::repeat(find(kernel.program().cube, isFifo(InstrKind::tpush)));
  const HazardReport report = check(kernel.program());
  EXPECT_EQ(nameOf(report.run), "protocol error");
  EXPECT_EQ(report.run.detailText(),
            "AIC S tile 0: TPUSH(s): of tile 1 of the FIFO, which was not allocated");
}

TEST(Owners, WithoutTheEntry) {
  MiniKernel kernel;
  Program& program = kernel.program();
  test::moveBefore(find(program.vector, isOp(Op::tload, "A")),
                   find(program.vector, isFifo(InstrKind::tpop)));
  const HazardReport report = check(program);
  EXPECT_THAT(hazardIn(report, HazardKind::misuse, "s").text[0],
              HasSubstr("no entry of s is popped"));
}

// Nobody stores: the consumer reads what nobody has written, and later the same again.
TEST(Owners, StoreIsMissing) {
  MiniKernel kernel;
  test::removeAll(kernel.program().cube, isOp(Op::tstore, "S"));
  const Hazard hazard = hazardIn(check(kernel.program()), HazardKind::unwritten, "s");
  EXPECT_EQ(hazard.secondTile, 0);
  EXPECT_FALSE(hazard.hasFirst());
}

// A ring of one slot with the credits of a ring of two: tile 1 is stored over tile 0 unread.
TEST(Owners, OneSlotTooFew) {
  MiniKernel kernel({2, 2, false});
  kernel.program().fifos[0].slots = 1;
  const HazardReport report = check(kernel.program());
  const Hazard hazard = hazardIn(report, HazardKind::unorderedOverwrite, "s");
  EXPECT_EQ(hazard.firstTile, 0);
  EXPECT_EQ(hazard.secondTile, 1);
  EXPECT_EQ(hazard.place, 0);
}

// Each AIV touches its half of a slot.
TEST(Owners, HalvesOfASlotAreApart) {
  MiniKernel kernel;
  Program& program = kernel.program();
  test::moveBefore(find(program.vector, isFifo(InstrKind::tfree)),
                   find(program.vector, isOp(Op::tload, "A")));
  const HazardReport report = check(program);
  std::int64_t bytes[kCoreCount][2] = {};
  for (const Hazard& hazard : report.hazards)
    if (hazard.kind == HazardKind::unorderedOverwrite && hazard.firstTile == 1)
      std::tie(bytes[hazard.first.core][0], bytes[hazard.first.core][1]) =
          std::pair(hazard.begin, hazard.end);
  // Slot 1 of 1024 bytes.
  EXPECT_EQ(bytes[1][0], 1024);
  EXPECT_EQ(bytes[1][1], 1536);
  EXPECT_EQ(bytes[2][0], 1536);
  EXPECT_EQ(bytes[2][1], 2048);
}

// --- Who owns bytes ----------------------------------------------------------------------------

// The wrong copy, in order: what is read was loaded for the tile before.
TEST(Owners, WrongCopy) {
  MiniKernel kernel;
  Program& program = kernel.program();
  const test::Spot add = find(program.vector, isOp(Op::tadd, "A"));
  add.instr().src[1].copy = -1; // copy 0, for odd tiles too
  const HazardReport report = check(program);
  const Hazard hazard = hazardIn(report, HazardKind::wrongTile, "x");
  EXPECT_EQ(hazard.firstTile, 0);
  EXPECT_EQ(hazard.secondTile, 1);
  EXPECT_EQ(hazard.place, 0);
  EXPECT_THAT(hazard.text[0], HasSubstr("x[0], bytes 0x0 to 0x200 of UB is read for tile 1 when it "
                                        "has been written for tile 0"));
  EXPECT_TRUE(exposing(report, hazard).empty()) << "any run shows it";
}

// A block does not see what the one before it left behind.
TEST(Owners, TilesOfAnotherBlock) {
  MiniKernel kernel;
  Program& program = kernel.program();
  const test::Spot load = find(program.vector, isOp(Op::tload, "A"));
  load.instr().dst.copy = 0; // the constant 0: copy 1 is never loaded
  const HazardReport report = check(program, 2);
  EXPECT_EQ(hazardIn(report, HazardKind::unwritten, "x").secondTile, 1);
}

TEST(Owners, RunningStateGoesFromTileToTile) {
  MiniKernel kernel;
  EXPECT_TRUE(check(kernel.program()).clean());
  // Without the reset outside the tiles, `o` is a tile's own, and nobody has written it.
  test::removeAll(kernel.program().vector, isOp(Op::texpands, "prologue"));
  EXPECT_EQ(hazardIn(check(kernel.program()), HazardKind::unwritten, "o").second.tile, 0);
}

TEST(Owners, ScratchHoldsNothing) {
  MiniKernel kernel;
  Program& program = kernel.program();
  const test::Spot add = find(program.vector, isOp(Op::tadd, "A"));
  add.instr().scratch = add.instr().src[1];
  EXPECT_TRUE(check(program).clean()) << "x is read before it is scratch";
  test::repeat(add);
  const auto barrier = find(program.vector, isKind(InstrKind::barrier)).instr();
  add.body->insert(add.body->begin() + static_cast<std::ptrdiff_t>(add.index) + 1,
                   program::Node(barrier));
  EXPECT_EQ(hazardIn(check(program), HazardKind::unwritten, "x").second.tile, 0);
}

TEST(Owners, BuffersThatOverlap) {
  MiniKernel kernel;
  kernel.program().buffers[6].address = 512; // o lies on x[1]
  const HazardReport report = check(kernel.program());
  EXPECT_FALSE(report.clean());
  EXPECT_EQ(nameOf(report.run), "finished");
}

// LocalSlotNum 8 where the plan has two buffers: popped tiles go around eight places, the third of
// which is the running sum's.
TEST(Owners, MoreLocalSlotsThanPlanned) {
  MiniKernel kernel;
  Program& program = kernel.program();
  program.buffers[5].copies = 8; // x, at 0 with a stride of 512; o lies at 1024
  const auto tile = find(program.vector, isOp(Op::tload, "A")).instr().tile;
  program.exprs.push_back({program::ExprKind::constant, 8, -1, -1});
  const auto eight = static_cast<program::ExprId>(program.exprs.size()) - 1;
  program.exprs.push_back({program::ExprKind::rem, 0, tile, eight});
  const auto slot = static_cast<program::ExprId>(program.exprs.size()) - 1;
  find(program.vector, isOp(Op::tload, "A")).instr().dst.copy = slot;
  find(program.vector, isOp(Op::tadd, "A")).instr().src[1].copy = slot;
  const HazardReport report = check(program);
  EXPECT_EQ(nameOf(report.run), "finished");
  const Hazard hazard = hazardIn(report, HazardKind::unorderedOverwrite, "x");
  EXPECT_EQ(hazard.place, 2);
  EXPECT_EQ(hazard.firstTile, 1); // of the running sum that tile 1 was added to
  EXPECT_EQ(hazard.secondTile, 2);
}

TEST(Owners, Outside) {
  struct Case {
    const char* object;
    const char* text;
    void (*break_)(Program&);
  };
  const Case cases[] = {
      {"x", "copy 1 of x, which has 1", [](Program& p) { p.buffers[5].copies = 1; }},
      {"o", "bytes 0 to 512 of o, which has 256", [](Program& p) { p.buffers[6].bytes = 256; }},
      {"s", "bytes 0 to 1024 of 768", [](Program& p) { p.fifos[0].slotBytes = 768; }},
      {"out", "bytes 2048 to 3904 of 2048",
       [](Program& p) {
         find(p.vector, isOp(Op::tstore, "epilogue")).instr().view.rowStride = 64;
       }},
      {"q_l1", "16x16 at [0, 1] of a tile of 16x16",
       [](Program& p) { find(p.cube, isOp(Op::textract, "prologue")).instr().col = 1; }},
  };
  for (const Case& c : cases) {
    MiniKernel kernel;
    c.break_(kernel.program());
    const Hazard hazard = hazardIn(check(kernel.program()), HazardKind::misuse, c.object);
    ASSERT_FALSE(hazard.text.empty());
    EXPECT_THAT(hazard.text[0], HasSubstr(c.text));
  }
}

} // namespace
} // namespace ptotune::sim
