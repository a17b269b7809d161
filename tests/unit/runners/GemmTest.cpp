// The second kernel family on the simulator: the same passes, emitters and checks as attention.
#include "codegen/Gemm.h"

#include "Lowered.h"
#include "runners/sim/Functional.h"
#include "runners/sim/data/Reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ptotune {
namespace {

using program::Tensor;
using test::soc910b2;
using testing::HasSubstr;

sim::FunctionalResult multiply(const LoweredKernel& kernel, const sim::ProductInputs& inputs,
                               double randomDelays = 0) {
  sim::FunctionalCase data;
  data.problem.s0 = inputs.m;
  data.seed = 3;
  data.inputs = {{Tensor::a, inputs.a}, {Tensor::b, inputs.b}};
  data.out = Tensor::c;
  data.reference = sim::product(inputs);
  sim::FunctionalOptions options;
  options.delays.randomCycles = randomDelays;
  return sim::runFunctional(kernel.program, soc910b2(), data, options);
}

struct Size {
  const char* name;
  std::int64_t m, n, k;
  GemmTiling tiling;
};

class Gemm : public testing::TestWithParam<Size> {
protected:
  LoweredKernel lowered(Emit what = Emit::program) {
    const Size& run = GetParam();
    auto kernel = lowerGemm({run.n, run.k}, run.tiling, soc910b2(), what);
    if (!kernel)
      ADD_FAILURE() << kernel.error().text();
    return kernel ? std::move(*kernel) : LoweredKernel{};
  }
};

TEST_P(Gemm, MultipliesWithoutHazards) {
  const Size& run = GetParam();
  const LoweredKernel kernel = lowered();
  const sim::ProductInputs inputs = sim::productInputs(run.m, run.n, run.k, 3);
  for (const double delays : {0.0, 3000.0}) {
    const sim::FunctionalResult result = multiply(kernel, inputs, delays);
    EXPECT_TRUE(result.right()) << result.text();
    EXPECT_TRUE(result.hazards.clean()) << result.text();
  }
}

TEST_P(Gemm, PrintsAsCpp) {
  const std::string cpp = lowered(Emit::cpp).cpp;
  for (const char* part :
       {"cube_kernel(__gm__ half* a, __gm__ half* b, __gm__ float* c, int64_t m)", "TMATMUL(",
        "TSTORE(", "for (int64_t block = "})
    EXPECT_THAT(cpp, HasSubstr(part));
}

INSTANTIATE_TEST_SUITE_P(
    Sizes, Gemm,
    testing::Values(Size{"OneTile", 128, 128, 128, {}}, Size{"LongDepth", 128, 128, 1024, {}},
                    Size{"ManyTiles", 384, 512, 256, {}},
                    Size{"SingleBuffers", 256, 256, 512, {128, 128, 128, 64, 1, 1, 1}},
                    Size{"DeepL1", 128, 128, 1024, {128, 128, 64, 64, 4, 2, 2}},
                    Size{"OddCopies", 128, 384, 640, {64, 128, 64, 32, 3, 3, 3}},
                    Size{"WholeDepthInL0", 64, 64, 256, {64, 64, 64, 64, 2, 2, 2}},
                    Size{"WideTile", 64, 256, 128, {64, 256, 64, 32, 2, 2, 2}},
                    Size{"Fractals", 32, 48, 64, {16, 16, 32, 16, 2, 2, 2}},
                    Size{"MoreBlocksThanCores", 16 * 30, 32, 32, {16, 32, 32, 16, 2, 2, 2}}),
    [](const auto& info) { return std::string(info.param.name); });

// A copy that is filled while another is read hides the transfers.
TEST(GemmTiming, DoubleBuffersAreFaster) {
  const auto cycles = [](std::int64_t copies) {
    GemmTiling tiling;
    tiling.l1Copies = tiling.l0Copies = tiling.accCopies = copies;
    const auto kernel = lowerGemm({512, 1024}, tiling, soc910b2(), Emit::program);
    EXPECT_TRUE(kernel) << kernel.error().text();
    Problem problem;
    problem.s0 = 256;
    return sim::simulate(kernel->program, soc910b2(), problem).cycles;
  };
  EXPECT_LT(cycles(2), 0.9 * cycles(1));
}

TEST(GemmPrograms, DifferWhereTheirParametersDo) {
  std::set<std::string> hashes;
  for (const GemmTiling& tiling :
       {GemmTiling{}, GemmTiling{.tileM = 64}, GemmTiling{.tileN = 64}, GemmTiling{.tileK = 64},
        GemmTiling{.depthK = 32}, GemmTiling{.l1Copies = 1}, GemmTiling{.l0Copies = 1},
        GemmTiling{.accCopies = 1}}) {
    const auto kernel = lowerGemm({256, 256}, tiling, soc910b2(), Emit::program);
    ASSERT_TRUE(kernel) << kernel.error().text();
    EXPECT_TRUE(hashes.insert(kernel->programHash.hex()).second) << tiling.text();
  }
}

struct Refusal {
  GemmShape shape;
  GemmTiling tiling;
  const char* says;
};
class GemmRefusals : public testing::TestWithParam<Refusal> {};
TEST_P(GemmRefusals, SayWhy) {
  const auto kernel = lowerGemm(GetParam().shape, GetParam().tiling, soc910b2(), Emit::program);
  ASSERT_FALSE(kernel);
  EXPECT_THAT(kernel.error().text(), HasSubstr(GetParam().says));
}
INSTANTIATE_TEST_SUITE_P(
    Sizes, GemmRefusals,
    testing::Values(
        Refusal{{100, 128}, {}, "[n = 100]; expected a multiple of 128"},
        Refusal{{128, 192}, {}, "[k = 192]; expected a multiple of 128"},
        Refusal{{128, 128}, {.tileM = 100}, "[TILE_M = 100]; expected a multiple of 16"},
        Refusal{{128, 128}, {.tileK = 96}, "[TILE_K = 96]; expected a multiple of 64"},
        Refusal{{128, 128}, {.l0Copies = 0}, "[L0_COPIES = 0]; expected 1 to 16"},
        Refusal{
            {256, 128}, {.tileN = 256}, "L0C overflow: 262144 B needed, expected at most 131072"},
        // Copies of one operand take an event id each.
        Refusal{{128, 512},
                {.depthK = 16, .l0Copies = 9},
                "needs 9 event ids from PIPE_MTE1 to PIPE_M, expected at most 8"}));

} // namespace
} // namespace ptotune
