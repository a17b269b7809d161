#include "codegen/opt/PrintAccesses.h"

#include "codegen/dialect/PtoDialect.h"

#include <mlir/IR/AsmState.h>
#include <mlir/Pass/Pass.h>

namespace mlir::pto {
namespace {

class PrintAccesses : public PassWrapper<PrintAccesses, OperationPass<>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PrintAccesses)

  StringRef getArgument() const override { return "pto-print-accesses"; }
  StringRef getDescription() const override {
    return "Remark pipe, tiles read, tiles written and scratch tiles of each operation";
  }

  void runOnOperation() override {
    getOperation()->walk([&](PipeOpInterface op) {
      InFlightDiagnostic remark = op->emitRemark();
      remark << stringifyPipe(op.getPipe());
      if (std::optional<ptotune::Op> instruction = op.getTileOp())
        remark << " " << ptotune::name(*instruction);
      list(remark, "reads", op.getTilesRead());
      list(remark, "writes", op.getTilesWritten());
      list(remark, "scratch", op.getTilesScratch());
    });
    markAllAnalysesPreserved();
  }

private:
  // The buffer of a tile's storage, or the operation that makes it.
  static std::string storageName(Value tile) {
    Operation* origin = storageOf(tile).getDefiningOp();
    if (!origin)
      return "argument";
    if (auto buffer = origin->getAttrOfType<StringAttr>("buffer"))
      return buffer.getValue().str();
    return origin->getName().getStringRef().str();
  }

  static void list(InFlightDiagnostic& remark, StringRef what, ArrayRef<Value> tiles) {
    if (tiles.empty())
      return;
    remark << ", " << what;
    for (Value tile : tiles)
      remark << " " << storageName(tile);
  }
};

} // namespace

void registerPrintAccessesPass() {
  PassRegistration<PrintAccesses>();
}

} // namespace mlir::pto
