// FIFOs between the cube core and its vector cores: rings of slots in global memory.
#ifndef PTO_FIFO_OPS_TD
#define PTO_FIFO_OPS_TD

include "PtoOpBase.td"
include "mlir/IR/SymbolInterfaces.td"

defvar Pto_SyncEffects = [MemoryEffects<[MemRead<Pto_SyncResource>, MemWrite<Pto_SyncResource>]>];

//===-- Frontend form -----------------------------------------------------===//

// `pto.aic_initialize_pipe {id = 0, dir_mask = 1, slot_size = B[, slot_num = N]
// [, local_slot_num = L][, nosplit = b][, unit_flag = b][, consumer_sync_period = P]}
// (gm_slot_tensor = %v : !pto.tensor_view<..>)`, or with the operands gm_slot_buffer,
// c2v_consumer_buf and v2c_consumer_buf. Keys and operands in any order.
class Pto_InitializePipeOp<string mnemonic, string what>
    : Pto_Op<mnemonic, [AttrSizedOperandSegments] # Pto_SyncEffects> {
  let summary = what;
  let arguments = (ins Optional<Pto_TensorView>:$gm_slot_tensor, Optional<Pto_Ptr>:$gm_slot_buffer,
                       Optional<I32>:$c2v_consumer_buf, Optional<I32>:$v2c_consumer_buf,
                       DefaultValuedAttr<Pto_Int, "0">:$id, Pto_Int:$dir_mask, Pto_Int:$slot_size,
                       OptionalAttr<Pto_Int>:$slot_num, OptionalAttr<Pto_Int>:$local_slot_num,
                       OptionalAttr<BoolAttr>:$nosplit,
                       DefaultValuedAttr<BoolAttr, "false">:$unit_flag,
                       OptionalAttr<Pto_Int>:$consumer_sync_period);
  let builders = [
    // The form whose entries are views of `gmSlotTensor`.
    OpBuilder<(ins "::mlir::Value":$gmSlotTensor, "int64_t":$id, "int64_t":$dirMask,
                   "int64_t":$slotSize,
                   CArg<"std::optional<int64_t>", "std::nullopt">:$slotNum,
                   CArg<"std::optional<int64_t>", "std::nullopt">:$localSlotNum,
                   CArg<"bool", "false">:$unitFlag), [{
      auto optionalAttr = [&](std::optional<int64_t> value) {
        return value ? $_builder.getI64IntegerAttr(*value) : ::mlir::IntegerAttr();
      };
      build($_builder, $_state, gmSlotTensor, ::mlir::Value(), ::mlir::Value(), ::mlir::Value(),
            $_builder.getI64IntegerAttr(id), $_builder.getI64IntegerAttr(dirMask),
            $_builder.getI64IntegerAttr(slotSize), optionalAttr(slotNum),
            optionalAttr(localSlotNum), ::mlir::BoolAttr(), $_builder.getBoolAttr(unitFlag),
            ::mlir::IntegerAttr());
    }]>,
    // The form whose entries are tiles: the ring, and the consumer's landing buffer.
    OpBuilder<(ins "::mlir::Value":$gmSlotBuffer, "::mlir::Value":$landing, "int64_t":$id,
                   "int64_t":$dirMask, "int64_t":$slotSize, "int64_t":$slotNum,
                   "int64_t":$localSlotNum, CArg<"bool", "false">:$unitFlag), [{
      bool toVector = dirMask == 1;
      build($_builder, $_state, ::mlir::Value(), gmSlotBuffer,
            toVector ? landing : ::mlir::Value(), toVector ? ::mlir::Value() : landing,
            $_builder.getI64IntegerAttr(id), $_builder.getI64IntegerAttr(dirMask),
            $_builder.getI64IntegerAttr(slotSize), $_builder.getI64IntegerAttr(slotNum),
            $_builder.getI64IntegerAttr(localSlotNum), ::mlir::BoolAttr(),
            $_builder.getBoolAttr(unitFlag), ::mlir::IntegerAttr());
    }]>,
  ];
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}
def Pto_AicInitializePipeOp
    : Pto_InitializePipeOp<"aic_initialize_pipe", "the cube core's end of a FIFO">;
def Pto_AivInitializePipeOp
    : Pto_InitializePipeOp<"aiv_initialize_pipe", "a vector core's end of a FIFO">;

// What a tile's push and pop say beside id and split. The tile lies `entry_offset` bytes into the
// slot. A slot may be filled by several tiles: the first takes the slot (allocate), the last hands
// it over (record). It may be read as several tiles: the first waits for it (wait), the last gives
// it back (free).
defvar Pto_PushKeys = (ins DefaultValuedAttr<Pto_Int, "0">:$entry_offset,
                           DefaultValuedAttr<BoolAttr, "true">:$allocate,
                           DefaultValuedAttr<BoolAttr, "true">:$record);
defvar Pto_PopKeys = (ins DefaultValuedAttr<Pto_Int, "0">:$entry_offset,
                          DefaultValuedAttr<BoolAttr, "true">:$wait,
                          DefaultValuedAttr<BoolAttr, "true">:$free);
defvar Pto_PartMethods = ["getSlotOffset", "opensSlot", "closesSlot"];
class Pto_PartDefinition<string opens, string closes> {
  code text = "int64_t $cppClass::getSlotOffset() { return getEntryOffset(); }\n" #
    "bool $cppClass::opensSlot() { return " # opens # "(); }\n" #
    "bool $cppClass::closesSlot() { return " # closes # "(); }\n";
}
defvar Pto_PushPart = Pto_PartDefinition<"getAllocate", "getRecord">.text;
defvar Pto_PopPart = Pto_PartDefinition<"getWait", "getFree">.text;

// `action`, core and pipe as C++ text.
class Pto_FifoOp<string mnemonic, string action, string kind, string pipe,
                 list<string> methods = []>
    : Pto_Op<mnemonic, [DeclareOpInterfaceMethods<Pto_FifoOpInterface,
                                                  ["getFifoId", "getRequiredKind"] # methods>,
                        DeclareOpInterfaceMethods<Pto_PipeOpInterface>,
                        DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>]
                       # Pto_SyncEffects> {
  code fifoDefinition =
    "::mlir::pto::Pipe $cppClass::getPipe() { return " # pipe # "; }\n" #
    "::mlir::pto::FifoAction $cppClass::getAction() { return FifoAction::" # action # "; }\n" #
    "std::optional<KernelKind> $cppClass::getRequiredKind() { return KernelKind::" # kind #
    "; }\n" # [{
    ::mlir::Value $cppClass::getFifoEntry() { return getEntry(); }
    int64_t $cppClass::getSplitMode() { return getSplit(); }
    std::optional<int64_t> $cppClass::getFifoId() { return getId(); }
    void $cppClass::getAsmResultNames(::mlir::OpAsmSetValueNameFn setName) {
      ::mlir::pto::detail::nameResult(getOperation(), setName);
    }
  }];
  let extraClassDefinition = fifoDefinition;
  let hasVerifier = 1;
}

class Pto_FrontendAllocOp<string mnemonic, string kind>
    : Pto_FifoOp<mnemonic, "talloc", kind, "Pipe::s"> {
  let summary = "reserve the next slot of a FIFO for stores";
  let arguments = (ins Pto_Int:$id, Pto_Int:$split);
  let results = (outs Pto_TensorView:$entry);
  let assemblyFormat = "custom<IdSplit>($id, $split) attr-dict `->` qualified(type($entry))";
}
def Pto_TAllocToAivOp : Pto_FrontendAllocOp<"talloc_to_aiv", "cube">;
def Pto_TAllocToAicOp : Pto_FrontendAllocOp<"talloc_to_aic", "vector">;

class Pto_FrontendPushOp<string mnemonic, string kind, string pipe>
    : Pto_FifoOp<mnemonic, "tpush", kind, pipe, Pto_PartMethods> {
  let summary = "hand a slot over, behind the stores into it; or store a tile into a slot";
  let arguments = !con((ins Arg<Pto_FifoEntry, "", [MemRead]>:$entry, Pto_Int:$id, Pto_Int:$split),
                       Pto_PushKeys);
  let assemblyFormat = [{
    `(` $entry `:` qualified(type($entry)) `)`
    custom<PushKeys>($id, $split, $entry_offset, $allocate, $record) attr-dict
  }];
  let extraClassDefinition = !strconcat(fifoDefinition, Pto_PushPart);
}
def Pto_TPushToAivOp : Pto_FrontendPushOp<"tpush_to_aiv", "cube", "Pipe::fix">;
def Pto_TPushToAicOp : Pto_FrontendPushOp<"tpush_to_aic", "vector", "Pipe::mte3">;

class Pto_FrontendPopOp<string mnemonic, string kind>
    : Pto_FifoOp<mnemonic, "tpop", kind, "::mlir::pto::detail::popPipe(getEntry())",
                 Pto_PartMethods> {
  let summary = "wait for the next filled slot of a FIFO; or load a tile of it";
  let arguments = !con((ins Pto_Int:$id, Pto_Int:$split), Pto_PopKeys);
  let results = (outs Pto_FifoEntry:$entry);
  let assemblyFormat = [{
    custom<PopKeys>($id, $split, $entry_offset, $wait, $free) attr-dict `->`
    qualified(type($entry))
  }];
  let extraClassDefinition = !strconcat(fifoDefinition, Pto_PopPart);
}
def Pto_TPopFromAicOp : Pto_FrontendPopOp<"tpop_from_aic", "vector">;
def Pto_TPopFromAivOp : Pto_FrontendPopOp<"tpop_from_aiv", "cube">;

class Pto_FrontendFreeOp<string mnemonic, string kind>
    : Pto_FifoOp<mnemonic, "tfree", kind, "Pipe::mte2"> {
  let summary = "give a slot back to the producer, behind the loads from it; nothing for a tile";
  let arguments = (ins Optional<Pto_FifoEntry>:$entry, Pto_Int:$id, Pto_Int:$split);
  let assemblyFormat = [{
    (`(` $entry^ `:` qualified(type($entry)) `)`)? custom<IdSplit>($id, $split) attr-dict
  }];
}
def Pto_TFreeFromAicOp : Pto_FrontendFreeOp<"tfree_from_aic", "vector">;
def Pto_TFreeFromAivOp : Pto_FrontendFreeOp<"tfree_from_aiv", "cube">;

def Pto_ReserveBufferOp : Pto_NamedOp<"reserve_buffer", Pto_SyncEffects> {
  let summary = "the consumer's landing buffer of a FIFO whose tiles are popped";
  let arguments = (ins StrAttr:$name, Pto_Int:$size, Pto_AddressSpaceAttr:$location,
                       BoolAttr:$autoAlloc, OptionalAttr<Pto_Int>:$base,
                       OptionalAttr<StrAttr>:$buffer);
  let results = (outs I32:$result);
  let assemblyFormat = [{
    `{` `name` `=` $name `,` `size` `=` $size `,` `location` `=` custom<Location>($location) `,`
    `auto` `=` $autoAlloc (`,` `base` `=` $base^)? `}` attr-dict `->` type($result)
  }];
  let hasVerifier = 1;
}

def Pto_ImportReservedBufferOp
    : Pto_NamedOp<"import_reserved_buffer",
                  Pto_SyncEffects # [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "the producer's name for the consumer's landing buffer";
  let arguments = (ins StrAttr:$name, FlatSymbolRefAttr:$peer_func);
  let results = (outs I32:$result);
  let assemblyFormat = [{
    `{` `name` `=` $name `,` `peer_func` `=` $peer_func `}` attr-dict `->` type($result)
  }];
}

//===-- Handle form -------------------------------------------------------===//

def Pto_InitializeL2G2LPipeOp
    : Pto_NamedOp<"initialize_l2g2l_pipe", [AttrSizedOperandSegments] # Pto_SyncEffects> {
  let summary = "construct the TPipe of a FIFO";
  let description = [{
    `%p = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = B, slot_num = N[, local_slot_num = L]
    [, flag_base = F][, nosplit = b][, unit_flag = b]}(%gm : T[, %local : i32][, %peer : i32])
    -> !pto.pipe`. FFTS flag flag_base says "data ready", flag_base + 1 "slot free".
  }];
  let arguments = (ins AnyTypeOf<[Pto_TensorView, Pto_Ptr]>:$gm, Optional<I32>:$local,
                       Optional<I32>:$peer, Pto_Int:$dir_mask, Pto_Int:$slot_size,
                       Pto_Int:$slot_num,
                       OptionalAttr<Pto_Int>:$local_slot_num, OptionalAttr<Pto_Int>:$flag_base,
                       OptionalAttr<BoolAttr>:$nosplit,
                       DefaultValuedAttr<BoolAttr, "false">:$unit_flag);
  let results = (outs Pto_PipeHandle:$handle);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

def Pto_DeclareGlobalOp : Pto_NamedOp<"declare_global"> {
  let summary = "a view that talloc or tpop points at a slot";
  let results = (outs Res<Pto_TensorView, "", [MemAlloc]>:$result);
  let assemblyFormat = "attr-dict `->` qualified(type($result))";
}

class Pto_HandleOp<string mnemonic, string action, string pipe, dag entry, dag keys = (ins),
                   string keyFormat = "custom<SplitOnly>($split)", list<string> methods = []>
    : Pto_Op<mnemonic, [DeclareOpInterfaceMethods<Pto_FifoOpInterface, ["getFifoHandle"] # methods>,
                        DeclareOpInterfaceMethods<Pto_PipeOpInterface>] # Pto_SyncEffects> {
  let arguments = !con(entry, (ins Pto_PipeHandle:$handle, Pto_Int:$split), keys);
  let assemblyFormat = "`(` $entry `,` $handle `:` qualified(type($entry)) `,` " #
                       "qualified(type($handle)) `)` " # keyFormat # " attr-dict";
  code fifoDefinition = "::mlir::pto::Pipe $cppClass::getPipe() { return " # pipe # "; }\n" #
    "::mlir::pto::FifoAction $cppClass::getAction() { return FifoAction::" # action # "; }\n" # [{
    ::mlir::Value $cppClass::getFifoEntry() { return getEntry(); }
    int64_t $cppClass::getSplitMode() { return getSplit(); }
    ::mlir::Value $cppClass::getFifoHandle() { return getHandle(); }
  }];
  let extraClassDefinition = fifoDefinition;
  let hasVerifier = 1;
}
def Pto_TAllocOp : Pto_HandleOp<"talloc", "talloc", "Pipe::s", (ins Pto_TensorView:$entry)> {
  let summary = "point `entry` at the next slot of a FIFO, for stores";
}
def Pto_TPushOp : Pto_HandleOp<"tpush", "tpush", "::mlir::pto::detail::pushPipe(getOperation())",
                               (ins Arg<Pto_FifoEntry, "", [MemRead]>:$entry), Pto_PushKeys,
                               "custom<PushPart>($split, $entry_offset, $allocate, $record)",
                               Pto_PartMethods> {
  let summary = "hand the slot over, behind the stores into it; or store a tile into a slot";
  let extraClassDefinition = !strconcat(fifoDefinition, Pto_PushPart);
}
def Pto_TPopOp : Pto_HandleOp<"tpop", "tpop", "::mlir::pto::detail::popPipe(getEntry())",
                              (ins Arg<Pto_FifoEntry, "", [MemWrite]>:$entry), Pto_PopKeys,
                              "custom<PopPart>($split, $entry_offset, $wait, $free)",
                              Pto_PartMethods> {
  let summary = "wait for the next filled slot and point `entry` at it; or load a tile of it";
  let extraClassDefinition = !strconcat(fifoDefinition, Pto_PopPart);
}
def Pto_TFreeOp : Pto_HandleOp<"tfree", "tfree", "Pipe::mte2", (ins Pto_FifoEntry:$entry)> {
  let summary = "give the slot back to the producer, behind the loads from it";
}

#endif // PTO_FIFO_OPS_TD
