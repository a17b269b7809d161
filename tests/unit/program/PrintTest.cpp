#include "SmallProgram.h"

#include <gtest/gtest.h>

namespace ptotune::program {
namespace {

TEST(Print, ListsBuffersFifosAndBothCores) {
  EXPECT_EQ(print(smallProgram()), R"(program small: blocks of 128 rows
buffers
  k_l1        L1  0x0008000  2 x 32768 B, stride 32768
  acc         L0C 0x0000000  1 x 65536 B, stride 65536
fifos
  qk  cube -> vec, 8 slots x 131072 B, sync period 4, local slots 2 (not read), unit flag 1 (not read), flags 0-1
cube: 5 instructions
  for i0 = 0 to s1 / 256 step 1  // steady
    PIPE_MTE2 QK          TLOAD  k_l1[i0 % 2] 128x128 f16 zn <- k[0, i0 * 256] 128x128 f16 dn
    PIPE_MTE2 set PIPE_MTE2 -> PIPE_MTE1 #i0 % 2
    PIPE_S    talloc qk
    PIPE_FIX  TSTORE final  qk.entry[0, 0] 128x128 f32 <- acc 128x128 f32 nz
    PIPE_FIX  tpush qk
vector: 1 instructions
  PIPE_V    barrier
)");
}

TEST(Print, ParenthesisesWhatBindsLess) {
  Program p = smallProgram();
  const ExprId t = add(p, ExprKind::variable, 0);
  const ExprId three = add(p, ExprKind::constant, 3);
  const ExprId sum = add(p, ExprKind::add, 0, t, three);
  const ExprId twice = add(p, ExprKind::mul, 0, sum, three);
  const ExprId rest = add(p, ExprKind::sub, 0, t, sum);
  instrOf(p, 1).event = add(p, ExprKind::min, 0, twice, rest);
  EXPECT_NE(print(p).find("#min((i0 + 3) * 3, i0 - (i0 + 3))\n"), std::string::npos) << print(p);
}

TEST(Print, SaysHowAConversionRounds) {
  Program p = smallProgram();
  instrOf(p, 3).rounding = Rounding::tiesAway;
  EXPECT_NE(print(p).find("TSTORE final ties away  qk.entry"), std::string::npos) << print(p);
}

TEST(InstructionCount, CountsNestedLoopsOnce) {
  Program p = smallProgram();
  EXPECT_EQ(instructionCount(p.cube), 5U);
  EXPECT_EQ(instructionCount(p.vector), 1U);
  EXPECT_EQ(instructionCount({}), 0U);
}

} // namespace
} // namespace ptotune::program
