// From a lowered kernel to what a host can launch: the shim's source, and which buffers it takes.
//
// Vocabulary
//   entry      a __global__ function of the kernel; a program with a second launch has two
//   argument   a buffer of device memory that some entry takes: a tensor or a FIFO's ring
//   shim       an extern "C" function that passes the arguments to the entries, one behind the
//   other
#pragma once

#include "codegen/program/Program.h"
#include "space/Point.h"
#include "space/Problem.h"
#include "space/Result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ptotune::ascend {

// A parameter of an entry as the emitted C++ declares it: "__gm__ half*" "q", "int64_t" "s0".
struct Parameter {
  std::string type;
  std::string name;

  bool operator==(const Parameter&) const = default;
};
struct Entry {
  std::string name;
  std::vector<Parameter> parameters;

  bool operator==(const Entry&) const = default;
};
// The entries of an emitted kernel, in the order of the text, which is that of the launches.
Result<std::vector<Entry>> entriesOf(std::string_view cpp);

// The shim's function: `buffers` in the order of LaunchPlan::arguments, `blocks` one number of cube
// cores for each launch. The result is that of rtGetC2cCtrlAddr: other than 0, nothing was
// launched. Whether a launch failed shows at the stream.
inline constexpr const char* kLaunchFunction = "pto_tune_launch";
using LaunchFunction = std::int32_t (*)(void* const* buffers, std::int64_t s0, std::int64_t s1,
                                        const std::uint32_t* blocks, void* stream);

struct Launch {
  std::string entry;
  std::int64_t rowsPerBlock = 0;
  std::int64_t unitsPerBlock = 1;
  // Each core takes one work unit after another. Else there are as many blocks as work units, and
  // the device hands them out.
  bool persistent = true;
};
// A FIFO's ring: `bytesPerCore` for each active cube core, or block of a launch that is not
// persistent.
struct Ring {
  std::string name; // of the parameter
  std::int64_t bytesPerCore = 0;
};
struct LaunchPlan {
  std::vector<Launch> launches;
  std::vector<std::string> arguments; // names of the entries' pointers but "ffts", each once
  std::vector<Ring> rings;            // among the arguments
  std::int64_t parts = 1;             // Program::parts of the first launch

  std::string json() const; // one line
  static Result<LaunchPlan> fromJson(std::string_view text);
};
Result<LaunchPlan> planLaunch(const program::Program& lowered, const std::vector<Entry>& entries);

// Blocks that each launch is given: one for each work unit, of a persistent kernel as far as there
// are cube cores.
std::vector<std::uint32_t> blocksOf(const LaunchPlan& plan, const Problem& problem,
                                    std::int64_t cubeCores);
// Bytes of each argument's buffer, in their order. An error for a name that stands for nothing.
Result<std::vector<std::int64_t>> bytesOf(const LaunchPlan& plan, const Problem& problem,
                                          std::int64_t cubeCores);

// Source of the shim over the kernel's file. The comment says what the kernel was lowered from.
std::string shimSource(const std::vector<Entry>& entries, const LaunchPlan& plan,
                       const std::string& kernelFile, const KernelSpec& spec, const Point& point);
// Of that comment: the line behind it is a JSON object with the keys "head", "causal", "dtype" and
// "point".
inline constexpr std::string_view kOriginComment = "// Lowered by pto-tune from ";

} // namespace ptotune::ascend
