// What the tile forms of the kernel lower to: instructions of the program, C++, hashes, refusals.
#include "HappensBefore.h"
#include "Points.h"
#include "codegen/Ir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ptotune {
namespace {

using program::CoreArguments;
using testing::HasSubstr;
using testing::Not;

Hash programHashOf(std::string_view changes) {
  return lowerOrFail(pointOf(changes), Emit::program).programHash;
}

TEST(PipeModelHash, TileAndTileOffsetAreOneProgramWhereASlotIsOneTile) {
  const Hash slot = programHashOf("TILE_S1=128");
  const Hash tile = programHashOf("TILE_S1=128,PIPE_MODEL=tile");
  EXPECT_EQ(tile, programHashOf("TILE_S1=128,PIPE_MODEL=tile_offset"));
  EXPECT_NE(tile, slot);
  EXPECT_NE(programHashOf("PIPE_MODEL=tile_offset"), programHashOf(""));
}

TEST(PipeModelHash, LocalSlotsCountWhereTilesArePopped) {
  EXPECT_EQ(programHashOf("LocalSlotNum=1"), programHashOf("LocalSlotNum=2"));
  EXPECT_NE(programHashOf("LocalSlotNum=1,PIPE_MODEL=tile_offset"),
            programHashOf("LocalSlotNum=2,PIPE_MODEL=tile_offset"));
  EXPECT_NE(programHashOf("LocalSlotNum=1,TILE_S1=128,PIPE_MODEL=tile"),
            programHashOf("LocalSlotNum=2,TILE_S1=128,PIPE_MODEL=tile"));
}

TEST(PipeModelProgram, SaysWhoPopsAndPushesTiles) {
  const program::Program program =
      lowerOrFail(pointOf("PIPE_MODEL=tile_offset"), Emit::program).program;
  ASSERT_EQ(program.fifos.size(), 3U);
  for (const program::FifoInfo& fifo : program.fifos) {
    EXPECT_TRUE(fifo.popsTiles) << fifo.name;
    EXPECT_EQ(fifo.pushesAccTiles, fifo.producer == Core::cube) << fifo.name;
    EXPECT_FALSE(fifo.splitRows) << fifo.name;
  }
  EXPECT_THAT(program::print(program), HasSubstr("TCVT ties away  p16"));
}

// One slot of QK: two stores of [128, 128], 65536 bytes apart, between one talloc and one tpush.
TEST(PipeModelProgram, SeveralTilesFillOneSlot) {
  const std::string text =
      program::print(lowerOrFail(pointOf("PIPE_MODEL=tile_offset"), Emit::program).program);
  EXPECT_THAT(text, HasSubstr("TSTORE final  qk.entry[0, 0] 128x128 f32"));
  EXPECT_THAT(text, HasSubstr("TSTORE final  qk.entry[128, 0] 128x128 f32"));
  // The second vector core's rows of a slice lie behind the first one's.
  EXPECT_THAT(text, HasSubstr("qk.entry[subblock_idx * 32, 0] 32x128 f32"));
  EXPECT_THAT(text, HasSubstr("qk.entry[subblock_idx * 32 + 192, 0] 32x128 f32"));
}

TEST(PipeModelCpp, PartsOfASlotAreSaidAheadOfThePush) {
  const std::string cpp = lowerOrFail(pointOf("PIPE_MODEL=tile_offset")).cpp;
  EXPECT_THAT(cpp, HasSubstr(R"(
            qk_pipe.prod.setEntryOffset(0);
            qk_pipe.prod.setAllocateStatus(true);
            qk_pipe.prod.setRecordStatus(false);
            TPUSH<QKPipe, Acc_128x128, TileSplitAxis::TILE_UP_DOWN>(qk_pipe, qk_acc[0]);)"));
  EXPECT_THAT(cpp, HasSubstr(R"(
            qk_pipe.prod.setTileId(qk_pipe.prod.getTileId() - 1, 1);
            qk_pipe.prod.setEntryOffset(65536);
            qk_pipe.prod.setAllocateStatus(false);
            qk_pipe.prod.setRecordStatus(true);
            TPUSH<QKPipe, Acc_128x128, TileSplitAxis::TILE_UP_DOWN>(qk_pipe, qk_acc[1]);)"));
  EXPECT_THAT(cpp, HasSubstr(R"(
            p_pipe.cons.setTileId(p_pipe.cons.getTileId() - 1, 1);
            p_pipe.cons.setEntryOffset(32768);
            p_pipe.cons.setWaitStatus(false);
            p_pipe.cons.setFreeStatus(true);
            TPOP<PPipe, MatNZ_128x128, TileSplitAxis::TILE_UP_DOWN>(p_pipe, p_l1[p_turn]);)"));
  // A slot of one tile says nothing.
  EXPECT_THAT(cpp, Not(HasSubstr("pv_pipe.prod.set")));
}

// A slot that is one tile needs no word about parts; the landing buffer is the third argument's.
TEST(PipeModelCpp, WholeTiles) {
  const std::string cpp = lowerOrFail(pointOf("PIPE_MODEL=tile,TILE_S1=128")).cpp;
  for (const char* word : {"setEntryOffset", "setTileId", "Status(", "TALLOC", "TFREE"})
    EXPECT_THAT(cpp, Not(HasSubstr(word)));
  EXPECT_THAT(cpp,
              HasSubstr("using QKPipe = TPipe<0, Direction::DIR_C2V, 65536, 8, 2, false, true>;"));
  // Both cores construct the TPipe with the place on its consumer.
  const std::string qk = "QKPipe qk_pipe(qk_fifo + core * 131072, 0x8000, 0x0);";
  const std::size_t first = cpp.find(qk);
  ASSERT_NE(first, std::string::npos);
  EXPECT_NE(cpp.find(qk, first + 1), std::string::npos);
  EXPECT_THAT(cpp, HasSubstr("PPipe p_pipe(p_fifo + core * 131072, 0x0, 0x18000);"));
}

// Refusals name every memory that overflows, each with its buffers.
TEST(PipeModelRefusal, EveryMemoryWithItsBuffers) {
  const Point point = pointOf("PIPE_MODEL=tile,TILE_S1=256,CUBE_S1=256");
  const auto lowered = lower(KernelSpec{}, point, soc910b2(), Emit::program);
  ASSERT_FALSE(lowered.ok());
  const std::string text = lowered.error().text();
  EXPECT_THAT(text, HasSubstr("UB overflow: "));
  EXPECT_THAT(text, HasSubstr("vec_in: 1 x 131072 B"));
  EXPECT_THAT(text, HasSubstr("L0C overflow: 262144 B needed, expected at most 131072 B"));
  EXPECT_THAT(text, HasSubstr("acc: 2 x 131072 B"));
  EXPECT_THAT(text, Not(HasSubstr("L1 overflow")));
  Problem problem;
  problem.s0 = 1024;
  problem.s1 = 8192;
  const Explanation explanation = explain({problem, soc910b2(), point});
  std::vector<std::string> rules;
  for (const Finding& finding : explanation.rejections)
    rules.push_back(finding.rule);
  EXPECT_THAT(rules, testing::UnorderedElementsAre("capacity.ub", "capacity.l0c"));
}

// Flags order every dependence of the tile forms as well, on both cores, over several blocks.
class TileForms : public testing::TestWithParam<const char*> {};

TEST_P(TileForms, FlagsOrderEveryDependence) {
  const Point point = pointOf(GetParam());
  const LoweredKernel kernel = lowerOrFail(point, Emit::program | Emit::ir | Emit::frontend);
  for (const std::string* text : {&kernel.ir, &kernel.frontendIr}) {
    const Status status = verifyIr(*text);
    EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().text());
  }
  for (const std::int64_t tiles : {std::int64_t{1}, std::int64_t{7}})
    for (const Core core : {Core::cube, Core::vector}) {
      const CoreArguments arguments{2 * point.cubeS0(), tiles * point.tileS1(), 0, 1, 1};
      const program::OrderReport report =
          checkOrder(kernel.program, unroll(kernel.program, core, arguments));
      EXPECT_EQ(report.sets, report.waits);
      EXPECT_GT(report.conflicts, 0);
      for (const std::string& fault : report.faults)
        ADD_FAILURE() << name(core) << " with " << tiles << " tiles: " << fault;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Points, TileForms,
    testing::Values("PIPE_MODEL=tile,TILE_S1=128", "PIPE_MODEL=tile,TILE_S1=128,EN_UNIT_FLAG=0",
                    "PIPE_MODEL=tile,TILE_S1=64,CUBE_S1=64,LocalSlotNum=2",
                    "PIPE_MODEL=tile,TILE_S1=64,CUBE_S1=64,CUBE_S0=64,LocalSlotNum=1",
                    "PIPE_MODEL=tile,TILE_S1=64,CUBE_S1=64,CUBE_S0=64,LocalSlotNum=8",
                    "PIPE_MODEL=tile_offset", "PIPE_MODEL=tile_offset,EN_UNIT_FLAG=0",
                    "PIPE_MODEL=tile_offset,LocalSlotNum=1",
                    "PIPE_MODEL=tile_offset,TILE_S1=512,CUBE_S1=64,CUBE_S0=128"));

} // namespace
} // namespace ptotune
