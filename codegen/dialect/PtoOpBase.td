// Base classes and type constraints of the operations.
#ifndef PTO_OP_BASE_TD
#define PTO_OP_BASE_TD

include "PtoAttrs.td"
include "PtoInterfaces.td"
include "PtoTypes.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ViewLikeInterface.td"

// Every attribute is one that the operation knows, or carries a dialect prefix.
def Pto_KnownAttributes : NativeOpTrait<"KnownAttributes"> {
  let cppNamespace = "::mlir::pto";
}

// Order among flags, barriers and FIFO transfers.
def Pto_SyncResource : Resource<"::mlir::pto::SyncResource">;

class Pto_Op<string mnemonic, list<Trait> traits = []>
    : Op<Pto_Dialect, mnemonic, traits # [Pto_KnownAttributes]>;

// An operation with one result, which is named after the NameLoc of the operation where it has one.
class Pto_NamedOp<string mnemonic, list<Trait> traits = []>
    : Pto_Op<mnemonic,
             traits # [DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>]> {
  code nameDefinition = [{
    void $cppClass::getAsmResultNames(::mlir::OpAsmSetValueNameFn setName) {
      ::mlir::pto::detail::nameResult(getOperation(), setName);
    }
  }];
  let extraClassDefinition = nameDefinition;
}

// Pipe expression and instruction of a tile operation, as C++ text.
class Pto_PipeOp<string mnemonic, string pipe, string instruction, list<Trait> traits = []>
    : Pto_Op<mnemonic, traits # [DeclareOpInterfaceMethods<Pto_PipeOpInterface, ["getTileOp"]>]> {
  code pipeDefinition = "::mlir::pto::Pipe $cppClass::getPipe() { return " # pipe # "; }\n" #
    "std::optional<::ptotune::Op> $cppClass::getTileOp() { return ::ptotune::Op::" # instruction #
    "; }\n";
  let extraClassDefinition = pipeDefinition;
}

// An i64 attribute whose accessor is signed.
def Pto_Int : TypedSignlessIntegerAttrBase<I64, "int64_t", "64-bit signless integer attribute"> {
  let convertFromStorage = "$_self.getValue().getSExtValue()";
}

def Pto_Ptr : Type<CPred<"::mlir::isa<::mlir::pto::PtrType>($_self)">,
                             "!pto.ptr", "::mlir::pto::PtrType">;
def Pto_TensorView : Type<CPred<"::mlir::isa<::mlir::pto::TensorViewType>($_self)">,
                                    "!pto.tensor_view", "::mlir::pto::TensorViewType">;
def Pto_PartitionView
    : Type<CPred<"::mlir::isa<::mlir::pto::PartitionTensorViewType>($_self)">,
                     "!pto.partition_tensor_view", "::mlir::pto::PartitionTensorViewType">;
def Pto_Tile : Type<CPred<"::mlir::isa<::mlir::pto::TileBufType>($_self)">,
                              "!pto.tile_buf", "::mlir::pto::TileBufType">;
def Pto_MultiTile : Type<CPred<"::mlir::isa<::mlir::pto::MultiTileBufType>($_self)">,
                                   "!pto.multi_tile_buf", "::mlir::pto::MultiTileBufType">;
def Pto_PipeHandle : Type<CPred<"::mlir::isa<::mlir::pto::PipeType>($_self)">,
                                    "!pto.pipe", "::mlir::pto::PipeType">;
def Pto_FifoEntry
    : Type<CPred<"::mlir::isa<::mlir::pto::TensorViewType, ::mlir::pto::TileBufType>($_self)">,
                     "!pto.tensor_view or !pto.tile_buf">;
def Pto_Scalar : Type<CPred<"$_self.isIntOrFloat()">, "a number">;

#endif // PTO_OP_BASE_TD
