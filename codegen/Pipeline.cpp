#include "codegen/Pipeline.h"

#include "codegen/Compiler.h"
#include "codegen/emit/Emit.h"
#include "codegen/passes/Passes.h"

#include <llvm/Support/raw_ostream.h>
#include <mlir/IR/Verifier.h>

#include <ctime>
#include <utility>

namespace ptotune {
namespace {

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

// Processor time of this thread, so that a busy machine does not count.
double threadSeconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// One lowering, step by step; each step's time goes into the statistics.
class Run {
public:
  Run(Compiler& compiler, const Order& order) : compiler_(compiler), order_(order) {}

  LoweredKernel kernel;

  mlir::LogicalResult run(const Builder& build) {
    const auto built = [&] {
      module_ = build(compiler_.context);
      return mlir::success(static_cast<bool>(module_));
    };
    return mlir::failure(failed(step("build", built)) ||
                         failed(step("verify", [&] { return mlir::verify(*module_); })) ||
                         failed(printFrontend()) || failed(runPasses()) || failed(emit()));
  }

private:
  template <typename Body> mlir::LogicalResult step(const char* name, Body&& body) {
    const double start = threadSeconds();
    const mlir::LogicalResult result = body();
    kernel.stats.steps.push_back({name, threadSeconds() - start});
    return result;
  }

  bool asked(Emit one) const { return has(order_.what, one); }

  // What is emitted of the module as it was built.
  mlir::LogicalResult printFrontend() {
    if (asked(Emit::frontend))
      kernel.frontendIr = printed(*module_);
    if (!asked(Emit::pto))
      return mlir::success();
    return step("pto text",
                [&] { return keep(emit::emitPto(*module_, order_.ptoas), kernel.pto); });
  }

  mlir::LogicalResult runPasses() {
    mlir::pto::SyncStats sync;
    const SocProfile& soc = order_.soc;
    if (failed(
            step("frontend pipes", [&] { return mlir::pto::lowerFrontendPipes(*module_, soc); })) ||
        failed(step("clean up", [&] { return compiler_.cleanUp(*module_); })) ||
        failed(step("plan memory",
                    [&] { return mlir::pto::planMemory(*module_, soc, order_.table); })) ||
        failed(step("insert sync", [&] { return mlir::pto::insertSync(*module_, soc, &sync); })) ||
        failed(step("verify lowered", [&] { return mlir::verify(*module_); })))
      return mlir::failure();
    LoweringStats& stats = kernel.stats;
    stats.operations = countOperations(*module_);
    stats.setFlags = sync.setFlags;
    stats.waitFlags = sync.waitFlags;
    stats.vectorBarriers = sync.vectorBarriers;
    stats.eventIds = sync.eventIds;
    return mlir::success();
  }

  mlir::LogicalResult emit() {
    if (asked(Emit::ir))
      kernel.ir = printed(*module_);
    if (failed(step("program",
                    [&] { return keep(emit::emitProgram(*module_, order_.soc), kernel.program); })))
      return mlir::failure();
    kernel.programHash = program::programHash(kernel.program);
    if (!asked(Emit::cpp))
      return mlir::success();
    const auto cpp = [&] { return keep(emit::emitCpp(*module_, order_.soc), kernel.cpp); };
    if (failed(step("cpp text", cpp)))
      return mlir::failure();
    kernel.sourceHash = Hash::of(kernel.cpp);
    return mlir::success();
  }

  template <typename T> static mlir::LogicalResult keep(mlir::FailureOr<T> made, T& to) {
    if (failed(made))
      return mlir::failure();
    to = std::move(*made);
    return mlir::success();
  }

  Compiler& compiler_;
  const Order& order_;
  mlir::OwningOpRef<mlir::ModuleOp> module_;
};

} // namespace

Result<LoweredKernel> runPipeline(const Builder& build, const Order& order) {
  Compiler& compiler = Compiler::ofThisThread();
  const Diagnostics diagnostics(compiler.context);
  Run run(compiler, order);
  if (succeeded(run.run(build)))
    return std::move(run.kernel);
  Error error;
  error.message = "lowering failed: " + diagnostics.text();
  error.key = order.key;
  error.value = order.value;
  return error;
}

} // namespace ptotune
