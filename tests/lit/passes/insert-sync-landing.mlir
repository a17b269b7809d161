// RUN: pto-opt %s --pto-insert-sync=soc=%soc | FileCheck %s

// Tiles land in two places in turn, popped by MTE2 and read by the vector pipe. The place's number
// picks the event id; the pop waits until the vector pipe has read what landed there before.
// CHECK-LABEL: func.func @even
func.func @even(%gm : !pto.ptr<f32>, %n : index) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %in = pto.reserve_buffer {name = "in", size = 32768, location = #pto.address_space<vec>, auto = true, base = 0} -> i32
  %ring = pto.alloc_multi_tile {address = 0 : i64, buffer = "in", stride = 16384 : i64} : !pto.multi_tile_buf<vec, 32x128xf32, count=2>
  %sum = pto.alloc_tile {address = 32768 : i64, buffer = "sum"} : !pto.tile_buf<vec, 32x128xf32>
  %pipe = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 32768, slot_num = 8, flag_base = 0}(%gm : !pto.ptr<f32>, %in : i32) -> !pto.pipe
  // CHECK: pto.set_flag[<PIPE_V>, <PIPE_MTE2>, <EVENT_ID0>]
  // CHECK-NEXT: pto.set_flag[<PIPE_V>, <PIPE_MTE2>, <EVENT_ID1>]
  // CHECK: scf.for
  scf.for %t = %c0 to %n step %c1 {
    // CHECK: %[[TURN:.*]] = arith.remui
    %turn = arith.remui %t, %c2 : index
    %tile = pto.multi_tile_get %ring[%turn] : !pto.multi_tile_buf<vec, 32x128xf32, count=2> -> !pto.tile_buf<vec, 32x128xf32>
    // CHECK: pto.wait_flag_dyn[<PIPE_V>, <PIPE_MTE2>, %[[TURN]]]
    // CHECK-NEXT: pto.tpop
    // CHECK-NEXT: pto.set_flag_dyn[<PIPE_MTE2>, <PIPE_V>, %[[TURN]]]
    pto.tpop(%tile, %pipe : !pto.tile_buf<vec, 32x128xf32>, !pto.pipe) {split = 1}
    // CHECK: pto.wait_flag_dyn[<PIPE_MTE2>, <PIPE_V>, %[[TURN]]]
    // CHECK: pto.tadd
    // CHECK-NEXT: pto.set_flag_dyn[<PIPE_V>, <PIPE_MTE2>, %[[TURN]]]
    pto.tadd ins(%sum, %tile : !pto.tile_buf<vec, 32x128xf32>, !pto.tile_buf<vec, 32x128xf32>) outs(%sum : !pto.tile_buf<vec, 32x128xf32>)
  }
  return
}

// Two rings share a buffer, with tiles of different sizes: a place of one meets several of the
// other, so that the whole buffer is one copy with one event id.
// CHECK-LABEL: func.func @uneven
func.func @uneven(%gm : !pto.ptr<f32>, %n : index) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %a = pto.reserve_buffer {name = "a", size = 16384, location = #pto.address_space<vec>, auto = true, base = 0} {buffer = "vec_in"} -> i32
  %b = pto.reserve_buffer {name = "b", size = 32768, location = #pto.address_space<vec>, auto = true, base = 0} {buffer = "vec_in"} -> i32
  %ringA = pto.alloc_multi_tile {address = 0 : i64, buffer = "vec_in", stride = 8192 : i64} : !pto.multi_tile_buf<vec, 16x128xf32, count=2>
  %ringB = pto.alloc_multi_tile {address = 0 : i64, buffer = "vec_in", stride = 16384 : i64} : !pto.multi_tile_buf<vec, 32x128xf32, count=2>
  %sumA = pto.alloc_tile {address = 32768 : i64, buffer = "sum_a"} : !pto.tile_buf<vec, 16x128xf32>
  %sumB = pto.alloc_tile {address = 40960 : i64, buffer = "sum_b"} : !pto.tile_buf<vec, 32x128xf32>
  %pipeA = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 16384, slot_num = 8, flag_base = 0}(%gm : !pto.ptr<f32>, %a : i32) -> !pto.pipe
  %pipeB = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 32768, slot_num = 8, flag_base = 2}(%gm : !pto.ptr<f32>, %b : i32) -> !pto.pipe
  // CHECK: pto.set_flag[<PIPE_V>, <PIPE_MTE2>, <EVENT_ID0>]
  // CHECK-NOT: EVENT_ID1
  // CHECK: scf.for
  scf.for %t = %c0 to %n step %c1 {
    %turn = arith.remui %t, %c2 : index
    %x = pto.multi_tile_get %ringA[%turn] : !pto.multi_tile_buf<vec, 16x128xf32, count=2> -> !pto.tile_buf<vec, 16x128xf32>
    // CHECK: pto.wait_flag[<PIPE_V>, <PIPE_MTE2>, <EVENT_ID0>]
    // CHECK-NEXT: pto.tpop
    pto.tpop(%x, %pipeA : !pto.tile_buf<vec, 16x128xf32>, !pto.pipe) {split = 1}
    // CHECK: pto.tadd
    // CHECK-NEXT: pto.set_flag[<PIPE_V>, <PIPE_MTE2>, <EVENT_ID0>]
    pto.tadd ins(%sumA, %x : !pto.tile_buf<vec, 16x128xf32>, !pto.tile_buf<vec, 16x128xf32>) outs(%sumA : !pto.tile_buf<vec, 16x128xf32>)
    %y = pto.multi_tile_get %ringB[%turn] : !pto.multi_tile_buf<vec, 32x128xf32, count=2> -> !pto.tile_buf<vec, 32x128xf32>
    // CHECK: pto.wait_flag[<PIPE_V>, <PIPE_MTE2>, <EVENT_ID0>]
    // CHECK-NEXT: pto.tpop
    pto.tpop(%y, %pipeB : !pto.tile_buf<vec, 32x128xf32>, !pto.pipe) {split = 1}
    // CHECK: pto.tadd
    // CHECK-NEXT: pto.set_flag[<PIPE_V>, <PIPE_MTE2>, <EVENT_ID0>]
    pto.tadd ins(%sumB, %y : !pto.tile_buf<vec, 32x128xf32>, !pto.tile_buf<vec, 32x128xf32>) outs(%sumB : !pto.tile_buf<vec, 32x128xf32>)
  }
  return
}

// The unit flag of the pipe orders the pushes of an accumulator with its matmuls.
// CHECK-LABEL: func.func @unit_flag
func.func @unit_flag(%gm : !pto.ptr<f32>, %in : i32, %n : index) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %l = pto.alloc_tile {address = 0 : i64} : !pto.tile_buf<left, 64x64xf16, slayout=row_major>
  %r = pto.alloc_tile {address = 0 : i64} : !pto.tile_buf<right, 64x64xf16, slayout=col_major>
  %acc = pto.alloc_tile {address = 0 : i64} : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>
  %pipe = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 16384, slot_num = 8, flag_base = 0, unit_flag = true}(%gm : !pto.ptr<f32>, %in : i32) -> !pto.pipe
  // CHECK-NOT: flag[
  // CHECK: return
  scf.for %t = %c0 to %n step %c1 {
    pto.tmatmul ins(%l, %r : !pto.tile_buf<left, 64x64xf16, slayout=row_major>, !pto.tile_buf<right, 64x64xf16, slayout=col_major>) outs(%acc : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>) {accPhase = #pto<acc_phase final>}
    pto.tpush(%acc, %pipe : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>, !pto.pipe) {split = 1}
  }
  return
}
