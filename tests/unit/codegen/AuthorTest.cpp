// The frontend that kernels are written with, as its documentation shows it.
#include "Points.h"
#include "codegen/Gemm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace ptotune {
namespace {

using testing::HasSubstr;

std::string fileText(const std::string& path) {
  std::ifstream file(std::string(PTO_TUNE_SOURCE_DIR) + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The example of the documentation is the code that is compiled and tested, line for line.
TEST(Author, ItsExampleIsTheKernel) {
  const std::string readme = fileText("codegen/kernels/README.md");
  const std::size_t begin = readme.find("```cpp\n");
  const std::size_t end = readme.find("```\n", begin + 1);
  ASSERT_NE(begin, std::string::npos);
  const std::string example = readme.substr(begin + 7, end - begin - 7);
  ASSERT_GT(example.size(), 200U);
  EXPECT_THAT(fileText("codegen/kernels/Gemm.cpp"), HasSubstr(example));
}

TEST(Gemm, NamesAndStructureReachTheCpp) {
  const auto kernel = lowerGemm({256, 512}, {}, soc910b2(), Emit::cpp | Emit::pto);
  ASSERT_TRUE(kernel) << kernel.error().text();
  for (const char* part : {"// block", "for (int64_t block = ", "// columns: C(tile)", "a_l1[",
                           "c_tile", "extern \"C\" __global__ AICORE void gemm("})
    EXPECT_THAT(kernel->cpp, HasSubstr(part));
  EXPECT_THAT(kernel->pto, HasSubstr("func.func @cube_kernel(%a: !pto.ptr<f16, gm>, "));
  EXPECT_EQ(kernel->stats.vectorBarriers, 0);
  EXPECT_GT(kernel->stats.setFlags, 0);
}

} // namespace
} // namespace ptotune
