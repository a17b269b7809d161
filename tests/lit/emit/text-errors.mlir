// RUN: pto-opt %s --pto-print-text=ptoas=v0.60 --split-input-file --verify-diagnostics
// RUN: pto-opt %s --pto-print-text=ptoas=none --split-input-file > /dev/null
//
// What upstream's assembler has no place for, and what something reads, is not left out.

!slots = !pto.ptr<f32>
!part = !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>

func.func @offset(%ring: !slots, %landing: i32) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  pto.aic_initialize_pipe {id = 0, dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %ring : !slots, c2v_consumer_buf = %landing : i32)
  %acc = pto.alloc_tile : !part
  // expected-error @+1 {{has record = false: the assembler v0.60 has no place for it; expected --ptoas none, or a point without it}}
  pto.tpush_to_aiv(%acc : !part) {id = 0, split = 1, entry_offset = 0, allocate = true, record = false}
  pto.tpush_to_aiv(%acc : !part) {id = 0, split = 1, entry_offset = 16384, allocate = false, record = true}
  return
}
