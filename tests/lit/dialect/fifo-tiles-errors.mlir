// RUN: pto-opt %s --split-input-file --verify-diagnostics

// Tiles that fill or read a slot part by part. A slot of these FIFOs has 32768 bytes, two tiles of
// the cube core or two pairs of tiles of the vector cores.

func.func @f(%gm: !pto.ptr<f32>, %in: i32, %t: !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  // expected-error@+1 {{'pto.tpush_to_aiv' op expected 'entry_offset' to be a multiple of 32 bytes and not negative, got -32}}
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, entry_offset = -32}
  return
}

// -----

func.func @f(%gm: !pto.ptr<f32>, %in: i32, %t: !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  // expected-error@+1 {{'pto.tpush_to_aiv' op expected 'entry_offset' to be a multiple of 32 bytes and not negative, got 16}}
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, entry_offset = 16}
  return
}

// -----

func.func @f(%gm: !pto.ptr<f32>, %in: i32) {
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  // expected-error@+1 {{'pto.tpop_from_aic' op expected 'entry_offset' to be a multiple of 32 bytes and not negative, got 8}}
  %p1 = pto.tpop_from_aic {split = 1, entry_offset = 8} -> !pto.tile_buf<vec, 32x64xf32>
  return
}

// -----

func.func @f(%gm: !pto.ptr<f32>, %in: i32, %t: !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  // expected-error@+1 {{'pto.tpush_to_aiv' op expected the tile inside a slot of 32768 bytes, got bytes 32768 to 49152}}
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, entry_offset = 32768}
  return
}

// -----

// Both vector cores read beside each other, from the offset on.
func.func @f(%gm: !pto.ptr<f32>, %in: i32) {
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  // expected-error@+1 {{'pto.tpop_from_aic' op expected the tile inside a slot of 32768 bytes, got bytes 24576 to 40960}}
  %p2 = pto.tpop_from_aic {split = 1, entry_offset = 24576} -> !pto.tile_buf<vec, 32x64xf32>
  return
}

// -----

// A push without allocation.
func.func @f(%gm: !pto.ptr<f32>, %in: i32, %t: !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  // expected-error@+1 {{'pto.tpush_to_aiv' op expected a slot at hand, from an earlier tile in the block that takes it (allocate) and does not give it away}}
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, allocate = false}
  return
}

// -----

// The slot at hand was handed over.
func.func @f(%gm: !pto.ptr<f32>, %in: i32, %t: !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1}
  // expected-error@+1 {{'pto.tpush_to_aiv' op expected a slot at hand, from an earlier tile in the block that takes it (allocate) and does not give it away}}
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, entry_offset = 16384, allocate = false}
  return
}

// -----

// The next slot is taken while the one before is open.
func.func @f(%gm: !pto.ptr<f32>, %in: i32, %t: !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  // expected-note@+1 {{the last tile of the slot before}}
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, record = false}
  // expected-error@+1 {{'pto.tpush_to_aiv' op expected the slot before to be given away (record) before the next is taken}}
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1}
  return
}

// -----

// A slot that is never handed over.
func.func @f(%gm: !pto.ptr<f32>, %in: i32, %t: !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  // expected-error@+1 {{'pto.tpush_to_aiv' op expected a later tile in the block that gives the slot away (record)}}
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, record = false}
  return
}

// -----

func.func @f(%gm: !pto.ptr<f32>, %in: i32, %t: !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, record = false}
  // expected-note@+2 {{by this tile}}
  // expected-error@+1 {{'pto.tpush_to_aiv' op expected the tiles of a slot side by side, got bytes 8192 to 16384 twice}}
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, entry_offset = 8192, allocate = false}
  return
}

// -----

func.func @f(%gm: !pto.ptr<f32>, %in: i32, %t: !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, entry_offset = 0, record = false}
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, entry_offset = 16384, allocate = false, record = false}
  // expected-note@+2 {{by this tile}}
  // expected-error@+1 {{'pto.tpush_to_aiv' op expected the tiles of a slot side by side, got bytes 16384 to 32768 twice}}
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, entry_offset = 16384, allocate = false}
  return
}

// -----

// A gap between tiles.
func.func @f(%gm: !pto.ptr<f32>, %in: i32, %t: !pto.tile_buf<acc, 32x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 32x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, record = false}
  // expected-error@+1 {{'pto.tpush_to_aiv' op expected a slot filled without a gap before it is handed over, got nothing in bytes 8192 to 16384}}
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 32x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, entry_offset = 16384, allocate = false}
  return
}

// -----

// A gap at the start; tiles may come in any order.
func.func @f(%gm: !pto.ptr<f32>, %in: i32, %t: !pto.tile_buf<acc, 32x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 32x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, entry_offset = 16384, record = false}
  // expected-error@+1 {{'pto.tpush_to_aiv' op expected a slot filled without a gap before it is handed over, got nothing in bytes 0 to 8192}}
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 32x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, entry_offset = 8192, allocate = false}
  return
}

// -----

// A gap at the end.
func.func @f(%gm: !pto.ptr<f32>, %in: i32, %t: !pto.tile_buf<acc, 32x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 32x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, record = false}
  // expected-error@+1 {{'pto.tpush_to_aiv' op expected a slot filled without a gap before it is handed over, got nothing in bytes 16384 to 32768}}
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 32x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, entry_offset = 8192, allocate = false}
  return
}

// -----

func.func @f(%gm: !pto.ptr<f32>, %in: i32) {
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  // expected-error@+1 {{'pto.tpop_from_aic' op expected a slot at hand, from an earlier tile in the block that takes it (wait) and does not give it away}}
  %p3 = pto.tpop_from_aic {split = 1, wait = false} -> !pto.tile_buf<vec, 32x64xf32>
  return
}

// -----

func.func @f(%gm: !pto.ptr<f32>, %in: i32) {
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  // expected-note@+1 {{the last tile of the slot before}}
  %p4 = pto.tpop_from_aic {split = 1, free = false} -> !pto.tile_buf<vec, 32x64xf32>
  // expected-error@+1 {{'pto.tpop_from_aic' op expected the slot before to be given away (free) before the next is taken}}
  %p5 = pto.tpop_from_aic {split = 1} -> !pto.tile_buf<vec, 32x64xf32>
  return
}

// -----

// A pop that is never freed.
func.func @f(%gm: !pto.ptr<f32>, %in: i32) {
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  // expected-error@+1 {{'pto.tpop_from_aic' op expected a later tile in the block that gives the slot away (free)}}
  %p6 = pto.tpop_from_aic {split = 1, free = false} -> !pto.tile_buf<vec, 32x64xf32>
  return
}

// -----

// Nowhere to land.
func.func @f(%v: !pto.tensor_view<32x128xf32>) {
  // expected-note@+1 {{opened here, without 'c2v_consumer_buf'}}
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  // expected-error@+1 {{'pto.tpop_from_aic' op expected a FIFO with a landing buffer for the tiles that are popped}}
  %t = pto.tpop_from_aic {split = 1} -> !pto.tile_buf<vec, 32x128xf32>
  return
}

// -----

func.func @f(%gm: !pto.ptr<f16>, %t: !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // expected-note@+1 {{opened here, without 'v2c_consumer_buf'}}
  %p = pto.initialize_l2g2l_pipe{dir_mask = 2, slot_size = 16384, slot_num = 8}(%gm : !pto.ptr<f16>) -> !pto.pipe
  // expected-error@+1 {{'pto.tpop' op expected a FIFO with a landing buffer for the tiles that are popped}}
  pto.tpop(%t, %p : !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>, !pto.pipe) {split = 1}
  return
}

// -----

// Parts are of tiles; a view is of the whole slot.
func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  %e = pto.talloc_to_aiv {split = 1} -> !pto.tensor_view<64x128xf32>
  // expected-error@+1 {{'pto.tpush_to_aiv' op expected 'entry_offset', 'allocate' and 'record' only with a tile: a view is of the whole slot}}
  pto.tpush_to_aiv(%e : !pto.tensor_view<64x128xf32>) {split = 1, record = false}
  return
}

// -----

func.func @f(%v: !pto.tensor_view<32x128xf32>) {
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  // expected-error@+1 {{'pto.tpop_from_aic' op expected 'entry_offset', 'wait' and 'free' only with a tile: a view is of the whole slot}}
  %e = pto.tpop_from_aic {split = 1, entry_offset = 64} -> !pto.tensor_view<32x128xf32>
  return
}

// -----

func.func @f(%v: !pto.tensor_view<32x128xf32>) {
  // expected-error@+1 {{unknown key 'record'; expected entry_offset, wait or free}}
  %e = pto.tpop_from_aic {split = 1, record = false} -> !pto.tensor_view<32x128xf32>
  return
}

// -----

func.func @f(%t: !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {
  // expected-error@+1 {{expected key 'record' once}}
  pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, record = false, record = true}
  return
}

// -----

func.func @f(%v: !pto.tensor_view<32x128xf32>, %b: i32) {
  // expected-error@+1 {{'pto.aiv_initialize_pipe' op expected 'local_slot_num' to be at most slot_num, 8, where tiles are popped, got 9}}
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768, local_slot_num = 9} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>, c2v_consumer_buf = %b : i32)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<32x128xf32>) {
  // expected-error@+1 {{'pto.aiv_initialize_pipe' op expected 'consumer_sync_period' to be at least 1, got 0}}
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768, consumer_sync_period = 0} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  return
}
