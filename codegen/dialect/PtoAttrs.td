// Enumerations and attributes of the dialect `pto`.
#ifndef PTO_ATTRS_TD
#define PTO_ATTRS_TD

include "PtoDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

class Pto_Enum<string name, string description, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, description, cases> {
  let cppNamespace = "::mlir::pto";
  let genSpecializedAttr = 0;
}

// Printed as #pto.<mnemonic><value>.
class Pto_DotAttr<EnumAttrInfo info, string name> : EnumAttr<Pto_Dialect, info, name> {
  let assemblyFormat = "`<` $value `>`";
}

// Printed as #pto<mnemonic value>.
class Pto_SpacedAttr<EnumAttrInfo info, string name> : EnumAttr<Pto_Dialect, info, name> {
  let assemblyFormat = "$value";
}

def Pto_AddressSpaceEnum : Pto_Enum<"AddressSpace", "memory of an AI core, or global memory", [
  I32EnumAttrCase<"gm", 1>,      // global memory
  I32EnumAttrCase<"mat", 2>,     // L1
  I32EnumAttrCase<"left", 3>,    // L0A
  I32EnumAttrCase<"right", 4>,   // L0B
  I32EnumAttrCase<"acc", 5>,     // L0C
  I32EnumAttrCase<"vec", 6>,     // UB
  I32EnumAttrCase<"bias", 7>,    // bias table
  I32EnumAttrCase<"scaling", 8>  // fixpipe buffer
]>;
def Pto_AddressSpaceAttr : Pto_DotAttr<Pto_AddressSpaceEnum, "address_space">;

def Pto_KernelKindEnum : Pto_Enum<"KernelKind", "core that executes a function", [
  I32EnumAttrCase<"cube", 0>,
  I32EnumAttrCase<"vector", 1>
]>;
def Pto_KernelKindAttr : Pto_DotAttr<Pto_KernelKindEnum, "kernel_kind">;

def Pto_LayoutEnum : Pto_Enum<"Layout", "order of a tensor in global memory", [
  I32EnumAttrCase<"nd", 0>,
  I32EnumAttrCase<"dn", 1>,
  I32EnumAttrCase<"nz", 2>
]>;
def Pto_LayoutAttr : Pto_DotAttr<Pto_LayoutEnum, "layout">;

def Pto_BLayoutEnum : Pto_Enum<"BLayout", "order of a tile's boxes, or of its elements", [
  I32EnumAttrCase<"row_major", 0>,
  I32EnumAttrCase<"col_major", 1>
]>;

def Pto_SLayoutEnum : Pto_Enum<"SLayout", "order inside a box of a tile", [
  I32EnumAttrCase<"none_box", 0>,
  I32EnumAttrCase<"row_major", 1>,
  I32EnumAttrCase<"col_major", 2>
]>;

def Pto_PadValueEnum : Pto_Enum<"PadValue", "fill of a tile outside its valid part", [
  I32EnumAttrCase<"null", 0>,
  I32EnumAttrCase<"zero", 1>,
  I32EnumAttrCase<"max", 2>,
  I32EnumAttrCase<"min", 3>
]>;

def Pto_CompactModeEnum : Pto_Enum<"CompactMode", "compaction of a tile", [
  I32EnumAttrCase<"null", 0>,
  I32EnumAttrCase<"normal", 1>,
  I32EnumAttrCase<"row_plus_one", 2>
]>;

// Values of s ... fix are those of ptotune::Pipe (space/Op.h).
def Pto_PipeEnum : Pto_Enum<"Pipe", "instruction queue of an AI core", [
  I32EnumAttrCase<"s", 0, "PIPE_S">,
  I32EnumAttrCase<"mte1", 1, "PIPE_MTE1">,
  I32EnumAttrCase<"mte2", 2, "PIPE_MTE2">,
  I32EnumAttrCase<"mte3", 3, "PIPE_MTE3">,
  I32EnumAttrCase<"m", 4, "PIPE_M">,
  I32EnumAttrCase<"v", 5, "PIPE_V">,
  I32EnumAttrCase<"fix", 6, "PIPE_FIX">,
  I32EnumAttrCase<"all", 7, "PIPE_ALL">
]>;
def Pto_PipeAttr : Pto_DotAttr<Pto_PipeEnum, "pipe">;

def Pto_EventEnum : Pto_Enum<"Event", "event id of an ordered pair of pipes", [
  I32EnumAttrCase<"id0", 0, "EVENT_ID0">,
  I32EnumAttrCase<"id1", 1, "EVENT_ID1">,
  I32EnumAttrCase<"id2", 2, "EVENT_ID2">,
  I32EnumAttrCase<"id3", 3, "EVENT_ID3">,
  I32EnumAttrCase<"id4", 4, "EVENT_ID4">,
  I32EnumAttrCase<"id5", 5, "EVENT_ID5">,
  I32EnumAttrCase<"id6", 6, "EVENT_ID6">,
  I32EnumAttrCase<"id7", 7, "EVENT_ID7">
]>;
def Pto_EventAttr : Pto_DotAttr<Pto_EventEnum, "event">;

// Unit flag of an accumulator: partial keeps it closed, final hands it over.
def Pto_AccPhaseEnum : Pto_Enum<"AccPhase", "unit flag phase of a matmul", [
  I32EnumAttrCase<"unspecified", 0>,
  I32EnumAttrCase<"partial", 2>,
  I32EnumAttrCase<"final", 3>
]>;
def Pto_AccPhaseAttr : Pto_SpacedAttr<Pto_AccPhaseEnum, "acc_phase">;

def Pto_StPhaseEnum : Pto_Enum<"StPhase", "unit flag phase of an accumulator store", [
  I32EnumAttrCase<"unspecified", 0>,
  I32EnumAttrCase<"partial", 2>,
  I32EnumAttrCase<"final", 3>
]>;
def Pto_StPhaseAttr : Pto_SpacedAttr<Pto_StPhaseEnum, "st_phase">;

def Pto_RoundModeEnum : Pto_Enum<"RoundMode", "rounding of a conversion", [
  I32EnumAttrCase<"none", 0, "NONE">,
  I32EnumAttrCase<"rint", 1, "RINT">,
  I32EnumAttrCase<"round", 2, "ROUND">,
  I32EnumAttrCase<"floor", 3, "FLOOR">,
  I32EnumAttrCase<"ceil", 4, "CEIL">,
  I32EnumAttrCase<"trunc", 5, "TRUNC">,
  I32EnumAttrCase<"odd", 6, "ODD">,
  I32EnumAttrCase<"cast_rint", 7, "CAST_RINT">
]>;
def Pto_RoundModeAttr : Pto_SpacedAttr<Pto_RoundModeEnum, "round_mode">;

// What an operation does to a FIFO between the cube core and its vector cores; no text form.
def Pto_FifoActionEnum : Pto_Enum<"FifoAction", "transfer operation of a FIFO", [
  I32EnumAttrCase<"talloc", 0>,
  I32EnumAttrCase<"tpush", 1>,
  I32EnumAttrCase<"tpop", 2>,
  I32EnumAttrCase<"tfree", 3>
]>;

#endif // PTO_ATTRS_TD
