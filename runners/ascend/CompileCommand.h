// How a kernel is compiled: the command, as a pure function of the SoC.
#pragma once

#include "space/Result.h"
#include "space/Soc.h"

#include <string>
#include <vector>

namespace ptotune::ascend {

struct CompileInput {
  std::string compiler;                   // bisheng
  std::string isaRoot;                    // the pto-isa tree; its include/ comes first
  std::string source;                     // of the launch shim, which includes the kernel
  std::string library;                    // the shared object to write
  std::vector<std::string> includes = {}; // folders of headers, behind the tree's
};

// One shared object with host, cube and vector parts, the headers that went into it listed on
// stderr. An error where this project cannot build for the SoC's architecture.
//
// Flags: pto-isa 3186c381 kernels/python/flash_atten/compile.sh and pto-dsl c26eab7
// ptodsl/compiler/jit.py, for dav-2201, the core of A2 and A3.
Result<std::vector<std::string>> compileCommand(const SocProfile& soc, const CompileInput& input);

// The same for a source over upstream's manual kernel, which selects its core's code by macros that
// only its own flags define: two commands, the object's (`<library>.o`) and the library's.
//
// Flags: pto-isa f35e7f60 kernels/manual/common/flash_atten/CMakeLists.txt; dav-c220 is the same
// core.
struct ManualCommands {
  std::vector<std::string> compile;
  std::vector<std::string> link;
};
Result<ManualCommands> manualCommands(const SocProfile& soc, const CompileInput& input);

// Files in a compiler's list of headers (-H: dots for the depth, then the path), each once, in the
// order of their first inclusion; the list's lines are taken out of `output`.
std::vector<std::string> takeHeaderList(std::string& output);

} // namespace ptotune::ascend
