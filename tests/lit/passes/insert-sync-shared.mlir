// RUN: pto-opt %s --pto-insert-sync=soc=%soc | FileCheck %s

// Eight copies and one more buffer between two pipes that have eight event ids: copies share ids,
// number modulo 4, and wait for each other. Nothing is served by a barrier.
// CHECK-LABEL: func.func @shared
func.func @shared(%gm : !pto.ptr<f32>, %n : index) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %in = pto.reserve_buffer {name = "in", size = 65536, location = #pto.address_space<vec>, auto = true, base = 0} -> i32
  %more = pto.reserve_buffer {name = "more", size = 8192, location = #pto.address_space<vec>, auto = true, base = 65536} -> i32
  %ring = pto.alloc_multi_tile {address = 0 : i64, buffer = "in", stride = 8192 : i64} : !pto.multi_tile_buf<vec, 16x128xf32, count=8>
  %one = pto.alloc_tile {address = 65536 : i64, buffer = "more"} : !pto.tile_buf<vec, 16x128xf32>
  %sum = pto.alloc_tile {address = 73728 : i64, buffer = "sum"} : !pto.tile_buf<vec, 16x128xf32>
  %a = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 16384, slot_num = 8, flag_base = 0}(%gm : !pto.ptr<f32>, %in : i32) -> !pto.pipe
  %b = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 16384, slot_num = 8, flag_base = 2}(%gm : !pto.ptr<f32>, %more : i32) -> !pto.pipe
  // CHECK-COUNT-5: pto.set_flag[<PIPE_V>, <PIPE_MTE2>
  // CHECK-NOT: pto.set_flag
  // CHECK: scf.for
  scf.for %t = %c0 to %n step %c1 {
    // CHECK: %[[TURN:.*]] = arith.remui
    // CHECK: %[[ID:.*]] = arith.remui %[[TURN]], %{{.*}}
    %turn = arith.remui %t, %c8 : index
    %tile = pto.multi_tile_get %ring[%turn] : !pto.multi_tile_buf<vec, 16x128xf32, count=8> -> !pto.tile_buf<vec, 16x128xf32>
    // CHECK: pto.wait_flag_dyn[<PIPE_V>, <PIPE_MTE2>, %[[ID]]]
    // CHECK-NEXT: pto.tpop
    pto.tpop(%tile, %a : !pto.tile_buf<vec, 16x128xf32>, !pto.pipe) {split = 1}
    // CHECK: pto.tadd
    // CHECK: pto.set_flag_dyn[<PIPE_V>, <PIPE_MTE2>, %[[ID]]]
    pto.tadd ins(%sum, %tile : !pto.tile_buf<vec, 16x128xf32>, !pto.tile_buf<vec, 16x128xf32>) outs(%sum : !pto.tile_buf<vec, 16x128xf32>)
    // CHECK: pto.wait_flag[<PIPE_V>, <PIPE_MTE2>, <EVENT_ID4>]
    pto.tpop(%one, %b : !pto.tile_buf<vec, 16x128xf32>, !pto.pipe) {split = 1}
    pto.tadd ins(%sum, %one : !pto.tile_buf<vec, 16x128xf32>, !pto.tile_buf<vec, 16x128xf32>) outs(%sum : !pto.tile_buf<vec, 16x128xf32>)
  }
  return
}
