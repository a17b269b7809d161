// RUN: pto-opt %s --pto-lower-frontend-pipes=soc=%soc -canonicalize -cse | FileCheck %s

// Popped tiles land in a ring beside the reserved buffer; the number of the slot picks the place.

// CHECK-LABEL: func.func @cube
func.func @cube(%gm: !pto.ptr<f32>, %lo: !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>)
    attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // CHECK: %[[IN:.*]] = pto.import_reserved_buffer
  %in = pto.import_reserved_buffer {name = "in", peer_func = @vector} -> i32
  // CHECK: %[[P:.*]] = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 32768, slot_num = 4, local_slot_num = 2, flag_base = 0, nosplit = false, unit_flag = true}(%{{.*}} : !pto.ptr<f32, gm>, %[[IN]] : i32)
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768, slot_num = 4, local_slot_num = 2, unit_flag = true} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
  // CHECK: pto.tpush(%{{.*}}, %[[P]] : {{.*}}) {split = 1, record = false}
  pto.tpush_to_aiv(%lo : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, record = false}
  // CHECK: pto.tpush(%{{.*}}, %[[P]] : {{.*}}) {split = 1, entry_offset = 16384, allocate = false}
  pto.tpush_to_aiv(%lo : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {split = 1, entry_offset = 16384, allocate = false}
  return
}

// Slots are counted through the loops: the preload takes %pre of them, so that the steady loop's
// slot is t + pre.
// CHECK-LABEL: func.func @vector
// CHECK-SAME: (%{{.*}}, %[[PRE:.*]]: index, %[[ALL:.*]]: index
func.func @vector(%gm: !pto.ptr<f32>, %pre: index, %all: index, %out: !pto.tile_buf<vec, 32x64xf32>)
    attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK-DAG: %[[C2:.*]] = arith.constant 2 : index
  // CHECK-DAG: %[[LOCAL:.*]] = pto.reserve_buffer{name = "in", size = 16384
  // CHECK-DAG: %[[RING:.*]] = pto.alloc_multi_tile {buffer = "vec_in", stride = 8192 : i64} : !pto.multi_tile_buf<vec, 32x64xf32, count=2>
  %in = pto.reserve_buffer {name = "in", size = 16384, location = #pto.address_space<vec>, auto = true} {buffer = "vec_in"} -> i32
  scf.for %block = %c0 to %all step %c1 {
    // CHECK: %[[P:.*]] = pto.initialize_l2g2l_pipe{{.*}}(%{{.*}} : !pto.ptr<f32, gm>, %[[LOCAL]] : i32)
    pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32768, slot_num = 4, local_slot_num = 2, unit_flag = true} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %in : i32)
    // CHECK: scf.for %[[T:.*]] =
    scf.for %t = %c0 to %pre step %c1 {
      // CHECK: %[[TURN:.*]] = arith.remui %[[T]], %[[C2]]
      // CHECK: %[[TILE:.*]] = pto.multi_tile_get %[[RING]][%[[TURN]]]
      // CHECK: pto.tpop(%[[TILE]], %[[P]] : {{.*}}) {split = 1, free = false}
      %a = pto.tpop_from_aic {split = 1, free = false} -> !pto.tile_buf<vec, 32x64xf32>
      pto.tadd ins(%out, %a : !pto.tile_buf<vec, 32x64xf32>, !pto.tile_buf<vec, 32x64xf32>) outs(%out : !pto.tile_buf<vec, 32x64xf32>)
      // The second tile of the slot lands where the first did.
      // CHECK: pto.tpop(%[[TILE]], %[[P]] : {{.*}}) {split = 1, entry_offset = 16384, wait = false}
      %b = pto.tpop_from_aic {split = 1, entry_offset = 16384, wait = false} -> !pto.tile_buf<vec, 32x64xf32>
      // CHECK: pto.tadd
      // CHECK-NOT: tfree
      pto.tfree_from_aic {split = 1}
      pto.tadd ins(%out, %b : !pto.tile_buf<vec, 32x64xf32>, !pto.tile_buf<vec, 32x64xf32>) outs(%out : !pto.tile_buf<vec, 32x64xf32>)
    }
    // CHECK: scf.for %[[S:.*]] =
    %rest = arith.subi %all, %pre : index
    scf.for %t = %c0 to %rest step %c1 {
      // CHECK: %[[SLOT:.*]] = arith.addi %[[S]], %[[PRE]]
      // CHECK: arith.remui %[[SLOT]], %[[C2]]
      %a = pto.tpop_from_aic {split = 1} -> !pto.tile_buf<vec, 32x64xf32>
      pto.tadd ins(%out, %a : !pto.tile_buf<vec, 32x64xf32>, !pto.tile_buf<vec, 32x64xf32>) outs(%out : !pto.tile_buf<vec, 32x64xf32>)
    }
  }
  return
}
