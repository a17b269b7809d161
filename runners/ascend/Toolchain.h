// What kernels are built with: found, checked and identified before the first kernel.
#pragma once

#include "runners/ascend/Acl.h"
#include "space/Result.h"
#include "space/Soc.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ptotune::ascend {

struct AscendOptions {
  std::string compiler; // bisheng; empty: looked for
  std::string isaRoot;  // the pto-isa tree
  std::string home;     // of CANN
  AclSearch acl;
  int device = 0;
  std::string buildFolder;  // kernels stay there; empty: a temporary one
  std::string healthFolder; // DeviceHealth; empty: that of the locks
  std::string driverFile = "/usr/local/Ascend/driver/version.info";
  std::chrono::milliseconds compileLimit{300'000};
  std::uint64_t seed = 1; // of the inputs

  // BISHENG, PTO_ISA_ROOT or PTO_LIB_PATH (upstream's name of it), ASCEND_HOME_PATH, ACL_DEVICE_ID,
  // PTO_TUNE_BUILD_DIR, PTO_TUNE_STATE_DIR, and those of AclSearch.
  static AscendOptions fromEnvironment();
};

// The compiler's file. An error says where it was looked for.
Result<std::string> findCompiler(const AscendOptions& options);
// "" where the tree's headers are there.
Status checkIsaRoot(const std::string& isaRoot);

// Content address of these headers: each one's path (below the pto-isa tree, else whole) and bytes.
Result<Hash> hashHeaders(const std::vector<std::string>& files, const std::string& isaRoot);
// An error where <pto/pto-inst.hpp> was taken from elsewhere than the tree: CANN ships its own.
Status checkHeaderOrigin(const std::vector<std::string>& files, const std::string& isaRoot);

struct Toolchain {
  std::string compiler;        // file
  std::string compilerVersion; // first line of --version
  std::string cann;            // version, "" where not known
  std::string driver;          // the same
  Hash headers;                // really included
  std::size_t headerCount = 0;

  // The identity as it stands in the database: a JSON object on one line with the keys "cann",
  // "codegen", "compiler" and "driver". The headers have a column of their own.
  std::string json() const;
  // What the builder tells its workers: the same with the headers, without the driver, which is
  // that of the device's machine.
  std::string forWorkers() const;
  static Result<Toolchain> fromBuilder(std::string_view text);
};
// Compiles the headers once, in `folder`, to see which they are.
Result<Toolchain> identify(const SocProfile& soc, const AscendOptions& options,
                           const std::string& folder);

// Value of the first line "key=value" of a file, white space cut off; "" without one.
std::string valueInFile(const std::string& file, const std::string& key);

} // namespace ptotune::ascend
