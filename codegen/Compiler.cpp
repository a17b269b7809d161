#include "codegen/Compiler.h"

#include "codegen/dialect/PtoDialect.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/Dialect/SCF/IR/SCF.h>
#include <mlir/Transforms/GreedyPatternRewriteDriver.h>
#include <mlir/Transforms/Passes.h>

#include <memory>

namespace ptotune {
namespace {

// Types and attributes live as long as their context. A context serves this many lowerings, so that
// a long search does not keep every constant it ever met.
constexpr int kUsesOfContext = 4096;

} // namespace

Compiler::Compiler()
    : context(mlir::MLIRContext::Threading::DISABLED), cleanUp_(&context, "builtin.module") {
  context.loadDialect<mlir::pto::PtoDialect, mlir::func::FuncDialect, mlir::arith::ArithDialect,
                      mlir::scf::SCFDialect>();
  context.printOpOnDiagnostic(false); // a diagnostic says in words what it is about
  // The module is verified as a whole before it is emitted.
  cleanUp_.enableVerifier(false);
  // Loops here have one block each: there are no regions to simplify.
  mlir::GreedyRewriteConfig config;
  config.useTopDownTraversal = true;
  config.enableRegionSimplification = mlir::GreedySimplifyRegionLevel::Disabled;
  cleanUp_.addPass(mlir::createCanonicalizerPass(config));
  cleanUp_.addPass(mlir::createCSEPass());
}

Compiler& Compiler::ofThisThread() {
  thread_local std::unique_ptr<Compiler> compiler;
  thread_local int uses = 0;
  if (!compiler || uses == kUsesOfContext) {
    compiler = std::make_unique<Compiler>();
    uses = 0;
  }
  ++uses;
  return *compiler;
}

Diagnostics::Diagnostics(mlir::MLIRContext& context)
    : handler_(&context, [this](mlir::Diagnostic& diagnostic) {
        add(diagnostic);
        for (mlir::Diagnostic& note : diagnostic.getNotes())
          add(note);
        return mlir::success();
      }) {}

void Diagnostics::add(mlir::Diagnostic& diagnostic) {
  if (!text_.empty())
    text_ += "\n  ";
  if (auto file = diagnostic.getLocation()->findInstanceOf<mlir::FileLineColLoc>())
    text_ += "line " + std::to_string(file.getLine()) + ": ";
  text_ += diagnostic.str();
}

} // namespace ptotune
