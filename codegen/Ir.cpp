#include "codegen/Ir.h"

#include "codegen/Compiler.h"

#include <mlir/Parser/Parser.h>

namespace ptotune {

Status verifyIr(std::string_view text) {
  Compiler& compiler = Compiler::ofThisThread();
  const Diagnostics diagnostics(compiler.context);
  const mlir::ParserConfig config(&compiler.context); // verifies after parsing
  if (mlir::parseSourceString<mlir::ModuleOp>(llvm::StringRef(text.data(), text.size()), config))
    return {};
  Error error;
  error.message = "IR is not valid: " + diagnostics.text();
  return error;
}

} // namespace ptotune
