#include "SmallProgram.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace ptotune::program {
namespace {

struct Change {
  std::string name;
  std::function<void(Program&)> apply;
};

std::string changeName(const testing::TestParamInfo<Change>& info) {
  return info.param.name;
}

class Seen : public testing::TestWithParam<Change> {};
class NotSeen : public testing::TestWithParam<Change> {};

TEST_P(Seen, ChangesTheHash) {
  Program changed = smallProgram();
  GetParam().apply(changed);
  EXPECT_NE(programHash(changed), programHash(smallProgram()));
}

TEST_P(NotSeen, KeepsTheHash) {
  Program changed = smallProgram();
  GetParam().apply(changed);
  EXPECT_EQ(programHash(changed), programHash(smallProgram()));
}

INSTANTIATE_TEST_SUITE_P(
    Program, Seen,
    testing::Values(Change{"slots", [](Program& p) { p.fifos[0].slots = 4; }},
                    Change{"slotBytes", [](Program& p) { p.fifos[0].slotBytes = 65536; }},
                    Change{"syncPeriod", [](Program& p) { p.fifos[0].syncPeriod = 8; }},
                    Change{"flagBase", [](Program& p) { p.fifos[0].flagBase = 2; }},
                    Change{"producer", [](Program& p) { p.fifos[0].producer = Core::vector; }},
                    Change{"popsTiles", [](Program& p) { p.fifos[0].popsTiles = true; }},
                    Change{"address", [](Program& p) { p.buffers[0].address += 256; }},
                    Change{"stride", [](Program& p) { p.buffers[0].stride += 256; }},
                    Change{"memory", [](Program& p) { p.buffers[0].memory = Memory::ub; }},
                    Change{"rows", [](Program& p) { instrOf(p, 0).dst.rows = 64; }},
                    Change{"layout", [](Program& p) { instrOf(p, 0).dst.layout = Layout::nz; }},
                    Change{"tensor", [](Program& p) { instrOf(p, 0).view.tensor = Tensor::v; }},
                    Change{"rowStride", [](Program& p) { instrOf(p, 3).view.rowStride = 128; }},
                    Change{"phase", [](Program& p) { instrOf(p, 3).phase = Phase::none; }},
                    Change{"rounding",
                           [](Program& p) { instrOf(p, 3).rounding = Rounding::tiesAway; }},
                    Change{"event", [](Program& p) { instrOf(p, 1).event = -1; }},
                    Change{"target", [](Program& p) { instrOf(p, 1).target = Pipe::m; }},
                    Change{"copy", [](Program& p) { instrOf(p, 0).dst.copy = -1; }},
                    Change{"opcode", [](Program& p) { instrOf(p, 0).shape.op = Op::tmov; }},
                    Change{"constant", [](Program& p) { p.exprs[3].value = 128; }},
                    Change{"upper", [](Program& p) { loopOf(p).upper = 4; }},
                    Change{"lessWork", [](Program& p) { loopOf(p).body.pop_back(); }},
                    Change{"core", [](Program& p) { std::swap(p.cube, p.vector); }}),
    changeName);

INSTANTIATE_TEST_SUITE_P(
    Program, NotSeen,
    testing::Values(
        Change{"names",
               [](Program& p) {
                 p.name = "other";
                 p.buffers[0].name = "x";
                 p.fifos[0].name = "y";
                 loopOf(p).name = "z";
               }},
        Change{"stages",
               [](Program& p) {
                 instrOf(p, 0).stage = "PV";
                 instrOf(p, 0).tile = -1;
               }},
        Change{"localSlotsOfPoppedViews", [](Program& p) { p.fifos[0].localSlots = 8; }},
        Change{"unitFlagOfPushedViews", [](Program& p) { p.fifos[0].unitFlag = false; }},
        Change{"unusedExpression", [](Program& p) { add(p, ExprKind::constant, 77); }},
        Change{"equalExpressionElsewhere",
               [](Program& p) {
                 const ExprId two = add(p, ExprKind::constant, 2);
                 const ExprId t = add(p, ExprKind::variable, 0);
                 instrOf(p, 1).event = add(p, ExprKind::rem, 0, t, two);
               }},
        Change{"variableNumber",
               [](Program& p) {
                 loopOf(p).variable = 5;
                 p.exprs[6].value = 5;
               }},
        Change{"bufferOrder",
               [](Program& p) {
                 std::swap(p.buffers[0], p.buffers[1]);
                 instrOf(p, 0).dst.buffer = 1;
                 instrOf(p, 3).src[0].buffer = 0;
               }},
        Change{"copyZeroSpelled",
               [](Program& p) { instrOf(p, 3).src[0].copy = add(p, ExprKind::constant, 0); }}),
    changeName);

TEST(ProgramHash, LocalSlotsCountWhereTilesArePopped) {
  Program two = smallProgram();
  Program eight = smallProgram();
  two.fifos[0].popsTiles = eight.fifos[0].popsTiles = true;
  eight.fifos[0].localSlots = 8;
  EXPECT_NE(programHash(two), programHash(eight));
}

TEST(ProgramHash, UnitFlagCountsWhereAccumulatorTilesArePushed) {
  Program on = smallProgram();
  Program off = smallProgram();
  on.fifos[0].pushesAccTiles = off.fifos[0].pushesAccTiles = true;
  off.fifos[0].unitFlag = false;
  EXPECT_NE(programHash(on), programHash(off));
}

} // namespace
} // namespace ptotune::program
