#include "codegen/Lowering.h"

#include "codegen/Compiler.h"
#include "codegen/emit/Emit.h"
#include "codegen/kernels/FlashAttention.h"
#include "codegen/passes/Passes.h"
#include "space/fa/Buffers.h"

#include <fmt/format.h>
#include <llvm/Support/raw_ostream.h>
#include <mlir/IR/Verifier.h>

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
  if (kernel.causal || kernel.dtype != "f16") {
    Error error;
    error.message = "no kernel for this problem";
    error.key = kernel.causal ? "causal" : "dtype";
    error.value = kernel.causal ? "1" : kernel.dtype;
    error.expected = kernel.causal ? "0" : "f16";
    return error;
  }
  if (point.pipeModel() != PipeModel::slot)
    return wrong("no kernel of this form", Param::pipeModel, point, "slot");
  if (point.vecOrder() != VecOrder::pFirst)
    return wrong("no kernel of this form", Param::vecOrder, point, "p_first");
  if (point.kvSplit() != 1)
    return wrong("no kernel of this form", Param::kvSplit, point, "1");
  for (const Param positive :
       {Param::tileS1, Param::cubeS1, Param::cubeS0, Param::qkPreload, Param::expRing})
    if (point[positive] < 1)
      return wrong("no kernel of this shape", positive, point, "at least 1");
  if (point.tileS1() % point.cubeS1() != 0)
    return wrong("no kernel of this shape", Param::tileS1, point, "a multiple of CUBE_S1");
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

std::string printed(mlir::ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream(text) << module;
  return text;
}

int countOperations(mlir::ModuleOp module) {
  int operations = 0;
  module.walk([&](mlir::Operation*) { ++operations; });
  return operations;
}

mlir::LogicalResult runPasses(Compiler& compiler, mlir::ModuleOp module,
                              const std::vector<Buffer>& table, const SocProfile& soc,
                              LoweringStats& stats) {
  mlir::pto::SyncStats sync;
  if (failed(mlir::verify(module)) || failed(mlir::pto::lowerFrontendPipes(module, soc)) ||
      failed(compiler.cleanUp(module)) || failed(mlir::pto::planMemory(module, soc, &table)) ||
      failed(mlir::pto::insertSync(module, soc, &sync)) || failed(mlir::verify(module)))
    return mlir::failure();
  stats.operations = countOperations(module);
  stats.setFlags = sync.setFlags;
  stats.waitFlags = sync.waitFlags;
  stats.vectorBarriers = sync.vectorBarriers;
  stats.eventIds = sync.eventIds;
  return mlir::success();
}

mlir::LogicalResult emitAll(mlir::ModuleOp module, const SocProfile& soc, Emit what,
                            LoweredKernel& kernel) {
  if (has(what, Emit::ir))
    kernel.ir = printed(module);
  mlir::FailureOr<program::Program> program = emit::emitProgram(module, soc);
  if (failed(program))
    return mlir::failure();
  kernel.program = std::move(*program);
  kernel.programHash = program::programHash(kernel.program);
  if (!has(what, Emit::cpp))
    return mlir::success();
  mlir::FailureOr<std::string> cpp = emit::emitCpp(module, soc);
  if (failed(cpp))
    return mlir::failure();
  kernel.cpp = std::move(*cpp);
  kernel.sourceHash = Hash::of(kernel.cpp);
  return mlir::success();
}

} // namespace

Result<LoweredKernel> lower(const KernelSpec& kernel, const Point& point, const SocProfile& soc,
                            Emit what) {
  if (std::optional<Error> error = objection(kernel, point, soc))
    return std::move(*error);
  Compiler& compiler = Compiler::ofThisThread();
  const Diagnostics diagnostics(compiler.context);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      kernels::buildFlashAttention(compiler.context, kernel, point, soc);
  LoweredKernel lowered;
  if (has(what, Emit::frontend))
    lowered.frontendIr = printed(*module);
  const std::vector<Buffer> table = fa::buffers(kernel, point, soc);
  if (failed(runPasses(compiler, *module, table, soc, lowered.stats)) ||
      failed(emitAll(*module, soc, what, lowered))) {
    Error error;
    error.message = "lowering failed: " + diagnostics.text();
    error.key = "point";
    error.value = point.text();
    return error;
  }
  return lowered;
}

} // namespace ptotune
