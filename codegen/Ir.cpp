#include "codegen/Ir.h"

#include "codegen/Compiler.h"
#include "codegen/Pipeline.h"
#include "codegen/TextOrder.h"
#include "codegen/emit/Emit.h"

#include <mlir/Parser/Parser.h>

namespace ptotune {

namespace {

// Verifies after parsing.
mlir::OwningOpRef<mlir::ModuleOp> parse(std::string_view text, mlir::MLIRContext& context) {
  return mlir::parseSourceString<mlir::ModuleOp>(llvm::StringRef(text.data(), text.size()),
                                                 mlir::ParserConfig(&context));
}

} // namespace

Status verifyIr(std::string_view text) {
  if (Status ordered = requireDefinitionsFirst(text); !ordered)
    return ordered;
  Compiler& compiler = Compiler::ofThisThread();
  const Diagnostics diagnostics(compiler.context);
  if (parse(text, compiler.context))
    return {};
  Error error;
  error.message = "IR is not valid: " + diagnostics.text();
  return error;
}

Result<LoweredKernel> lowerIr(std::string_view text, const SocProfile& soc, Emit what,
                              Ptoas ptoas) {
  if (Status ordered = requireDefinitionsFirst(text); !ordered)
    return ordered.error();
  const auto build = [text](mlir::MLIRContext& context) { return parse(text, context); };
  return runPipeline(build, {soc, what, ptoas, nullptr, "", ""});
}

Result<LoweredKernel> emitIr(std::string_view text, const SocProfile& soc, Emit what) {
  if (Status ordered = requireDefinitionsFirst(text); !ordered)
    return ordered.error();
  Compiler& compiler = Compiler::ofThisThread();
  const Diagnostics diagnostics(compiler.context);
  const auto refused = [&] {
    return Error{.message = "IR cannot be emitted: " + diagnostics.text()};
  };
  const auto module = parse(text, compiler.context);
  if (!module)
    return refused();
  LoweredKernel kernel;
  auto program = emit::emitProgram(*module, soc);
  if (failed(program))
    return refused();
  kernel.program = std::move(*program);
  kernel.programHash = program::programHash(kernel.program);
  if (has(what, Emit::cpp)) {
    auto cpp = emit::emitCpp(*module, soc);
    if (failed(cpp))
      return refused();
    kernel.cpp = std::move(*cpp);
    kernel.sourceHash = Hash::of(kernel.cpp);
  }
  return kernel;
}

} // namespace ptotune
