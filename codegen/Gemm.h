// Matrix multiplication, the library's second kernel family: C = A B with A [m, k] and B [k, n] in
// fp16 and C [m, n] in fp32, row-major, on the cube cores alone. What the parameters divide:
// codegen/kernels/Gemm.h.
#pragma once

#include "codegen/Lowering.h"

#include <cstdint>

namespace ptotune {

struct GemmShape {
  std::int64_t n = 0;
  std::int64_t k = 0;
};

struct GemmTiling {
  std::int64_t tileM = 128;
  std::int64_t tileN = 128;
  std::int64_t tileK = 128;  // of k in L1
  std::int64_t depthK = 64;  // of k in L0
  std::int64_t l1Copies = 2; // of each operand
  std::int64_t l0Copies = 2;
  std::int64_t accCopies = 2;

  std::string text() const; // "TILE_M=128,TILE_N=128,..."
};

// As lower(), of a matrix multiplication. m is an argument of the kernel, a multiple of TILE_M.
Result<LoweredKernel> lowerGemm(const GemmShape& shape, const GemmTiling& tiling,
                                const SocProfile& soc, Emit what, Ptoas ptoas = Ptoas::v0_60);

} // namespace ptotune
