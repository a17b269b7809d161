// pto-opt: reads IR of the dialect `pto`, runs the passes named on the command line, prints the IR.
#include "codegen/dialect/PtoDialect.h"
#include "codegen/opt/EmitPasses.h"
#include "codegen/opt/PrintAccesses.h"
#include "codegen/passes/Passes.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/Dialect/SCF/IR/SCF.h>
#include <mlir/IR/DialectRegistry.h>
#include <mlir/Tools/mlir-opt/MlirOptMain.h>
#include <mlir/Transforms/Passes.h>

int main(int argc, char** argv) {
  mlir::DialectRegistry registry;
  registry.insert<mlir::pto::PtoDialect, mlir::func::FuncDialect, mlir::arith::ArithDialect,
                  mlir::scf::SCFDialect>();
  mlir::pto::registerPtoPasses();
  mlir::pto::registerPrintAccessesPass();
  mlir::pto::registerEmitPasses();
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "compiler for PTO tile programs\n", registry));
}
