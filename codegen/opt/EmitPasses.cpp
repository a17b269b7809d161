#include "codegen/opt/EmitPasses.h"

#include "codegen/emit/Emit.h"

#include <llvm/Support/raw_ostream.h>
#include <mlir/IR/BuiltinOps.h>
#include <mlir/Pass/Pass.h>

namespace mlir::pto {
namespace {

template <typename Concrete>
class EmitPass : public PassWrapper<Concrete, OperationPass<ModuleOp>> {
public:
  EmitPass() = default;
  EmitPass(const EmitPass& other) : PassWrapper<Concrete, OperationPass<ModuleOp>>(other) {}

  void runOnOperation() override {
    const FailureOr<std::string> text = static_cast<Concrete*>(this)->emit(this->getOperation());
    if (failed(text))
      return this->signalPassFailure();
    llvm::outs() << *text;
    this->markAllAnalysesPreserved();
  }
};

template <typename Concrete> class SocEmitPass : public EmitPass<Concrete> {
public:
  SocEmitPass() = default;
  SocEmitPass(const SocEmitPass& other) : EmitPass<Concrete>(other) {}

  LogicalResult initialize(MLIRContext* context) override {
    auto loaded = ptotune::loadSoc(socFile);
    if (!loaded)
      return emitError(UnknownLoc::get(context)) << loaded.error().text();
    soc = std::move(*loaded);
    return success();
  }

  Pass::Option<std::string> socFile{*this, "soc", llvm::cl::desc("SoC profile, a TOML file")};
  ptotune::SocProfile soc;
};

struct PrintCpp : SocEmitPass<PrintCpp> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PrintCpp)
  StringRef getArgument() const final { return "pto-print-cpp"; }
  StringRef getDescription() const final { return "Print lowered IR as C++ for pto-isa"; }
  FailureOr<std::string> emit(ModuleOp module) { return ptotune::emit::emitCpp(module, soc); }
};

struct PrintProgram : SocEmitPass<PrintProgram> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PrintProgram)
  StringRef getArgument() const final { return "pto-print-program"; }
  StringRef getDescription() const final { return "Print lowered IR as the simulator's program"; }
  FailureOr<std::string> emit(ModuleOp module) {
    const auto program = ptotune::emit::emitProgram(module, soc);
    if (failed(program))
      return failure();
    return ptotune::program::print(*program);
  }
};

struct PrintText : EmitPass<PrintText> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PrintText)
  PrintText() = default;
  PrintText(const PrintText& other) : EmitPass(other) {}
  StringRef getArgument() const final { return "pto-print-text"; }
  StringRef getDescription() const final {
    return "Print frontend IR as text for the upstream assembler";
  }
  LogicalResult initialize(MLIRContext* context) override {
    if (ptotune::ptoasNamed(version.getValue()))
      return success();
    return emitError(UnknownLoc::get(context))
           << "pass pto-print-text has ptoas=" << version.getValue()
           << "; expected v0.60, v0.49 or none";
  }
  FailureOr<std::string> emit(ModuleOp module) {
    return ptotune::emit::emitPto(module, *ptotune::ptoasNamed(version.getValue()));
  }

  Pass::Option<std::string> version{*this, "ptoas", llvm::cl::desc("who reads the text"),
                                    llvm::cl::init("v0.60")};
};

} // namespace

void registerEmitPasses() {
  PassRegistration<PrintCpp>();
  PassRegistration<PrintProgram>();
  PassRegistration<PrintText>();
}

} // namespace mlir::pto
