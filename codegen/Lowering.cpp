#include "codegen/Lowering.h"

#include "codegen/Pipeline.h"
#include "codegen/kernels/FlashAttention.h"
#include "space/fa/Buffers.h"

#include <fmt/format.h>

#include <optional>

namespace ptotune {
namespace {

Error wrong(std::string message, Param param, const Point& point, std::string expected) {
  Error error;
  error.message = std::move(message);
  error.key = info(param).name;
  error.value = valueText(param, point[param]);
  error.expected = std::move(expected);
  return error;
}

// What the builder takes for granted: a form it has, and shapes that divide.
std::optional<Error> objection(const KernelSpec& kernel, const Point& point,
                               const SocProfile& soc) {
  if (kernel.dtype != "f16") {
    Error error;
    error.message = "no kernel for this problem";
    error.key = "dtype";
    error.value = kernel.dtype;
    error.expected = "f16";
    return error;
  }
  for (const Param positive : {Param::tileS1, Param::cubeS1, Param::cubeS0, Param::qkPreload,
                               Param::expRing, Param::kvSplit})
    if (point[positive] < 1)
      return wrong("no kernel of this shape", positive, point, "at least 1");
  if (point.tileS1() % point.cubeS1() != 0)
    return wrong("no kernel of this shape", Param::tileS1, point, "a multiple of CUBE_S1");
  if (point.pipeModel() == PipeModel::tile && point.tileS1() != point.cubeS1())
    return wrong("no kernel of this shape", Param::tileS1, point,
                 "CUBE_S1, since PIPE_MODEL=tile moves a slot as one tile");
  const std::int64_t slices = soc.vectorPerCube * point.kTileFactor();
  if (point.cubeS0() % slices != 0)
    return wrong("no kernel of this shape", Param::cubeS0, point,
                 fmt::format("a multiple of {} (vector cores x kTileFactor)", slices));
  const fa::Shapes shapes = fa::shapes(kernel, point, soc);
  if (shapes.head % shapes.depthQK != 0 || shapes.cubeS1 % shapes.depthPV != 0)
    return wrong("no kernel of this shape", Param::cubeS1, point,
                 fmt::format("a multiple of {}, the K extent of an L0 step", shapes.depthPV));
  return std::nullopt;
}

} // namespace

Result<LoweredKernel> lower(const KernelSpec& kernel, const Point& point, const SocProfile& soc,
                            Emit what, Ptoas ptoas) {
  if (std::optional<Error> error = objection(kernel, point, soc))
    return std::move(*error);
  const std::vector<Buffer> table = fa::buffers(kernel, point, soc);
  const auto build = [&](mlir::MLIRContext& context) {
    return kernels::buildFlashAttention(context, kernel, point, soc);
  };
  return runPipeline(build, {soc, what, ptoas, &table, "point", point.text()});
}

} // namespace ptotune
