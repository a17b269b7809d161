// RUN: pto-opt %s --pto-lower-frontend-pipes=soc=%soc --split-input-file --verify-diagnostics

// The target's headers have no place for a period of the consumer.
func.func @cube(%v : !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // expected-error @+1 {{asks for consumer_sync_period 2; expected none: the TPipe of Ascend910B2's headers (a2a3) takes no such argument and derives 4 from slot_num 8}}
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768, consumer_sync_period = 2} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}
func.func @vector(%v : !pto.tensor_view<32x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768, consumer_sync_period = 2} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  return
}

// -----

func.func @cube(%v : !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // expected-error @+1 {{disagree on consumer_sync_period: 2 here, the default there}}
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768, consumer_sync_period = 2} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}
func.func @vector(%v : !pto.tensor_view<32x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-note @+1 {{the vector end}}
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  return
}

// -----

// One end pops tiles, the other does not know where they land.
func.func @cube(%v : !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // expected-error @+1 {{disagree on c2v_consumer_buf: none here, "in" of @vector there}}
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}
func.func @vector(%gm : !pto.ptr<f32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %in = pto.reserve_buffer {name = "in", size = 32768, location = #pto.address_space<vec>, auto = true} -> i32
  // expected-note @+1 {{the vector end}}
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  return
}

// -----

func.func @cube(%gm : !pto.ptr<f16>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %in = pto.reserve_buffer {name = "p", size = 32768, location = #pto.address_space<mat>, auto = true} -> i32
  // expected-error @+1 {{disagree on v2c_consumer_buf: "p" of @cube here, an address there}}
  pto.aic_initialize_pipe {dir_mask = 2, slot_size = 16384} (gm_slot_buffer = %gm : !pto.ptr<f16>, v2c_consumer_buf = %in : i32)
  return
}
func.func @vector(%gm : !pto.ptr<f16>, %in : i32) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-note @+1 {{the vector end}}
  pto.aiv_initialize_pipe {dir_mask = 2, slot_size = 16384} (gm_slot_buffer = %gm : !pto.ptr<f16>, v2c_consumer_buf = %in : i32)
  return
}

// -----

func.func @cube(%gm : !pto.ptr<f32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %in = pto.import_reserved_buffer {name = "in", peer_func = @vector} -> i32
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  return
}
func.func @vector(%gm : !pto.ptr<f32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-note @+1 {{reserved here}}
  %in = pto.reserve_buffer {name = "in", size = 16384, location = #pto.address_space<vec>, auto = true} -> i32
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  // expected-error @+1 {{needs a landing buffer of 32768 bytes (2 local slots 16384 bytes apart, the last of 16384), got 16384}}
  %t = pto.tpop_from_aic {split = 1} -> !pto.tile_buf<vec, 32x128xf32>
  return
}

// -----

func.func @cube(%gm : !pto.ptr<f32>, %in : i32) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  return
}
func.func @vector(%gm : !pto.ptr<f32>, %in : i32) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  // expected-error @+1 {{lands in no reserved buffer; expected a pto.reserve_buffer of this function as the FIFO's consumer buffer}}
  %t = pto.tpop_from_aic {split = 1} -> !pto.tile_buf<vec, 32x128xf32>
  return
}

// -----

func.func @cube(%gm : !pto.ptr<f32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %in = pto.import_reserved_buffer {name = "in", peer_func = @vector} -> i32
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32, slot_num = 32, local_slot_num = 17} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  return
}
func.func @vector(%gm : !pto.ptr<f32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %in = pto.reserve_buffer {name = "in", size = 32768, location = #pto.address_space<vec>, auto = true} -> i32
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32, slot_num = 32, local_slot_num = 17} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  // expected-error @+1 {{lands in 17 local slots; expected at most 16}}
  %t = pto.tpop_from_aic {split = 0} -> !pto.tile_buf<vec, 1x8xf32>
  return
}

// -----

func.func @cube(%gm : !pto.ptr<f32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %in = pto.import_reserved_buffer {name = "in", peer_func = @vector} -> i32
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  return
}
func.func @vector(%gm : !pto.ptr<f32>, %n : index) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %in = pto.reserve_buffer {name = "in", size = 32768, location = #pto.address_space<vec>, auto = true} -> i32
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  // expected-note @+1 {{in this operation}}
  scf.for %t = %c0 to %n step %c2 {
    // expected-error @+1 {{pops a tile whose slot cannot be counted; expected loops of step 1 that take equally many slots in every trip}}
    %x = pto.tpop_from_aic {split = 1} -> !pto.tile_buf<vec, 32x128xf32>
  }
  return
}
