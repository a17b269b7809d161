// RUN: pto-opt %s | pto-opt | FileCheck %s

// Keys and operands come in any order; defaults are not printed.
// CHECK-LABEL: func.func @cube_tensor
func.func @cube_tensor(%v: !pto.tensor_view<64x128xf32>, %w: !pto.tensor_view<64x128xf16>)
    attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // CHECK: pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %{{.*}} : !pto.tensor_view<64x128xf32>)
  pto.aic_initialize_pipe {slot_size = 32768, dir_mask = 1, id = 0} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  // CHECK: pto.aic_initialize_pipe {id = 1, dir_mask = 2, slot_size = 16384, slot_num = 8, local_slot_num = 2, nosplit = false} (gm_slot_tensor = %{{.*}} : !pto.tensor_view<64x128xf16>)
  pto.aic_initialize_pipe {id = 1, dir_mask = 2, slot_size = 16384, nosplit = false, local_slot_num = 2, slot_num = 8} (gm_slot_tensor = %w : !pto.tensor_view<64x128xf16>)
  // CHECK: pto.aic_initialize_pipe {id = 2, dir_mask = 1, slot_size = 32768, unit_flag = true} (gm_slot_tensor
  pto.aic_initialize_pipe {id = 2, dir_mask = 1, slot_size = 32768, unit_flag = true} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  // CHECK: %[[E:.*]] = pto.talloc_to_aiv {id = 0, split = 1} -> !pto.tensor_view<64x128xf32>
  %e = pto.talloc_to_aiv {id = 0, split = 1} -> !pto.tensor_view<64x128xf32>
  // CHECK: pto.tpush_to_aiv(%[[E]] : !pto.tensor_view<64x128xf32>) {id = 0, split = 1}
  pto.tpush_to_aiv(%e : !pto.tensor_view<64x128xf32>) {split = 1}
  // CHECK: %[[P:.*]] = pto.tpop_from_aiv {id = 1, split = 2} -> !pto.tensor_view<64x128xf16>
  %p = pto.tpop_from_aiv {id = 1, split = 2} -> !pto.tensor_view<64x128xf16>
  // CHECK: pto.tfree_from_aiv(%[[P]] : !pto.tensor_view<64x128xf16>) {id = 1, split = 2}
  pto.tfree_from_aiv(%p : !pto.tensor_view<64x128xf16>) {id = 1, split = 2}
  return
}

// The vector core's view is its half of a slot under split.
// CHECK-LABEL: func.func @vector_tensor
func.func @vector_tensor(%v: !pto.tensor_view<32x128xf32>, %w: !pto.tensor_view<64x128xf16>)
    attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // CHECK: pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  // CHECK: pto.aiv_initialize_pipe {id = 1, dir_mask = 2, slot_size = 16384, nosplit = true} (
  pto.aiv_initialize_pipe {id = 1, dir_mask = 2, slot_size = 16384, nosplit = true} (gm_slot_tensor = %w : !pto.tensor_view<64x128xf16>)
  // CHECK: %[[E:.*]] = pto.tpop_from_aic {id = 0, split = 1} -> !pto.tensor_view<32x128xf32>
  %e = pto.tpop_from_aic {id = 0, split = 1} -> !pto.tensor_view<32x128xf32>
  // CHECK: pto.tfree_from_aic(%[[E]] : !pto.tensor_view<32x128xf32>) {id = 0, split = 1}
  pto.tfree_from_aic(%e : !pto.tensor_view<32x128xf32>) {id = 0, split = 1}
  // CHECK: %[[P:.*]] = pto.talloc_to_aic {id = 1, split = 0} -> !pto.tensor_view<64x128xf16>
  %p = pto.talloc_to_aic {id = 1, split = 0} -> !pto.tensor_view<64x128xf16>
  // CHECK: pto.tpush_to_aic(%[[P]] : !pto.tensor_view<64x128xf16>) {id = 1, split = 0}
  pto.tpush_to_aic(%p : !pto.tensor_view<64x128xf16>) {id = 1, split = 0}
  return
}

// Tiles as entries: landing buffers are reserved by the consumer and imported by the producer.
// CHECK-LABEL: func.func @cube_tiles
func.func @cube_tiles(%gm: !pto.ptr<f32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // CHECK: %[[C:.*]] = pto.import_reserved_buffer{name = "qk_in", peer_func = @vector_tiles} -> i32
  %c = pto.import_reserved_buffer {name = "qk_in", peer_func = @vector_tiles} -> i32
  // CHECK: %[[V:.*]] = pto.reserve_buffer{name = "p_in", size = 32768, location = #pto.address_space<mat>, auto = true} -> i32
  %v = pto.reserve_buffer {name = "p_in", size = 32768, location = #pto.address_space<mat>, auto = true} -> i32
  // CHECK: pto.aic_initialize_pipe {dir_mask = 3, slot_size = 32768, slot_num = 4, local_slot_num = 2} (gm_slot_buffer = %{{.*}} : !pto.ptr<f32, gm>, c2v_consumer_buf = %[[C]] : i32, v2c_consumer_buf = %[[V]] : i32)
  pto.aic_initialize_pipe {dir_mask = 3, slot_size = 32768, slot_num = 4, local_slot_num = 2} (v2c_consumer_buf = %v : i32, gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %c : i32)
  %acc = pto.alloc_tile : !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>
  // CHECK: pto.tpush_to_aiv(%{{.*}} : !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>) {id = 0, split = 1}
  pto.tpush_to_aiv(%acc : !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>) {id = 0, split = 1}
  // CHECK: pto.tpop_from_aiv {id = 0, split = 1} -> !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>
  %p = pto.tpop_from_aiv {id = 0, split = 1} -> !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>
  // CHECK: pto.tfree_from_aiv {id = 0, split = 1}
  pto.tfree_from_aiv {id = 0, split = 1}
  return
}
// CHECK-LABEL: func.func @vector_tiles
func.func @vector_tiles(%gm: !pto.ptr<f32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // CHECK: pto.reserve_buffer{name = "qk_in", size = 32768, location = #pto.address_space<vec>, auto = false, base = 4096} -> i32
  %c = pto.reserve_buffer {name = "qk_in", size = 32768, location = #pto.address_space<vec>, auto = false, base = 4096} -> i32
  %v = pto.import_reserved_buffer {name = "p_in", peer_func = @cube_tiles} -> i32
  pto.aiv_initialize_pipe {dir_mask = 3, slot_size = 32768, slot_num = 4, local_slot_num = 2} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %c : i32, v2c_consumer_buf = %v : i32)
  %s = pto.tpop_from_aic {id = 0, split = 1} -> !pto.tile_buf<vec, 32x128xf32>
  // CHECK: pto.tfree_from_aic(%{{.*}} : !pto.tile_buf<vec, 32x128xf32>) {id = 0, split = 1}
  pto.tfree_from_aic(%s : !pto.tile_buf<vec, 32x128xf32>) {id = 0, split = 1}
  return
}

// CHECK-LABEL: func.func @handles
func.func @handles(%v: !pto.tensor_view<64x128xf32>, %gm: !pto.ptr<f16>, %local: i32, %peer: i32)
    attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // CHECK: %[[QK:.*]] = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 32768, slot_num = 8, local_slot_num = 2, flag_base = 0, nosplit = false}(%{{.*}} : !pto.tensor_view<64x128xf32>) -> !pto.pipe
  %qk = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 32768, slot_num = 8, local_slot_num = 2, flag_base = 0, nosplit = false}(%v : !pto.tensor_view<64x128xf32>) -> !pto.pipe
  // CHECK: pto.initialize_l2g2l_pipe{dir_mask = 3, slot_size = 32768, slot_num = 4, flag_base = 2, unit_flag = true}(%{{.*}} : !pto.ptr<f16, gm>, %{{.*}} : i32, %{{.*}} : i32) -> !pto.pipe
  %p = pto.initialize_l2g2l_pipe{dir_mask = 3, slot_size = 32768, slot_num = 4, flag_base = 2, unit_flag = true}(%gm : !pto.ptr<f16>, %local : i32, %peer : i32) -> !pto.pipe
  // CHECK: %[[E:.*]] = pto.declare_global -> !pto.tensor_view<64x128xf32>
  %e = pto.declare_global -> !pto.tensor_view<64x128xf32>
  // CHECK: pto.talloc(%[[E]], %[[QK]] : !pto.tensor_view<64x128xf32>, !pto.pipe) {split = 1}
  pto.talloc(%e, %qk : !pto.tensor_view<64x128xf32>, !pto.pipe) {split = 1}
  // CHECK: pto.tpush(%[[E]], %[[QK]] : !pto.tensor_view<64x128xf32>, !pto.pipe) {split = 1}
  pto.tpush(%e, %qk : !pto.tensor_view<64x128xf32>, !pto.pipe) {split = 1}
  return
}

// CHECK-LABEL: func.func @consumer
func.func @consumer(%v: !pto.tensor_view<32x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %qk = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 32768, slot_num = 8, flag_base = 0}(%v : !pto.tensor_view<32x128xf32>) -> !pto.pipe
  %e = pto.declare_global -> !pto.tensor_view<32x128xf32>
  // CHECK: pto.tpop(%[[E:.*]], %[[QK:.*]] : !pto.tensor_view<32x128xf32>, !pto.pipe) {split = 1}
  pto.tpop(%e, %qk : !pto.tensor_view<32x128xf32>, !pto.pipe) {split = 1}
  // CHECK: pto.tfree(%[[E]], %[[QK]] : !pto.tensor_view<32x128xf32>, !pto.pipe) {split = 1}
  pto.tfree(%e, %qk : !pto.tensor_view<32x128xf32>, !pto.pipe) {split = 1}
  return
}

// A FIFO that is opened anew for every block of query rows.
// CHECK-LABEL: func.func @per_block
func.func @per_block(%v: !pto.tensor_view<64x128xf32>, %n: index) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %c1 = arith.constant 1 : index
  scf.for %block = %n to %n step %c1 {
    // CHECK: scf.for
    // CHECK-NEXT: pto.aic_initialize_pipe
    pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
    scf.for %tile = %n to %n step %c1 {
      %e = pto.talloc_to_aiv {id = 0, split = 1} -> !pto.tensor_view<64x128xf32>
      pto.tpush_to_aiv(%e : !pto.tensor_view<64x128xf32>) {id = 0, split = 1}
    }
  }
  return
}
