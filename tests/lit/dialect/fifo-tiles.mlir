// RUN: pto-opt %s | pto-opt | FileCheck %s

// Several tiles fill one slot: the first takes it, the last hands it over. Keys come in any order,
// defaults are not printed.
// CHECK-LABEL: func.func @producer
func.func @producer(%gm: !pto.ptr<f32>, %in: i32, %acc: !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>)
    attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768, slot_num = 4, local_slot_num = 2, unit_flag = true} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  // CHECK: pto.tpush_to_aiv(%{{.*}}) {id = 0, split = 1, record = false}
  pto.tpush_to_aiv(%acc : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {id = 0, split = 1, allocate = true, record = false, entry_offset = 0}
  // CHECK: pto.tpush_to_aiv(%{{.*}}) {id = 0, split = 1, entry_offset = 16384, allocate = false}
  pto.tpush_to_aiv(%acc : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, allocate = false, entry_offset = 16384}
  // A tile of its own slot.
  // CHECK: pto.tpush_to_aiv(%{{.*}}) {id = 0, split = 1}
  pto.tpush_to_aiv(%acc : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, entry_offset = 0, allocate = true, record = true}
  return
}

// A slot is read as several tiles, each half of them by either vector core.
// CHECK-LABEL: func.func @consumer
func.func @consumer(%gm: !pto.ptr<f32>, %in: i32) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768, slot_num = 4, local_slot_num = 2, unit_flag = true} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  // CHECK: pto.tpop_from_aic {id = 0, split = 1, free = false} -> !pto.tile_buf<vec, 32x64xf32>
  %a = pto.tpop_from_aic {split = 1, free = false} -> !pto.tile_buf<vec, 32x64xf32>
  // CHECK: pto.tpop_from_aic {id = 0, split = 1, entry_offset = 16384, wait = false} -> !pto.tile_buf<vec, 32x64xf32>
  %b = pto.tpop_from_aic {split = 1, wait = false, entry_offset = 16384} -> !pto.tile_buf<vec, 32x64xf32>
  return
}

// A view as slot tensor and a landing buffer beside it: the entries are tiles.
// CHECK-LABEL: func.func @tensor_and_landing
func.func @tensor_and_landing(%v: !pto.tensor_view<32x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // CHECK: pto.reserve_buffer{name = "in", size = 32768, location = #pto.address_space<vec>, auto = true} {buffer = "vec_in"} -> i32
  %in = pto.reserve_buffer {name = "in", size = 32768, location = #pto.address_space<vec>, auto = true} {buffer = "vec_in"} -> i32
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768, local_slot_num = 2} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>, c2v_consumer_buf = %in : i32)
  // CHECK: pto.tpop_from_aic {id = 0, split = 1} -> !pto.tile_buf<vec, 32x128xf32>
  %a = pto.tpop_from_aic {split = 1} -> !pto.tile_buf<vec, 32x128xf32>
  return
}

// CHECK-LABEL: func.func @handles
func.func @handles(%gm: !pto.ptr<f32>, %in: i32, %p: !pto.tile_buf<vec, 16x64xf16>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %pipe = pto.initialize_l2g2l_pipe{dir_mask = 2, slot_size = 8192, slot_num = 8, flag_base = 0}(%gm : !pto.ptr<f32>, %in : i32) -> !pto.pipe
  // CHECK: pto.tpush(%{{.*}}, %[[P:.*]] : !pto.tile_buf<vec, 16x64xf16>, !pto.pipe) {split = 1, record = false}
  pto.tpush(%p, %pipe : !pto.tile_buf<vec, 16x64xf16>, !pto.pipe) {split = 1, record = false}
  // CHECK: pto.tpush(%{{.*}}, %[[P]] : !pto.tile_buf<vec, 16x64xf16>, !pto.pipe) {split = 1, entry_offset = 4096, allocate = false}
  pto.tpush(%p, %pipe : !pto.tile_buf<vec, 16x64xf16>, !pto.pipe) {split = 1, entry_offset = 4096, allocate = false}
  return
}

// CHECK-LABEL: func.func @pop_handles
func.func @pop_handles(%gm: !pto.ptr<f32>, %in: i32, %t: !pto.tile_buf<vec, 32x64xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %pipe = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 32768, slot_num = 8, flag_base = 0}(%gm : !pto.ptr<f32>, %in : i32) -> !pto.pipe
  // CHECK: pto.tpop(%{{.*}}, %[[P:.*]] : !pto.tile_buf<vec, 32x64xf32>, !pto.pipe) {split = 1, free = false}
  pto.tpop(%t, %pipe : !pto.tile_buf<vec, 32x64xf32>, !pto.pipe) {split = 1, free = false}
  // CHECK: pto.tpop(%{{.*}}, %[[P]] : !pto.tile_buf<vec, 32x64xf32>, !pto.pipe) {split = 1, entry_offset = 16384, wait = false}
  pto.tpop(%t, %pipe : !pto.tile_buf<vec, 32x64xf32>, !pto.pipe) {split = 1, entry_offset = 16384, wait = false}
  return
}
