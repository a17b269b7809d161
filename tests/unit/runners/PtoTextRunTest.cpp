// The text that upstream's assembler gets is another kernel than the one our passes get: storage is
// split by runs of uses, columns are rows. Compiled by our own passes, it computes the same.
#include "Lowered.h"
#include "codegen/Ir.h"
#include "runners/sim/Functional.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>

namespace ptotune {
namespace {

// What parameters are called was left out of the text; their SSA names say it.
std::string withParameterNames(const std::string& text) {
  static const std::regex parameter(
      R"((%(q|k|v|out|s0|s1): (?:!pto\.ptr<\w+, gm>|index))(?=[,)]))");
  return std::regex_replace(text, parameter, "$1 {pto.name = \"$2\"}");
}

struct Form {
  const char* name;
  const char* point;
};
class TextForUpstream : public testing::TestWithParam<Form> {};

TEST_P(TextForUpstream, ComputesAttention) {
  Problem problem = test::problemOf(128, 256, 64);
  const Point point = test::pointOf(GetParam().point);
  for (const Ptoas ptoas : {Ptoas::v0_49, Ptoas::v0_60}) {
    const auto original = lower(KernelSpec::of(problem), point, test::soc910b2(), Emit::pto, ptoas);
    ASSERT_TRUE(original) << original.error().text();
    const auto again = lowerIr(withParameterNames(original->pto), test::soc910b2(), Emit::program);
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_NE(again->programHash, original->programHash) << "storage is split";
    const auto result = sim::runFunctional(again->program, test::soc910b2(), problem);
    EXPECT_TRUE(result.right()) << result.text();
    EXPECT_TRUE(result.hazards.clean()) << result.text();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Forms, TextForUpstream,
    testing::Values(Form{"TwoParts", "TILE_S1=64,CUBE_S1=32,CUBE_S0=64"},
                    Form{"OnePart", "TILE_S1=32,CUBE_S1=32,CUBE_S0=64"},
                    Form{"OtherOrder", "TILE_S1=64,CUBE_S1=32,CUBE_S0=64,VEC_ORDER=gu_first"},
                    Form{"UnitFlagOff", "TILE_S1=64,CUBE_S1=32,CUBE_S0=64,EN_UNIT_FLAG=0"}),
    [](const auto& info) { return std::string(info.param.name); });

} // namespace
} // namespace ptotune
