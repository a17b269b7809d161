// A kernel on pto-isa's CPU simulation: an independent answer to what its C++ computes.
#pragma once

#include "codegen/Lowering.h"
#include "runners/TemporaryFolder.h"
#include "runners/ascend/LaunchShim.h"
#include "runners/sim/Functional.h"
#include "space/Result.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ptotune::isa {

struct IsaOptions {
  std::string root;     // of a pto-isa tree
  std::string compiler; // a C++20 compiler that knows _Float16: PTO_TUNE_HOST_CXX, else clang++
  std::chrono::milliseconds compileLimit{300'000};
  // Of one run of a kernel; nothing: defaultRunLimit().
  std::optional<std::chrono::milliseconds> runLimit;

  // PTO_ISA_ROOT and PTO_TUNE_HOST_CXX.
  static IsaOptions fromEnvironment();
};

// The last commit of pto-isa whose CPU simulation is known to have what an emitted kernel needs.
inline constexpr const char* kKnownCommit = "f35e7f60";

// How long the simulation takes for a problem, about, on one core of a host.
std::chrono::duration<double> expectedRunTime(const Problem& problem);
// Four times that, at least 10 s: other work slows a host down.
std::chrono::milliseconds defaultRunLimit(const Problem& problem);

struct IsaAnswer {
  std::vector<float> out; // row-major [s0, head]
  double compileSeconds = 0;
  double runSeconds = 0;
};

// Compiles kernels and runs them, one after another. The tree's headers are compiled once.
class IsaProgram {
public:
  // An error where the tree or the compiler is missing, or where the tree's simulation lacks
  // something, which it names with a commit that has it.
  static Result<std::unique_ptr<IsaProgram>> make(const IsaOptions& options);
  // The kernel's output on the inputs. Only the `slot` form; others are an error, as are a kernel
  // that does not compile, whose cores wait for each other (the error says for which flags), that
  // does not end within the limit or that ends its process.
  Result<IsaAnswer> run(const LoweredKernel& kernel, const Point& point,
                        const sim::AttentionCase& attention);

private:
  explicit IsaProgram(IsaOptions options) : options_(std::move(options)) {}
  Status prepare();
  Status build(const LoweredKernel& kernel, const std::vector<ascend::Entry>& entries,
               const ascend::LaunchPlan& plan);
  // The compiler with what every call of it has, for one kind of core.
  std::vector<std::string> command(const char* core) const;
  Status compile(const std::vector<std::string>& command, const char* what) const;
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }

  const IsaOptions options_;
  TemporaryFolder folder_;
};

} // namespace ptotune::isa
