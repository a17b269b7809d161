// Landmarks for people: which stage of the kernel's schedule the operations work for.
#ifndef PTO_STAGE_OPS_TD
#define PTO_STAGE_OPS_TD

include "PtoOpBase.td"

def Pto_StageOp
    : Pto_Op<"stage", [MemoryEffects<[MemRead<Pto_SyncResource>, MemWrite<Pto_SyncResource>]>]> {
  let summary = "operations from here to the next stage, loop or end of the block work for a stage";
  let description = [{
    `pto.stage "QK" tile %t part 1`: subtile 1 of stage QK of tile %t. Executes nothing. The emitted
    C++ and the program carry it as a comment and in their listings.
  }];
  let arguments = (ins StrAttr:$stage, Optional<Index>:$tile, OptionalAttr<I64Attr>:$part);
  let assemblyFormat = "$stage (`tile` $tile^)? (`part` $part^)? attr-dict";
  let builders = [
    OpBuilder<(ins "::llvm::StringRef":$stage, CArg<"::mlir::Value", "{}">:$tile,
                   CArg<"std::optional<int64_t>", "std::nullopt">:$part), [{
      build($_builder, $_state, $_builder.getStringAttr(stage), tile,
            part ? $_builder.getI64IntegerAttr(*part) : ::mlir::IntegerAttr());
    }]>,
  ];
}

#endif // PTO_STAGE_OPS_TD
