#include "codegen/Gemm.h"

#include "codegen/Pipeline.h"
#include "codegen/kernels/Gemm.h"

#include <fmt/format.h>

#include <optional>

namespace ptotune {
namespace {

// Copies of a tile array (!pto.multi_tile_buf).
constexpr std::int64_t kCopiesMax = 16;

struct Number {
  const char* key;
  std::int64_t value;
  std::int64_t multipleOf;
  std::int64_t most = 0; // 0: no limit here; capacity is the planner's
};

// What the builder takes for granted: sizes in whole fractals that divide each other.
std::optional<Error> objection(const GemmShape& shape, const GemmTiling& t, const SocProfile& soc) {
  for (const Number& number :
       {Number{"TILE_M", t.tileM, soc.fractal}, Number{"TILE_N", t.tileN, soc.fractal},
        Number{"DEPTH_K", t.depthK, soc.fractal}, Number{"TILE_K", t.tileK, t.depthK},
        Number{"n", shape.n, t.tileN}, Number{"k", shape.k, t.tileK},
        Number{"L1_COPIES", t.l1Copies, 1, kCopiesMax},
        Number{"L0_COPIES", t.l0Copies, 1, kCopiesMax},
        Number{"ACC_COPIES", t.accCopies, 1, kCopiesMax}}) {
    if (number.value >= 1 && number.value % number.multipleOf == 0 &&
        (number.most == 0 || number.value <= number.most))
      continue;
    Error error;
    error.message = "no kernel of this shape";
    error.key = number.key;
    error.value = std::to_string(number.value);
    error.expected = number.most > 0 ? fmt::format("1 to {}", number.most)
                                     : fmt::format("a multiple of {}", number.multipleOf);
    return error;
  }
  return std::nullopt;
}

} // namespace

std::string GemmTiling::text() const {
  return fmt::format("TILE_M={},TILE_N={},TILE_K={},DEPTH_K={},L1_COPIES={},L0_COPIES={},"
                     "ACC_COPIES={}",
                     tileM, tileN, tileK, depthK, l1Copies, l0Copies, accCopies);
}

Result<LoweredKernel> lowerGemm(const GemmShape& shape, const GemmTiling& tiling,
                                const SocProfile& soc, Emit what, Ptoas ptoas) {
  if (std::optional<Error> error = objection(shape, tiling, soc))
    return std::move(*error);
  const auto build = [&](mlir::MLIRContext& context) {
    return kernels::buildGemm(context, shape, tiling);
  };
  return runPipeline(build, {soc, what, ptoas, nullptr, "tiling", tiling.text()});
}

} // namespace ptotune
