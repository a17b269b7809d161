// From a kernel builder's module to everything that is emitted of it: verification, passes,
// emission. Knows no kernel. Private to codegen/.
#pragma once

#include "codegen/Lowering.h"
#include "space/BufferTable.h"

#include <mlir/IR/BuiltinOps.h>
#include <mlir/IR/OwningOpRef.h>

#include <functional>
#include <string>
#include <vector>

namespace ptotune {

// What to make of a module, and for which target.
struct Order {
  const SocProfile& soc;
  Emit what;
  Ptoas ptoas;
  // The kernel's buffer table; null: it follows from the module's allocations.
  const std::vector<Buffer>* table = nullptr;
  // Key and value of what is lowered, for errors.
  std::string key;
  std::string value;
};

using Builder = std::function<mlir::OwningOpRef<mlir::ModuleOp>(mlir::MLIRContext&)>;

// Builds a module, or nothing with a diagnostic, in the context of this thread and takes it through
// all steps. The error carries every diagnostic.
Result<LoweredKernel> runPipeline(const Builder& build, const Order& order);

} // namespace ptotune
