// Interfaces that the passes build on.
#ifndef PTO_INTERFACES_TD
#define PTO_INTERFACES_TD

include "mlir/IR/OpBase.td"

def Pto_PipeOpInterface : OpInterface<"PipeOpInterface"> {
  let description = [{
    An operation that one pipe (instruction queue) of the core executes. Which tiles it reads and
    writes follows from the memory effects of its operands. A scratch tile counts as written.
  }];
  let cppNamespace = "::mlir::pto";
  let methods = [
    InterfaceMethod<"The pipe that executes the operation.", "::mlir::pto::Pipe", "getPipe">,
    InterfaceMethod<"The tile instruction it stands for; nothing for FIFO operations.",
      "std::optional<::ptotune::Op>", "getTileOp", (ins), "", [{ return std::nullopt; }]>,
    InterfaceMethod<"Tiles whose content the operation uses.",
      "::llvm::SmallVector<::mlir::Value, 4>", "getTilesRead", (ins), "",
      [{ return ::mlir::pto::detail::tilesWithEffect<::mlir::MemoryEffects::Read>($_op); }]>,
    InterfaceMethod<"Tiles whose content the operation changes, scratch tiles among them.",
      "::llvm::SmallVector<::mlir::Value, 4>", "getTilesWritten", (ins), "",
      [{ return ::mlir::pto::detail::tilesWithEffect<::mlir::MemoryEffects::Write>($_op); }]>,
    InterfaceMethod<"Tiles that hold intermediate values only.",
      "::llvm::SmallVector<::mlir::Value, 4>", "getTilesScratch", (ins), "",
      [{ return {}; }]>,
  ];
}

def Pto_FifoOpInterface : OpInterface<"FifoOpInterface"> {
  let description = [{
    A transfer operation of a FIFO between the cube core and its vector cores: talloc and tpush on
    the producer, tpop and tfree on the consumer. The frontend form names the FIFO by id, the handle
    form by a value of type !pto.pipe.
  }];
  let cppNamespace = "::mlir::pto";
  let methods = [
    InterfaceMethod<"What it does.", "::mlir::pto::FifoAction", "getAction">,
    InterfaceMethod<"The entry: a tensor view or a tile. Null for a tfree without one.",
      "::mlir::Value", "getFifoEntry">,
    InterfaceMethod<"0 none, 1 up/down, 2 left/right.", "int64_t", "getSplitMode">,
    InterfaceMethod<"Frontend form: id of the FIFO.", "std::optional<int64_t>", "getFifoId", (ins),
      "", [{ return std::nullopt; }]>,
    InterfaceMethod<"Handle form: the !pto.pipe. Null in the frontend form.", "::mlir::Value",
      "getFifoHandle", (ins), "", [{ return {}; }]>,
    InterfaceMethod<"Bytes from the start of the slot to the tile.", "int64_t", "getSlotOffset",
      (ins), "", [{ return 0; }]>,
    InterfaceMethod<"tpush, tpop of a tile: takes the next slot, not the one at hand.", "bool",
      "opensSlot", (ins), "", [{ return true; }]>,
    InterfaceMethod<"tpush, tpop of a tile: gives the slot away.", "bool", "closesSlot", (ins), "",
      [{ return true; }]>,
    InterfaceMethod<"Frontend form: the core that executes it.",
      "std::optional<::mlir::pto::KernelKind>", "getRequiredKind", (ins), "",
      [{ return std::nullopt; }]>,
  ];
}

#endif // PTO_INTERFACES_TD
