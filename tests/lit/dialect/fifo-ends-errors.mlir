// RUN: pto-opt %s -split-input-file -verify-diagnostics

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-error@+1 {{unknown key 'depth'; expected one of id, dir_mask, slot_size, slot_num, local_slot_num, nosplit, unit_flag}}
  pto.aic_initialize_pipe {dir_mask = 1, depth = 8} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-error@+1 {{expected key 'slot_size' once}}
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-error@+1 {{expected 'false' or 'true'}}
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768, nosplit = 1} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-error@+1 {{unknown operand 'gm_slot'; expected gm_slot_tensor, gm_slot_buffer, c2v_consumer_buf or v2c_consumer_buf}}
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-error@+1 {{expected operand 'gm_slot_tensor' once}}
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>, gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-error@+1 {{'pto.aic_initialize_pipe' op requires attribute 'dir_mask'}}
  pto.aic_initialize_pipe {slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-error@+1 {{'pto.aic_initialize_pipe' op requires attribute 'slot_size'}}
  pto.aic_initialize_pipe {dir_mask = 1} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-error@+1 {{'pto.aic_initialize_pipe' op expected 'id' to be at least 0, got -1}}
  pto.aic_initialize_pipe {id = -1, dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-error@+1 {{'pto.aic_initialize_pipe' op expected 'dir_mask' to be 1 (cube to vector), 2 (vector to cube) or 3 (both), got 4}}
  pto.aic_initialize_pipe {dir_mask = 4, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-error@+1 {{'pto.aic_initialize_pipe' op expected 'slot_size' to be a positive multiple of 32 bytes, got 100}}
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 100} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-error@+1 {{'pto.aic_initialize_pipe' op expected 'slot_num' to be at least 1, got 0}}
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768, slot_num = 0} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-error@+1 {{'pto.aic_initialize_pipe' op expected 'local_slot_num' to be at least 1, got 0}}
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768, local_slot_num = 0} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-error@+1 {{'pto.aic_initialize_pipe' op expected 'unit_flag' only where the cube core pushes (dir_mask 1 or 3): it guards accumulators}}
  pto.aic_initialize_pipe {dir_mask = 2, slot_size = 32768, unit_flag = true} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-error@+1 {{'pto.aic_initialize_pipe' op expected in a cube kernel, got a vector kernel}}
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // expected-error@+1 {{'pto.aiv_initialize_pipe' op expected in a vector kernel, got a cube kernel}}
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

// Also where the other FIFO is out of scope.
func.func @f(%v: !pto.tensor_view<64x128xf32>, %n: index) {
  scf.for %i = %n to %n step %n {
    // expected-note@+1 {{first used here}}
    pto.aic_initialize_pipe {id = 1, dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  }
  // expected-error@+1 {{'pto.aic_initialize_pipe' op expected an id of its own, got 1 again}}
  pto.aic_initialize_pipe {id = 1, dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>, %p: !pto.ptr<f32>) {
  // expected-error@+1 {{'pto.aic_initialize_pipe' op expected either 'gm_slot_tensor' or 'gm_slot_buffer'}}
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>, gm_slot_buffer = %p : !pto.ptr<f32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>, %b: i32) {
  // expected-error@+1 {{'pto.aic_initialize_pipe' op expected no consumer buffer beside 'gm_slot_tensor', except 'c2v_consumer_buf' with dir_mask 1}}
  pto.aic_initialize_pipe {dir_mask = 2, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>, v2c_consumer_buf = %b : i32)
  return
}

// -----

func.func @f(%b: i32) {
  // expected-error@+1 {{'pto.aic_initialize_pipe' op expected 'gm_slot_tensor' or 'gm_slot_buffer': a FIFO is a ring in global memory}}
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (c2v_consumer_buf = %b : i32)
  return
}

// -----

func.func @f(%p: !pto.ptr<f32>, %b: i32) {
  // expected-error@+1 {{'pto.aic_initialize_pipe' op expected 'c2v_consumer_buf' for dir_mask 3}}
  pto.aic_initialize_pipe {dir_mask = 3, slot_size = 32768} (gm_slot_buffer = %p : !pto.ptr<f32>, v2c_consumer_buf = %b : i32)
  return
}

// -----

func.func @f(%p: !pto.ptr<f32>, %b: i32) {
  // expected-error@+1 {{'pto.aiv_initialize_pipe' op expected 'v2c_consumer_buf' for dir_mask 2}}
  pto.aiv_initialize_pipe {dir_mask = 2, slot_size = 32768} (gm_slot_buffer = %p : !pto.ptr<f32>, c2v_consumer_buf = %b : i32)
  return
}

// -----

// The depth of a one-way ring is 8 where slot_num is left out.
func.func @f(%p: !pto.ptr<f32>, %b: i32) {
  // expected-error@+1 {{'pto.aic_initialize_pipe' op expected 'local_slot_num' to be at most slot_num, 8, where tiles are popped, got 9}}
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768, local_slot_num = 9} (gm_slot_buffer = %p : !pto.ptr<f32>, c2v_consumer_buf = %b : i32)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<?x128xf32>) {
  // expected-error@+1 {{'pto.aic_initialize_pipe' op expected a slot tensor of static shape, got '!pto.tensor_view<?x128xf32>'}}
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<?x128xf32>)
  return
}

// -----

// The cube core sees whole slots.
func.func @f(%v: !pto.tensor_view<32x128xf32>) {
  // expected-error@+1 {{'pto.aic_initialize_pipe' op expected 'slot_size' to be the bytes of the slot tensor, 16384, got 32768}}
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<32x128xf32>) {
  // expected-error@+1 {{'pto.aiv_initialize_pipe' op expected 'slot_size' to be the bytes of the slot tensor, 16384, or twice that under split, got 65536}}
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 65536} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-note@+1 {{first used here}}
  pto.aic_initialize_pipe {id = 3, dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  // expected-error@+1 {{'pto.aic_initialize_pipe' op expected an id of its own, got 3 again}}
  pto.aic_initialize_pipe {id = 3, dir_mask = 2, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  pto.aic_initialize_pipe {id = 0, dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  pto.aic_initialize_pipe {id = 1, dir_mask = 3, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  pto.aic_initialize_pipe {id = 2, dir_mask = 3, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  pto.aic_initialize_pipe {id = 3, dir_mask = 3, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  pto.aic_initialize_pipe {id = 4, dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  // expected-error@+1 {{'pto.aic_initialize_pipe' op expected the FIFOs of a function to take at most 16 FFTS flags (2 for each direction), got 18}}
  pto.aic_initialize_pipe {id = 5, dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  // expected-note@+1 {{as here}}
  %a = pto.talloc_to_aiv {id = 0, split = 0} -> !pto.tensor_view<64x128xf32>
  pto.tpush_to_aiv(%a : !pto.tensor_view<64x128xf32>) {id = 0, split = 0}
  // expected-error@+1 {{'pto.talloc_to_aiv' op expected split 0 on FIFO 0, got 1}}
  %b = pto.talloc_to_aiv {id = 0, split = 1} -> !pto.tensor_view<64x128xf32>
  pto.tpush_to_aiv(%b : !pto.tensor_view<64x128xf32>) {id = 0, split = 1}
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-note@+1 {{as here}}
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768, nosplit = false} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  // expected-error@+1 {{'pto.talloc_to_aiv' op expected split 1 or 2 on FIFO 0, got 0}}
  %a = pto.talloc_to_aiv {id = 0, split = 0} -> !pto.tensor_view<64x128xf32>
  pto.tpush_to_aiv(%a : !pto.tensor_view<64x128xf32>) {id = 0, split = 0}
  return
}

// -----

//===-- Handle form -------------------------------------------------------===//

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-error@+1 {{unknown key 'id'; expected one of dir_mask, slot_size, slot_num, local_slot_num, flag_base, nosplit, unit_flag}}
  %p = pto.initialize_l2g2l_pipe{id = 0, dir_mask = 1, slot_size = 32768, slot_num = 8}(%v : !pto.tensor_view<64x128xf32>) -> !pto.pipe
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-error@+1 {{'pto.initialize_l2g2l_pipe' op requires attribute 'slot_num'}}
  %p = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 32768}(%v : !pto.tensor_view<64x128xf32>) -> !pto.pipe
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-error@+1 {{'pto.initialize_l2g2l_pipe' op expected 'flag_base' to be even with 2 flags below 16, got 3}}
  %p = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 32768, slot_num = 8, flag_base = 3}(%v : !pto.tensor_view<64x128xf32>) -> !pto.pipe
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-error@+1 {{'pto.initialize_l2g2l_pipe' op expected 'flag_base' to be even with 4 flags below 16, got 14}}
  %p = pto.initialize_l2g2l_pipe{dir_mask = 3, slot_size = 32768, slot_num = 8, flag_base = 14}(%v : !pto.tensor_view<64x128xf32>) -> !pto.pipe
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  // expected-note@+1 {{flags 0..3 are taken here}}
  %p = pto.initialize_l2g2l_pipe{dir_mask = 3, slot_size = 32768, slot_num = 8, flag_base = 0}(%v : !pto.tensor_view<64x128xf32>) -> !pto.pipe
  // expected-error@+1 {{'pto.initialize_l2g2l_pipe' op expected flags of its own, got 2..3}}
  %q = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 32768, slot_num = 8, flag_base = 2}(%v : !pto.tensor_view<64x128xf32>) -> !pto.pipe
  return
}

// -----

func.func @f(%gm: !pto.ptr<f32>, %b: i32) {
  // expected-error@+1 {{'pto.initialize_l2g2l_pipe' op expected 'local' before 'peer'}}
  %p = "pto.initialize_l2g2l_pipe"(%gm, %b) {dir_mask = 1 : i64, slot_size = 32768 : i64, slot_num = 8 : i64, operandSegmentSizes = array<i32: 1, 0, 1>} : (!pto.ptr<f32>, i32) -> !pto.pipe
  return
}

// -----

func.func @f(%gm: !pto.ptr<f32>, %b: i32) {
  // expected-error@+1 {{'pto.initialize_l2g2l_pipe' op expected 'local_slot_num' to be at most slot_num, 4, where tiles are popped, got 5}}
  %p = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 32768, slot_num = 4, local_slot_num = 5}(%gm : !pto.ptr<f32>, %b : i32) -> !pto.pipe
  return
}

// -----

//===-- Landing buffers ---------------------------------------------------===//

func.func @f() {
  // expected-error@+1 {{'pto.reserve_buffer' op expected 'location' to be vec or mat, got acc}}
  %0 = pto.reserve_buffer {name = "x", size = 1024, location = #pto.address_space<acc>, auto = true} -> i32
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'pto.reserve_buffer' op expected a positive 'size', got 0}}
  %0 = pto.reserve_buffer {name = "x", size = 0, location = #pto.address_space<vec>, auto = true} -> i32
  return
}

// -----

func.func @f() attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // expected-error@+1 {{'pto.reserve_buffer' op expected 'location' to be mat in a cube kernel, got vec}}
  %0 = pto.reserve_buffer {name = "x", size = 1024, location = #pto.address_space<vec>, auto = true} -> i32
  return
}

// -----

func.func @f() {
  %0 = pto.reserve_buffer {name = "x", size = 1024, location = #pto.address_space<vec>, auto = true} -> i32
  // expected-error@+1 {{'pto.reserve_buffer' op expected a name of its own, got "x" again}}
  %1 = pto.reserve_buffer {name = "x", size = 1024, location = #pto.address_space<vec>, auto = true} -> i32
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'pto.import_reserved_buffer' op expected 'peer_func' to name a function, got @g}}
  %0 = pto.import_reserved_buffer {name = "x", peer_func = @g} -> i32
  return
}

// -----

func.func @g() {
  return
}
func.func @f() {
  // expected-error@+1 {{'pto.import_reserved_buffer' op expected a reserve_buffer named "x" in @g}}
  %0 = pto.import_reserved_buffer {name = "x", peer_func = @g} -> i32
  return
}
