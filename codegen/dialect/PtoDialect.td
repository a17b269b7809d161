// The dialect `pto`: tile programs for one cube core (AIC) and two vector cores (AIV).
#ifndef PTO_DIALECT_TD
#define PTO_DIALECT_TD

include "mlir/IR/DialectBase.td"

def Pto_Dialect : Dialect {
  let name = "pto";
  let summary = "Tile programs for Ascend cube and vector cores";
  let description = [{
    Text of this dialect is the one of the upstream PTO assembler, for the operations that
    flash-attention kernels in the address-based form use. See codegen/dialect/README.md.
  }];
  let cppNamespace = "::mlir::pto";
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let extraClassDeclaration = "void registerTypes();";
}

#endif // PTO_DIALECT_TD
