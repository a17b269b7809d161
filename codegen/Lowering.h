// The compiler's front door: from a point to C++ for pto-isa, .pto text and the Program. Plain
// data; no MLIR header is needed to use it. Safe to call from many threads at once.
#pragma once

#include "codegen/Ptoas.h"
#include "codegen/program/Program.h"
#include "codegen/program/Version.h"
#include "space/Hash.h"
#include "space/Point.h"
#include "space/Problem.h"
#include "space/Result.h"
#include "space/Soc.h"

#include <string>
#include <vector>

namespace ptotune {

enum class Emit : unsigned {
  program = 1,  // always worth it: the simulator needs it
  cpp = 2,      // C++ text for pto-isa (the source hash needs it)
  ir = 4,       // the lowered IR as text
  frontend = 8, // the IR as the builder makes it, before any pass
  pto = 16      // the same as text for the upstream assembler
};
constexpr Emit operator|(Emit a, Emit b) {
  return static_cast<Emit>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool has(Emit set, Emit one) {
  return (static_cast<unsigned>(set) & static_cast<unsigned>(one)) != 0;
}

// What a step of a lowering took of its thread's processor time.
struct StepTime {
  const char* step; // "build", "verify", "frontend pipes", ...
  double seconds;
};

struct LoweringStats {
  int operations = 0; // of the lowered module
  int setFlags = 0;
  int waitFlags = 0;
  int vectorBarriers = 0;
  int eventIds = 0;            // distinct (source pipe, target pipe, id)
  std::vector<StepTime> steps; // in the order in which they ran
};

struct LoweredKernel {
  std::string cpp;
  std::string ir;
  std::string frontendIr;
  std::string pto;
  program::Program program;
  Hash sourceHash; // over cpp; empty unless Emit::cpp was asked for
  Hash programHash;
  LoweringStats stats;
};

// Builds the flash-attention module of `point`, runs all passes and emits. The point must be legal
// on the static rules (shape, capacity, resources); otherwise the error carries the diagnostic.
// `ptoas`: who reads the .pto text; what that version cannot say is an error.
Result<LoweredKernel> lower(const KernelSpec& kernel, const Point& point, const SocProfile& soc,
                            Emit what, Ptoas ptoas = Ptoas::v0_60);

} // namespace ptotune
