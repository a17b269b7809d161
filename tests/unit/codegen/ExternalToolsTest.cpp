// What our compiler writes, in the hands of the tools it is written for: pto-isa's headers and the
// upstream assembler. Each needs a feature (tests/support/ExternalTool.h).
#include "Sample.h"
#include "tests/support/ExternalTool.h"
#include "tests/support/LongMode.h"
#include "tests/support/TempFile.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace ptotune {
namespace {

using test::Ran;
using test::shell;

std::size_t sampleSize() {
  return test::longMode() ? 200 : 10;
}

// The sample is the same for both tools. Half of it is of head 64, half of head 128.
struct Kernel {
  KernelSpec spec;
  Point point;
  std::string text() const { return fmt::format("head={} {}", spec.head, point.text()); }
};
std::vector<Kernel> sampleKernels(const std::string& space) {
  std::vector<Kernel> kernels;
  for (const std::int64_t head : {64, 128}) {
    Problem problem;
    problem.head = head;
    problem.s0 = 1024;
    problem.s1 = 8192;
    for (const Point& point : samplePoints(space, problem, sampleSize() / 2, 19))
      kernels.push_back({KernelSpec::of(problem), point});
  }
  return kernels;
}

//===-- pto-isa -----------------------------------------------------------===//

// Both kinds of core, each with the headers compiled once.
class TypeCheck {
public:
  explicit TypeCheck(const std::string& root) {
    folder_.write("isa.h", "#include <pto/pto-inst.hpp>\n#include <cstdint>\n");
    for (const char* core : kCores) {
      flags_.push_back(fmt::format("'{}' -std=c++23 -D__CPU_SIM -D{} -include cstdint -include "
                                   "cstddef -include cstring -I'{}/include' -w",
                                   PTO_TUNE_CXX_COMPILER, core, root));
      const Ran ran = shell(fmt::format("{} -x c++-header {}isa.h -o {}{}.pch", flags_.back(),
                                        folder_.path(""), folder_.path(""), core));
      if (ran.code != 0)
        broken_ += ran.text;
    }
  }

  // Why the headers themselves do not compile; "" where they do.
  const std::string& broken() const { return broken_; }

  // What is wrong with the source for either core, or "".
  std::string errors(const std::string& source) const {
    folder_.write("kernel.cpp", source);
    std::string found;
    for (std::size_t i = 0; i < flags_.size(); ++i) {
      const Ran ran = shell(fmt::format("{} -include-pch {}{}.pch -fsyntax-only {}kernel.cpp",
                                        flags_[i], folder_.path(""), kCores[i], folder_.path("")));
      if (ran.code != 0)
        found += fmt::format("{}:\n{}", kCores[i], ran.text);
    }
    return found;
  }

private:
  static constexpr const char* kCores[] = {"__DAV_CUBE__", "__DAV_VEC__"};
  test::TempDir folder_;
  std::vector<std::string> flags_;
  std::string broken_;
};

// The least that the `slot` form needs: a FIFO whose entries are tensors in global memory.
constexpr const char* kGlobalTensorPipe = R"(#include <pto/pto-inst.hpp>
using namespace pto;
using Pipe = TPipe<0, Direction::DIR_C2V, 4096, 2, 2, false, false>;
using Entry = GlobalTensor<float, pto::Shape<1, 1, 1, 32, 32>, pto::Stride<1024, 1024, 1024, 32, 1>>;
AICORE void probe(__gm__ float* ring) {
  Pipe pipe(ring, 0x0, 0x0);
  Entry entry(nullptr);
  TALLOC<Pipe, Entry, TileSplitAxis::TILE_UP_DOWN>(pipe, entry);
  TPUSH<Pipe, Entry, TileSplitAxis::TILE_UP_DOWN>(pipe, entry);
  TPOP<Pipe, Entry, TileSplitAxis::TILE_UP_DOWN>(pipe, entry);
  TFREE<Pipe, Entry, TileSplitAxis::TILE_UP_DOWN>(pipe, entry);
}
)";

TEST(PtoIsa, TypeChecksTheKernelsOfASample) {
  const std::string root = test::ptoIsaRoot();
  if (root.empty())
    GTEST_SKIP() << "feature pto-isa is missing: set PTO_ISA_ROOT to a pto-isa checkout";
  ASSERT_TRUE(std::filesystem::exists(root + "/include/pto/pto-inst.hpp"))
      << "PTO_ISA_ROOT = " << root << " has no include/pto/pto-inst.hpp";
  const TypeCheck check(root);
  ASSERT_EQ(check.broken(), "");
  const std::string lacking = check.errors(kGlobalTensorPipe);
  std::size_t checked = 0;
  std::size_t slots = 0;
  for (const Kernel& kernel : sampleKernels("fa")) {
    if (kernel.point.pipeModel() == PipeModel::slot && !lacking.empty()) {
      ++slots;
      continue;
    }
    const LoweredKernel lowered = lowerOrFail(kernel.point, Emit::cpp, kernel.spec);
    ASSERT_EQ(check.errors(lowered.cpp), "") << kernel.text();
    ++checked;
  }
  fmt::print("{} kernels type-check with {}\n", checked, root);
  if (slots > 0)
    GTEST_SKIP() << "feature pto-isa-global-pipes is missing: the CPU simulator of " << root
                 << " has no FIFOs of GlobalTensor, so " << slots
                 << " kernels of the slot form were not checked; it says:\n"
                 << lacking;
}

//===-- ptoas -------------------------------------------------------------===//

// The version whose text an assembler reads, from its own words; newer than both: the latest.
Ptoas versionOf(const std::string& words) {
  const std::size_t at = words.find("0.");
  const int minor = at == std::string::npos ? 60 : std::atoi(words.c_str() + at + 2);
  return minor < 60 ? Ptoas::v0_49 : Ptoas::v0_60;
}

TEST(PtoasTool, AcceptsTheSlotKernelsOfASample) {
  const std::string binary = test::ptoasBinary();
  if (binary.empty())
    GTEST_SKIP() << "feature ptoas is missing: set PTOAS_BIN to an installed ptoas";
  const Ran version = shell("'" + binary + "' --version");
  ASSERT_EQ(version.code, 0) << version.text;
  const Ptoas ptoas = versionOf(version.text);
  std::size_t accepted = 0;
  for (const Kernel& kernel : sampleKernels("fa")) {
    auto lowered = lower(kernel.spec, kernel.point, soc910b2(), Emit::pto, ptoas);
    ASSERT_TRUE(lowered) << kernel.text() << ": " << lowered.error().text();
    const auto compiled = runPtoas(binary, lowered->pto);
    ASSERT_TRUE(compiled) << kernel.text() << ": " << compiled.error().text();
    EXPECT_NE(compiled->cpp.find("TALLOC"), std::string::npos);
    ++accepted;
  }
  fmt::print("{} kernels accepted by {} as text for {}\n", accepted, binary, name(ptoas));
}

} // namespace
} // namespace ptotune
