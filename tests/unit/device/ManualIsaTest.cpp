// Our unit over upstream's manual kernel, with the real one. Needs the feature pto-isa
// (tests/support/ExternalTool.h).
#include "runners/manual/ManualKernel.h"
#include "runners/sim/Functional.h"
#include "tests/support/ExternalTool.h"
#include "tests/support/LongMode.h"
#include "tests/support/Paths.h"
#include "tests/support/TempFile.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>
#include <dlfcn.h>
#include <iterator>
#include <span>

namespace ptotune::manual {
namespace {

void replace(std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
}

// The unit for pto-isa's CPU simulation: a launch is a call of the kernel's function on each of the
// simulation's cores, and the tree itself declares what the runtime has.
std::string simulated(std::string unit) {
  replace(unit, "extern \"C\" int32_t rtGetC2cCtrlAddr(uint64_t* address, uint32_t* length);", "");
  replace(unit, "    runTFA<",
          "    pto::cpu_sim::LaunchKernelMultiCore({.kernel_name = \"manual\", .requested_cores = "
          "blocks[0]}, stream, [&] { runTFA<");
  replace(unit, "<<<blocks[0], nullptr, stream>>>(", "(");
  replace(unit, "nullptr);\n", "nullptr); });\n");
  return unit;
}

class ManualUnit {
public:
  ManualUnit(const std::string& root, const Problem& problem, const Point& point)
      : command_(
            fmt::format("'{}' -std=c++20 -O1 -w -D__CPU_SIM -DPTO_CPU_SIM_RUN_ORIGINAL_FLASH=1 "
                        "-I'{}/include' -I'{}/{}' -I'{}' '{}'",
                        PTO_TUNE_CXX_COMPILER, root, root, kFolder, folder_.path(""),
                        folder_.path("launch.cpp"))) {
    folder_.write(kCasesHeader,
                  casesHeader(problem, point, *loadSoc(test::config("soc/ascend910b2.toml"))));
    folder_.write("launch.cpp", simulated(unitSource(problem, point)));
  }
  test::Ran compile(const std::string& options) const {
    return test::shell(command_ + " " + options);
  }
  std::string path(const std::string& name) const { return folder_.path(name); }

private:
  test::TempDir folder_;
  std::string command_;
};

// Not causal: of upstream's causal softmax the simulation at f35e7f60 refuses a tile's layout.
Problem smallProblem() {
  Problem problem;
  problem.s0 = 256;
  problem.s1 = 1024;
  return problem;
}
constexpr const char* kPoints[] = {"", "TILE_S1=512,QK_PRELOAD=2"};

TEST(ManualUnit, TypeChecksWithUpstreamsKernelForBothCores) {
  const std::string root = test::ptoIsaRoot();
  if (root.empty())
    GTEST_SKIP() << "feature pto-isa is missing: set PTO_ISA_ROOT to a pto-isa checkout";
  ASSERT_TRUE(checkTree(root));
  for (const char* point : kPoints) {
    const ManualUnit unit(root, smallProblem(), *Point::parse(point, Point()));
    for (const char* core : {"CUBE", "VEC"}) {
      const test::Ran ran =
          unit.compile(fmt::format("-D__DAV_C220_{0}__ -D__DAV_{0}__ -fsyntax-only", core));
      EXPECT_EQ(ran.code, 0) << core << " " << point << "\n" << ran.text;
    }
  }
}

std::vector<float> run(const std::string& library, const ascend::LaunchPlan& plan,
                       const Problem& problem, const sim::AttentionInputs& inputs) {
  constexpr std::int64_t kCores = 24;
  std::vector<std::vector<char>> contents;
  const auto sizes = ascend::bytesOf(plan, problem, kCores);
  EXPECT_TRUE(sizes);
  if (!sizes)
    return {};
  for (const std::int64_t bytes : *sizes)
    contents.emplace_back(static_cast<std::size_t>(bytes), '\xff');
  const std::vector<sim::Half>* const tensors[] = {&inputs.q, &inputs.k, &inputs.v};
  for (std::size_t i = 0; i < std::size(tensors); ++i)
    std::memcpy(contents[i].data(), tensors[i]->data(), contents[i].size());
  std::vector<void*> buffers;
  for (std::vector<char>& content : contents)
    buffers.push_back(content.data());
  void* loaded = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  EXPECT_NE(loaded, nullptr) << ::dlerror();
  if (loaded == nullptr)
    return {};
  const auto launch =
      reinterpret_cast<ascend::LaunchFunction>(::dlsym(loaded, ascend::kLaunchFunction));
  EXPECT_EQ(launch(buffers.data(), problem.s0, problem.s1,
                   ascend::blocksOf(plan, problem, kCores).data(), nullptr),
            0);
  std::vector<float> out(static_cast<std::size_t>(problem.s0 * problem.head));
  std::memcpy(out.data(), contents[3].data(), out.size() * sizeof(float));
  return out;
}

// The order of its arguments, the layout of its tensors and the sizes of its buffers, by the
// numbers that come out.
TEST(ManualUnit, UpstreamsKernelComputesAttentionInOurBuffers) {
  const std::string root = test::ptoIsaRoot();
  if (root.empty())
    GTEST_SKIP() << "feature pto-isa is missing: set PTO_ISA_ROOT to a pto-isa checkout";
  const Problem problem = smallProblem();
  for (const char* text : std::span(kPoints, test::longMode() ? std::size(kPoints) : 1)) {
    const Point point = *Point::parse(text, Point());
    const ManualUnit unit(root, problem, point);
    const test::Ran built =
        unit.compile("-D__DAV_C220_CUBE__ -D__DAV_CUBE__ -D__DAV_VEC__ -fPIC -shared -ldl -o '" +
                     unit.path("manual.so") + "'");
    ASSERT_EQ(built.code, 0) << built.text;
    const sim::AttentionCase attention(problem, 11);
    const auto out =
        run(unit.path("manual.so"), launchPlan(problem, point), problem, attention.inputs);
    const sim::Agreement agreement = sim::compare(out, attention.reference, 1e-3);
    EXPECT_TRUE(agreement.right()) << text << ": " << agreement.text();
  }
}

} // namespace
} // namespace ptotune::manual
