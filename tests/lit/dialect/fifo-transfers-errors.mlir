// RUN: pto-opt %s -split-input-file -verify-diagnostics

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  // expected-error@+1 {{expected 'split' = 0, 1 or 2}}
  %e = pto.talloc_to_aiv {id = 0, entry_offset = 0} -> !pto.tensor_view<64x128xf32>
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  // expected-error@+1 {{'pto.talloc_to_aiv' op expected 'split' to be 0 (none), 1 (up/down) or 2 (left/right), got 3}}
  %e = pto.talloc_to_aiv {id = 0, split = 3} -> !pto.tensor_view<64x128xf32>
  return
}

// -----

func.func @f() attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-error@+1 {{'pto.talloc_to_aiv' op expected in a cube kernel, got a vector kernel}}
  %e = pto.talloc_to_aiv {id = 0, split = 1} -> !pto.tensor_view<64x128xf32>
  return
}

// -----

func.func @f() attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // expected-error@+1 {{'pto.talloc_to_aic' op expected in a vector kernel, got a cube kernel}}
  %e = pto.talloc_to_aic {id = 0, split = 1} -> !pto.tensor_view<64x128xf32>
  return
}

// -----

func.func @f(%e: !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-error@+1 {{'pto.tpush_to_aiv' op expected in a cube kernel, got a vector kernel}}
  pto.tpush_to_aiv(%e : !pto.tensor_view<64x128xf32>) {id = 0, split = 1}
  return
}

// -----

func.func @f() attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // expected-error@+1 {{'pto.tpop_from_aic' op expected in a vector kernel, got a cube kernel}}
  %e = pto.tpop_from_aic {id = 0, split = 1} -> !pto.tensor_view<64x128xf32>
  return
}

// -----

func.func @f(%e: !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // expected-error@+1 {{'pto.tfree_from_aic' op expected in a vector kernel, got a cube kernel}}
  pto.tfree_from_aic(%e : !pto.tensor_view<64x128xf32>) {id = 0, split = 1}
  return
}

// -----

func.func @f(%e: !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-error@+1 {{'pto.tfree_from_aiv' op expected in a cube kernel, got a vector kernel}}
  pto.tfree_from_aiv(%e : !pto.tensor_view<64x128xf32>) {id = 0, split = 1}
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'pto.tpop_from_aiv' op expected a FIFO with id 7 that this function has opened}}
  %e = pto.tpop_from_aiv {id = 7, split = 1} -> !pto.tensor_view<64x128xf32>
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-error@+1 {{'pto.talloc_to_aiv' op expected a FIFO with id 0 that this function has opened}}
  %e = pto.talloc_to_aiv {id = 0, split = 1} -> !pto.tensor_view<64x128xf32>
  pto.tpush_to_aiv(%e : !pto.tensor_view<64x128xf32>) {id = 0, split = 1}
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

// The FIFO of a loop's body is closed at its end.
func.func @f(%v: !pto.tensor_view<64x128xf32>, %n: index) {
  scf.for %i = %n to %n step %n {
    pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  }
  // expected-error@+1 {{'pto.talloc_to_aiv' op expected a FIFO with id 0 that this function has opened}}
  %e = pto.talloc_to_aiv {id = 0, split = 1} -> !pto.tensor_view<64x128xf32>
  pto.tpush_to_aiv(%e : !pto.tensor_view<64x128xf32>) {id = 0, split = 1}
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-note@+1 {{opened here}}
  pto.aic_initialize_pipe {dir_mask = 2, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  // expected-error@+1 {{'pto.talloc_to_aiv' op expected a FIFO that goes cube to vector, got dir_mask 2}}
  %e = pto.talloc_to_aiv {id = 0, split = 1} -> !pto.tensor_view<64x128xf32>
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-note@+1 {{opened here}}
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  // expected-error@+1 {{'pto.tpop_from_aiv' op expected a FIFO that goes vector to cube, got dir_mask 1}}
  %e = pto.tpop_from_aiv {id = 0, split = 1} -> !pto.tensor_view<64x128xf32>
  return
}

// -----

func.func @f(%gm: !pto.ptr<f32>, %b: i32) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %b : i32)
  // expected-error@+1 {{'pto.talloc_to_aiv' op expected a tile as entry: the FIFO has no slot tensor}}
  %e = pto.talloc_to_aiv {id = 0, split = 1} -> !pto.tensor_view<64x128xf32>
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  // expected-error@+1 {{'pto.talloc_to_aiv' op expected an entry of the FIFO's slot type, '!pto.tensor_view<64x128xf32>', got '!pto.tensor_view<128x64xf32>'}}
  %e = pto.talloc_to_aiv {id = 0, split = 1} -> !pto.tensor_view<128x64xf32>
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  // expected-error@+1 {{'pto.talloc_to_aiv' op expected an entry of the FIFO's slot type, '!pto.tensor_view<64x128xf32>', got '!pto.tensor_view<64x128xi32>'}}
  %e = pto.talloc_to_aiv {id = 0, split = 1} -> !pto.tensor_view<64x128xi32>
  return
}

// -----

// Under split a vector core's entry is half a slot.
func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  // expected-error@+1 {{'pto.tpop_from_aic' op expected an entry of 16384 bytes, half a slot at split 1, got 32768}}
  %e = pto.tpop_from_aic {id = 0, split = 1} -> !pto.tensor_view<64x128xf32>
  return
}

// -----

// Without split it is a whole slot.
func.func @f(%v: !pto.tensor_view<32x128xf32>) {
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  // expected-error@+1 {{'pto.tpop_from_aic' op expected an entry of 32768 bytes, a slot at split 0, got 16384}}
  %e = pto.tpop_from_aic {id = 0, split = 0} -> !pto.tensor_view<32x128xf32>
  return
}

// -----

func.func @f(%gm: !pto.ptr<f32>, %b: i32, %t: !pto.tile_buf<mat, 64x128xf32, blayout=col_major, slayout=row_major>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %b : i32)
  // expected-error@+1 {{'pto.tpush_to_aiv' op expected a tile in acc as entry, got mat}}
  pto.tpush_to_aiv(%t : !pto.tile_buf<mat, 64x128xf32, blayout=col_major, slayout=row_major>) {id = 0, split = 1}
  return
}

// -----

func.func @f(%gm: !pto.ptr<f32>, %b: i32) {
  pto.aic_initialize_pipe {dir_mask = 2, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, v2c_consumer_buf = %b : i32)
  // expected-error@+1 {{'pto.tpop_from_aiv' op expected a tile in mat as entry, got vec}}
  %t = pto.tpop_from_aiv {id = 0, split = 1} -> !pto.tile_buf<vec, 32x128xf32>
  return
}

// -----

func.func @f(%gm: !pto.ptr<f32>, %b: i32) {
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %b : i32)
  // expected-error@+1 {{'pto.tpop_from_aic' op expected an entry of at most 16384 bytes at split 1, got 32768}}
  %t = pto.tpop_from_aic {id = 0, split = 1} -> !pto.tile_buf<vec, 64x128xf32>
  return
}

// -----

//===-- Reserve, commit, release ------------------------------------------===//

// A push without talloc.
func.func @f(%v: !pto.tensor_view<64x128xf32>, %p: !pto.ptr<f32>, %i: index) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  // expected-note@+1 {{it is made here}}
  %e = pto.make_tensor_view %p, shape = [%i, %i], strides = [%i, %i] : !pto.tensor_view<64x128xf32>
  // expected-error@+1 {{'pto.tpush_to_aiv' op expected an entry that a talloc of FIFO 0 yields}}
  pto.tpush_to_aiv(%e : !pto.tensor_view<64x128xf32>) {id = 0, split = 1}
  return
}

// -----

// A free without pop: the entry was reserved, not popped.
func.func @f(%v: !pto.tensor_view<32x128xf32>) {
  pto.aiv_initialize_pipe {dir_mask = 3, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  // expected-note@+1 {{it is made here}}
  %e = pto.talloc_to_aic {id = 0, split = 1} -> !pto.tensor_view<32x128xf32>
  // expected-error@+1 {{'pto.tfree_from_aic' op expected an entry that a tpop of FIFO 0 yields}}
  pto.tfree_from_aic(%e : !pto.tensor_view<32x128xf32>) {id = 0, split = 1}
  pto.tpush_to_aic(%e : !pto.tensor_view<32x128xf32>) {id = 0, split = 1}
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  pto.aic_initialize_pipe {id = 0, dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  pto.aic_initialize_pipe {id = 1, dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  // expected-note@+1 {{the entry comes from here}}
  %e = pto.talloc_to_aiv {id = 0, split = 1} -> !pto.tensor_view<64x128xf32>
  // expected-error@+1 {{'pto.tpush_to_aiv' op expected id and split of the entry's talloc, 0 and 1, got 1 and 1}}
  pto.tpush_to_aiv(%e : !pto.tensor_view<64x128xf32>) {id = 1, split = 1}
  pto.tpush_to_aiv(%e : !pto.tensor_view<64x128xf32>) {id = 0, split = 1}
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  // expected-error@+1 {{'pto.talloc_to_aiv' op expected a tpush of the slot that it yields}}
  %e = pto.talloc_to_aiv {id = 0, split = 1} -> !pto.tensor_view<64x128xf32>
  return
}

// -----

func.func @f(%v: !pto.tensor_view<32x128xf32>, %i: index) {
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  // expected-error@+1 {{'pto.tpop_from_aic' op expected a tfree of the slot that it yields}}
  %e = pto.tpop_from_aic {id = 0, split = 1} -> !pto.tensor_view<32x128xf32>
  %w = pto.partition_view %e, offsets = [%i, %i], sizes = [%i, %i] : !pto.tensor_view<32x128xf32> -> !pto.partition_tensor_view<32x128xf32>
  return
}

// -----

// A slot is pushed once.
func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  %e = pto.talloc_to_aiv {id = 0, split = 1} -> !pto.tensor_view<64x128xf32>
  // expected-note@+1 {{the slot is handed over here}}
  pto.tpush_to_aiv(%e : !pto.tensor_view<64x128xf32>) {id = 0, split = 1}
  // expected-error@+1 {{'pto.tpush_to_aiv' op expected no use of a slot behind its tpush}}
  pto.tpush_to_aiv(%e : !pto.tensor_view<64x128xf32>) {id = 0, split = 1}
  return
}

// -----

// A load from a slot that went back to the producer.
func.func @f(%v: !pto.tensor_view<32x128xf32>, %t: !pto.tile_buf<vec, 32x128xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %c128 = arith.constant 128 : index
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  %e = pto.tpop_from_aic {id = 0, split = 1} -> !pto.tensor_view<32x128xf32>
  %w = pto.partition_view %e, offsets = [%c0, %c0], sizes = [%c32, %c128] : !pto.tensor_view<32x128xf32> -> !pto.partition_tensor_view<32x128xf32>
  // expected-note@+1 {{the slot is handed over here}}
  pto.tfree_from_aic(%e : !pto.tensor_view<32x128xf32>) {id = 0, split = 1}
  scf.for %i = %c0 to %n step %c32 {
    // expected-error@+1 {{'pto.tload' op expected no use of a slot behind its tfree}}
    pto.tload ins(%w : !pto.partition_tensor_view<32x128xf32>) outs(%t : !pto.tile_buf<vec, 32x128xf32>)
  }
  return
}

// -----

//===-- Handle form -------------------------------------------------------===//

func.func @f(%v: !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %p = pto.initialize_l2g2l_pipe{dir_mask = 2, slot_size = 32768, slot_num = 8}(%v : !pto.tensor_view<64x128xf32>) -> !pto.pipe
  %e = pto.declare_global -> !pto.tensor_view<64x128xf32>
  // expected-error@+1 {{'pto.talloc' op expected in a vector kernel, as the FIFO goes vector to cube, got a cube kernel}}
  pto.talloc(%e, %p : !pto.tensor_view<64x128xf32>, !pto.pipe) {split = 0}
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %p = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 32768, slot_num = 8}(%v : !pto.tensor_view<64x128xf32>) -> !pto.pipe
  %e = pto.declare_global -> !pto.tensor_view<64x128xf32>
  // expected-error@+1 {{'pto.tpush' op expected a talloc of the same FIFO that points the entry at a slot}}
  pto.tpush(%e, %p : !pto.tensor_view<64x128xf32>, !pto.pipe) {split = 0}
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %p = pto.initialize_l2g2l_pipe{dir_mask = 2, slot_size = 32768, slot_num = 8}(%v : !pto.tensor_view<64x128xf32>) -> !pto.pipe
  %e = pto.declare_global -> !pto.tensor_view<64x128xf32>
  // expected-error@+1 {{'pto.tpop' op expected a tfree of the slot that it yields}}
  pto.tpop(%e, %p : !pto.tensor_view<64x128xf32>, !pto.pipe) {split = 0}
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %p = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 32768, slot_num = 8}(%v : !pto.tensor_view<64x128xf32>) -> !pto.pipe
  %e = pto.declare_global -> !pto.tensor_view<32x128xf32>
  // expected-error@+1 {{'pto.talloc' op expected an entry of the FIFO's slot type, '!pto.tensor_view<64x128xf32>', got '!pto.tensor_view<32x128xf32>'}}
  pto.talloc(%e, %p : !pto.tensor_view<32x128xf32>, !pto.pipe) {split = 0}
  return
}
