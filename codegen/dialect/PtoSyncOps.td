// Order between the pipes of one core.
#ifndef PTO_SYNC_OPS_TD
#define PTO_SYNC_OPS_TD

include "PtoFifoOps.td"

class Pto_FlagOp<string mnemonic, string what> : Pto_Op<mnemonic, Pto_SyncEffects> {
  let summary = what;
  let arguments = (ins Pto_PipeAttr:$src_pipe, Pto_PipeAttr:$dst_pipe, Pto_EventAttr:$event_id);
  let assemblyFormat = "`[` $src_pipe `,` $dst_pipe `,` $event_id `]` attr-dict";
  let hasVerifier = 1;
}
def Pto_SetFlagOp
    : Pto_FlagOp<"set_flag", "set the flag when earlier work of src_pipe is done">;
def Pto_WaitFlagOp
    : Pto_FlagOp<"wait_flag", "dst_pipe goes on when the flag is set; consumes it">;

class Pto_FlagDynOp<string mnemonic, string what> : Pto_Op<mnemonic, Pto_SyncEffects> {
  let summary = what;
  let arguments = (ins Pto_PipeAttr:$src_pipe, Pto_PipeAttr:$dst_pipe, Index:$event_id);
  let assemblyFormat = "`[` $src_pipe `,` $dst_pipe `,` $event_id `]` attr-dict";
  let hasVerifier = 1;
}
def Pto_SetFlagDynOp : Pto_FlagDynOp<"set_flag_dyn", "set_flag with a computed event id">;
def Pto_WaitFlagDynOp : Pto_FlagDynOp<"wait_flag_dyn", "wait_flag with a computed event id">;

def Pto_BarrierOp : Pto_Op<"barrier", Pto_SyncEffects> {
  let summary = "the pipe finishes what it has before it goes on";
  let arguments = (ins Pto_PipeAttr:$pipe);
  let assemblyFormat = "$pipe attr-dict";
  let hasVerifier = 1;
}

def Pto_SetFftsOp : Pto_Op<"set_ffts", Pto_SyncEffects> {
  let summary = "base address of the FFTS flags between the cores; in the entry function";
  let description = "The assembler's version 0.49 takes a memref, later ones a pointer.";
  let arguments = (ins AnyTypeOf<[Pto_Ptr, AnyMemRef]>:$ffts);
  let assemblyFormat = "$ffts attr-dict `:` qualified(type($ffts))";
  let hasVerifier = 1;
}

#endif // PTO_SYNC_OPS_TD
