// What one thread compiles with: an MLIR context of its own and the passes that come from MLIR.
// Private to codegen/.
#pragma once

#include <mlir/IR/BuiltinOps.h>
#include <mlir/IR/Diagnostics.h>
#include <mlir/IR/MLIRContext.h>
#include <mlir/Pass/PassManager.h>
#include <mlir/Support/LogicalResult.h>

#include <string>

namespace ptotune {

// Contexts are not shared between threads, and run without threads of their own.
class Compiler {
public:
  Compiler();

  static Compiler& ofThisThread();

  // Canonicalisation and common subexpressions.
  mlir::LogicalResult cleanUp(mlir::ModuleOp module) { return cleanUp_.run(module); }

  mlir::MLIRContext context;

private:
  mlir::PassManager cleanUp_;
};

// Collects errors and their notes as text while it lives.
class Diagnostics {
public:
  explicit Diagnostics(mlir::MLIRContext& context);

  const std::string& text() const { return text_; }

private:
  void add(mlir::Diagnostic& diagnostic);

  std::string text_;
  mlir::ScopedDiagnosticHandler handler_;
};

} // namespace ptotune
