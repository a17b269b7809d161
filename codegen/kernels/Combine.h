// The second launch of a split key range: combines what the work units of a block have left, each
// an output before its division by the row sums, with each row's maximum and sum, into the output.
// Vector cores only.
#pragma once

#include "space/Point.h"
#include "space/Problem.h"
#include "space/Soc.h"

#include <mlir/IR/BuiltinOps.h>

namespace ptotune::kernels {

class Author;

// Adds the functions combine_kernel and flash_attention_combine to the module.
void buildCombine(Author& author, mlir::ModuleOp module, const KernelSpec& kernel,
                  const Point& point, const SocProfile& soc);

} // namespace ptotune::kernels
