#include "codegen/passes/Passes.h"

#include "codegen/dialect/PtoDialect.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/Pass/Pass.h>
#include <mlir/Pass/PassRegistry.h>

namespace mlir::pto {
namespace {

// A pass for command lines: reads the SoC profile that its option names, then runs on the module.
template <typename Concrete> class SocPass : public PassWrapper<Concrete, OperationPass<ModuleOp>> {
public:
  SocPass() = default;
  SocPass(const SocPass& other) : PassWrapper<Concrete, OperationPass<ModuleOp>>(other) {}

  void getDependentDialects(DialectRegistry& registry) const override {
    registry.insert<PtoDialect, arith::ArithDialect>();
  }

  LogicalResult initialize(MLIRContext* context) override {
    if (socFile.empty())
      return emitError(UnknownLoc::get(context))
             << "pass " << this->getArgument() << " has no SoC profile; expected soc=FILE";
    auto loaded = ptotune::loadSoc(socFile);
    if (!loaded)
      return emitError(UnknownLoc::get(context)) << loaded.error().text();
    soc = std::move(*loaded);
    return success();
  }

  void runOnOperation() override {
    if (failed(static_cast<Concrete*>(this)->run(this->getOperation())))
      this->signalPassFailure();
  }

  Pass::Option<std::string> socFile{*this, "soc", llvm::cl::desc("SoC profile, a TOML file")};
  ptotune::SocProfile soc;
};

struct LowerFrontendPipesPass : SocPass<LowerFrontendPipesPass> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerFrontendPipesPass)
  StringRef getArgument() const final { return "pto-lower-frontend-pipes"; }
  StringRef getDescription() const final {
    return "Replace the frontend's FIFO operations by TPipe handles with FFTS flags";
  }
  // Before                                        After
  //   pto.aic_initialize_pipe {id = 0, ...}         %p = pto.initialize_l2g2l_pipe{...,
  //       (gm_slot_tensor = %v : V)                          flag_base = 0}(%v : V) -> !pto.pipe
  //   %e = pto.talloc_to_aiv {id = 0, split = 1}    %e = pto.declare_global -> V
  //       -> V                                      pto.talloc(%e, %p : V, !pto.pipe) {split = 1}
  LogicalResult run(ModuleOp module) { return lowerFrontendPipes(module, soc); }
};

struct PlanMemoryPass : SocPass<PlanMemoryPass> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PlanMemoryPass)
  StringRef getArgument() const final { return "pto-plan-memory"; }
  StringRef getDescription() const final {
    return "Give every tile allocation its address and the stride between its copies";
  }
  // Before                                        After
  //   %k = pto.alloc_multi_tile                     %k = pto.alloc_multi_tile {address = 32768 :
  //   i64,
  //       {buffer = "k_l1"} : T                         buffer = "k_l1", stride = 32768 : i64} : T
  LogicalResult run(ModuleOp module) { return planMemory(module, soc); }
};

struct InsertSyncPass : SocPass<InsertSyncPass> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(InsertSyncPass)
  InsertSyncPass() = default;
  InsertSyncPass(const InsertSyncPass& other) : SocPass(other) {}
  StringRef getArgument() const final { return "pto-insert-sync"; }
  StringRef getDescription() const final {
    return "Insert event flags between pipes and barriers within the vector pipe";
  }
  // Before                                        After, inside a loop
  //   pto.tload ins(%w) outs(%k)                    pto.wait_flag[<PIPE_MTE1>, <PIPE_MTE2>, id0]
  //   pto.textract ins(%k, ...) outs(%r)            pto.tload ins(%w) outs(%k)
  //                                                 pto.set_flag[<PIPE_MTE2>, <PIPE_MTE1>, id0]
  //                                                 pto.wait_flag[<PIPE_MTE2>, <PIPE_MTE1>, id0]
  //                                                 pto.textract ins(%k, ...) outs(%r)
  //                                                 pto.set_flag[<PIPE_MTE1>, <PIPE_MTE2>, id0]
  LogicalResult run(ModuleOp module) {
    SyncStats counts;
    if (failed(insertSync(module, soc, &counts)))
      return failure();
    setFlags = counts.setFlags;
    waitFlags = counts.waitFlags;
    barriers = counts.vectorBarriers;
    events = counts.eventIds;
    return success();
  }

  Statistic setFlags{this, "set-flags", "set_flag operations"};
  Statistic waitFlags{this, "wait-flags", "wait_flag operations"};
  Statistic barriers{this, "vector-barriers", "barriers of the vector pipe"};
  Statistic events{this, "event-ids", "distinct event ids"};
};

} // namespace

void registerPtoPasses() {
  PassRegistration<LowerFrontendPipesPass>();
  PassRegistration<PlanMemoryPass>();
  PassRegistration<InsertSyncPass>();
}

} // namespace mlir::pto
