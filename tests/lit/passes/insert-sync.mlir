// RUN: pto-opt %s --pto-plan-memory=soc=%soc --pto-insert-sync=soc=%soc --split-input-file | FileCheck %s

!mat = !pto.tile_buf<mat, 64x64xf16, blayout=col_major, slayout=row_major>
!mats = !pto.multi_tile_buf<mat, 64x64xf16, blayout=col_major, slayout=row_major, count=2>
!left = !pto.tile_buf<left, 64x64xf16, slayout=row_major>
!view = !pto.partition_tensor_view<64x64xf16>

// A tile that is used once in a run: the load is done before the extraction. Nothing waits for the
// tile to be free, because nobody had it.

// CHECK-LABEL: func.func @once
func.func @once(%w : !view) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %c0 = arith.constant 0 : index
  %m = pto.alloc_tile {buffer = "m"} : !mat
  %l = pto.alloc_tile {buffer = "l"} : !left
  // CHECK-NOT: pto.wait_flag
  // CHECK: pto.tload
  // CHECK-NEXT: pto.set_flag[<PIPE_MTE2>, <PIPE_MTE1>, <EVENT_ID0>]
  // CHECK-NEXT: pto.wait_flag[<PIPE_MTE2>, <PIPE_MTE1>, <EVENT_ID0>]
  pto.tload ins(%w : !view) outs(%m : !mat)
  // CHECK-NEXT: pto.textract
  pto.textract ins(%m, %c0, %c0 : !mat, index, index) outs(%l : !left)
  // CHECK-NEXT: return
  return
}

// -----

!mat = !pto.tile_buf<mat, 64x64xf16, blayout=col_major, slayout=row_major>
!mats = !pto.multi_tile_buf<mat, 64x64xf16, blayout=col_major, slayout=row_major, count=2>
!left = !pto.tile_buf<left, 64x64xf16, slayout=row_major>
!view = !pto.partition_tensor_view<64x64xf16>

// Double buffering with a computed copy: one event id per copy, chosen by the copy's number. Every
// copy is free when the function begins and again when it ends, whatever the trip count.

// CHECK-LABEL: func.func @double_buffered
func.func @double_buffered(%w : !view, %n : index) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %m = pto.alloc_multi_tile {buffer = "m"} : !mats
  %l = pto.alloc_tile {buffer = "l"} : !left
  // CHECK: pto.stage "copies free"
  // CHECK-NEXT: pto.set_flag[<PIPE_MTE1>, <PIPE_MTE2>, <EVENT_ID0>]
  // CHECK-NEXT: pto.set_flag[<PIPE_MTE1>, <PIPE_MTE2>, <EVENT_ID1>]
  // CHECK-NEXT: scf.for
  scf.for %i = %c0 to %n step %c1 {
    // CHECK: %[[COPY:.*]] = arith.remui
    %copy = arith.remui %i, %c2 : index
    %t = pto.multi_tile_get %m[%copy] : !mats -> !mat
    // CHECK: pto.wait_flag_dyn[<PIPE_MTE1>, <PIPE_MTE2>, %[[COPY]]]
    // CHECK-NEXT: pto.tload
    pto.tload ins(%w : !view) outs(%t : !mat)
    // CHECK-NEXT: pto.set_flag_dyn[<PIPE_MTE2>, <PIPE_MTE1>, %[[COPY]]]
    // CHECK-NEXT: pto.wait_flag_dyn[<PIPE_MTE2>, <PIPE_MTE1>, %[[COPY]]]
    // CHECK-NEXT: pto.textract
    // CHECK-NEXT: pto.set_flag_dyn[<PIPE_MTE1>, <PIPE_MTE2>, %[[COPY]]]
    pto.textract ins(%t, %c0, %c0 : !mat, index, index) outs(%l : !left)
  }
  // CHECK: pto.stage "copies back"
  // CHECK-NEXT: pto.wait_flag[<PIPE_MTE1>, <PIPE_MTE2>, <EVENT_ID0>]
  // CHECK-NEXT: pto.wait_flag[<PIPE_MTE1>, <PIPE_MTE2>, <EVENT_ID1>]
  // CHECK-NEXT: return
  return
}

// -----

!mat = !pto.tile_buf<mat, 64x64xf16, blayout=col_major, slayout=row_major>
!left = !pto.tile_buf<left, 64x64xf16, slayout=row_major>
!right = !pto.tile_buf<right, 64x64xf16, slayout=col_major>
!rights = !pto.multi_tile_buf<right, 64x64xf16, slayout=col_major, count=2>
!acc = !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>
!view = !pto.partition_tensor_view<64x64xf32>

// The two operands of a matmul are written before either is read: they share their flags. What is
// loaded before a loop and read in it is waited for before the loop. The accumulator goes from M to
// FIX by event flags.

// CHECK-LABEL: func.func @shared
func.func @shared(%in : !pto.partition_tensor_view<64x64xf16>, %out : !view, %n : index) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = pto.alloc_tile {buffer = "m"} : !mat
  %l = pto.alloc_tile {buffer = "l"} : !left
  %r = pto.alloc_tile {buffer = "r"} : !right
  %a = pto.alloc_tile {buffer = "a"} : !acc
  // CHECK: pto.stage "copies free"
  // CHECK-NEXT: pto.set_flag[<PIPE_M>, <PIPE_MTE1>, <EVENT_ID0>]
  // CHECK-NEXT: pto.set_flag[<PIPE_FIX>, <PIPE_M>, <EVENT_ID0>]
  // CHECK-NEXT: pto.tload
  // CHECK-NEXT: pto.set_flag[<PIPE_MTE2>, <PIPE_MTE1>, <EVENT_ID0>]
  // CHECK-NEXT: pto.wait_flag[<PIPE_MTE2>, <PIPE_MTE1>, <EVENT_ID0>]
  // CHECK-NEXT: scf.for
  pto.tload ins(%in : !pto.partition_tensor_view<64x64xf16>) outs(%m : !mat)
  scf.for %i = %c0 to %n step %c1 {
    // CHECK-NEXT: pto.wait_flag[<PIPE_M>, <PIPE_MTE1>, <EVENT_ID0>]
    // CHECK-NEXT: pto.textract {{.*}}left
    // CHECK-NEXT: pto.textract {{.*}}right
    // CHECK-NEXT: pto.set_flag[<PIPE_MTE1>, <PIPE_M>, <EVENT_ID0>]
    pto.textract ins(%m, %c0, %c0 : !mat, index, index) outs(%l : !left)
    pto.textract ins(%m, %c0, %c0 : !mat, index, index) outs(%r : !right)
    // CHECK-NEXT: pto.wait_flag[<PIPE_MTE1>, <PIPE_M>, <EVENT_ID0>]
    // CHECK-NEXT: pto.wait_flag[<PIPE_FIX>, <PIPE_M>, <EVENT_ID0>]
    // CHECK-NEXT: pto.tmatmul
    // CHECK-DAG: pto.set_flag[<PIPE_M>, <PIPE_FIX>, <EVENT_ID0>]
    // CHECK-DAG: pto.set_flag[<PIPE_M>, <PIPE_MTE1>, <EVENT_ID0>]
    // CHECK: pto.wait_flag[<PIPE_M>, <PIPE_FIX>, <EVENT_ID0>]
    // CHECK-NEXT: pto.tstore
    // CHECK-NEXT: pto.set_flag[<PIPE_FIX>, <PIPE_M>, <EVENT_ID0>]
    pto.tmatmul ins(%l, %r : !left, !right) outs(%a : !acc)
    pto.tstore ins(%a : !acc) outs(%out : !view)
  }
  // CHECK: pto.stage "copies back"
  return
}

// -----

!left = !pto.tile_buf<left, 64x64xf16, slayout=row_major>
!right = !pto.tile_buf<right, 64x64xf16, slayout=col_major>
!acc = !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>
!view = !pto.partition_tensor_view<64x64xf32>

// Under unit flags the hardware orders M and FIX.

// CHECK-LABEL: func.func @unit_flag
func.func @unit_flag(%out : !view, %n : index) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %l = pto.alloc_tile {buffer = "l"} : !left
  %r = pto.alloc_tile {buffer = "r"} : !right
  %a = pto.alloc_tile {buffer = "a"} : !acc
  // CHECK-NOT: _flag
  scf.for %i = %c0 to %n step %c1 {
    pto.tmatmul ins(%l, %r : !left, !right) outs(%a : !acc) {accPhase = #pto<acc_phase final>}
    pto.tstore ins(%a : !acc) outs(%out : !view) {stPhase = #pto<st_phase final>}
  }
  // CHECK: return
  return
}

// -----

!vec = !pto.tile_buf<vec, 32x64xf32>
!view = !pto.partition_tensor_view<32x64xf32>

// A value that lives on from trip to trip while two pipes work on it: its token goes round in the
// loop, handed out before it and taken back after it.

// CHECK-LABEL: func.func @carried
func.func @carried(%in : !view, %out : !view, %n : index) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %x = pto.alloc_tile {buffer = "x"} : !vec
  // CHECK: pto.tload
  // CHECK-NEXT: pto.set_flag[<PIPE_MTE2>, <PIPE_V>, <EVENT_ID0>]
  // CHECK-NEXT: pto.wait_flag[<PIPE_MTE2>, <PIPE_V>, <EVENT_ID0>]
  // CHECK-NEXT: pto.set_flag[<PIPE_MTE3>, <PIPE_V>, <EVENT_ID0>]
  // CHECK-NEXT: scf.for
  pto.tload ins(%in : !view) outs(%x : !vec)
  scf.for %i = %c0 to %n step %c1 {
    // CHECK-NEXT: pto.wait_flag[<PIPE_MTE3>, <PIPE_V>, <EVENT_ID0>]
    // CHECK-NEXT: pto.barrier <PIPE_V>
    // CHECK-NEXT: pto.texp
    // CHECK-NEXT: pto.set_flag[<PIPE_V>, <PIPE_MTE3>, <EVENT_ID0>]
    // CHECK-NEXT: pto.wait_flag[<PIPE_V>, <PIPE_MTE3>, <EVENT_ID0>]
    // CHECK-NEXT: pto.tstore
    // CHECK-NEXT: pto.set_flag[<PIPE_MTE3>, <PIPE_V>, <EVENT_ID0>]
    pto.texp ins(%x : !vec) outs(%x : !vec)
    pto.tstore ins(%x : !vec) outs(%out : !view)
  }
  // CHECK: pto.wait_flag[<PIPE_MTE3>, <PIPE_V>, <EVENT_ID0>]
  // CHECK-NEXT: return
  return
}

// -----

!vec = !pto.tile_buf<vec, 32x64xf32>
!view = !pto.partition_tensor_view<32x64xf32>

// Two loops use one buffer differently: the first fills it by a load, the second on the vector pipe
// itself. The token is at home on MTE2 between uses, and the second loop fetches it from there.

// CHECK-LABEL: func.func @two_ways
func.func @two_ways(%in : !view, %out : !view, %n : index) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %x = pto.alloc_tile {buffer = "x"} : !vec
  // CHECK: pto.stage "copies free"
  // CHECK-NEXT: pto.set_flag[<PIPE_MTE3>, <PIPE_MTE2>, <EVENT_ID0>]
  // CHECK-NEXT: scf.for
  scf.for %i = %c0 to %n step %c1 {
    // CHECK-NEXT: pto.wait_flag[<PIPE_MTE3>, <PIPE_MTE2>, <EVENT_ID0>]
    // CHECK-NEXT: pto.tload
    pto.tload ins(%in : !view) outs(%x : !vec)
    // CHECK: pto.texp
    pto.texp ins(%x : !vec) outs(%x : !vec)
    // CHECK: pto.tstore
    // CHECK-NEXT: pto.set_flag[<PIPE_MTE3>, <PIPE_MTE2>, <EVENT_ID0>]
    pto.tstore ins(%x : !vec) outs(%out : !view)
  }
  // CHECK: scf.for
  scf.for %i = %c0 to %n step %c1 {
    // CHECK-NEXT: pto.wait_flag[<PIPE_MTE3>, <PIPE_MTE2>, <EVENT_ID0>]
    // CHECK-NEXT: pto.set_flag[<PIPE_MTE2>, <PIPE_V>, <EVENT_ID0>]
    // CHECK-NEXT: pto.wait_flag[<PIPE_MTE2>, <PIPE_V>, <EVENT_ID0>]
    // CHECK: pto.texpands
    pto.texpands ins(%zero : f32) outs(%x : !vec)
    // CHECK: pto.tstore
    // CHECK-NEXT: pto.set_flag[<PIPE_MTE3>, <PIPE_MTE2>, <EVENT_ID0>]
    pto.tstore ins(%x : !vec) outs(%out : !view)
  }
  // CHECK: pto.stage "copies back"
  // CHECK-NEXT: pto.wait_flag[<PIPE_MTE3>, <PIPE_MTE2>, <EVENT_ID0>]
  return
}

// -----

// Functions that are no kernel of a core are left alone.

// CHECK-LABEL: func.func @helper
func.func @helper(%in : !pto.partition_tensor_view<32x64xf32>) {
  %x = pto.alloc_tile {buffer = "x"} : !pto.tile_buf<vec, 32x64xf32>
  // CHECK-NOT: _flag
  pto.tload ins(%in : !pto.partition_tensor_view<32x64xf32>) outs(%x : !pto.tile_buf<vec, 32x64xf32>)
  pto.texp ins(%x : !pto.tile_buf<vec, 32x64xf32>) outs(%x : !pto.tile_buf<vec, 32x64xf32>)
  // CHECK: return
  return
}
