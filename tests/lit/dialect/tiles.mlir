// RUN: pto-opt %s | pto-opt | FileCheck %s

!q_l1 = !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>
!k_l1 = !pto.tile_buf<mat, 128x128xf16, slayout=col_major>
!left = !pto.tile_buf<left, 64x64xf16, slayout=row_major>
!right = !pto.tile_buf<right, 64x128xf16, slayout=col_major>
!acc = !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>

// CHECK-LABEL: func.func @cube
func.func @cube(%q: !pto.partition_tensor_view<64x128xf16>, %k: !pto.partition_tensor_view<128x128xf16>,
                %out: !pto.partition_tensor_view<64x128xf32>, %half: !pto.partition_tensor_view<64x128xf16>,
                %col: index) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %q_l1 = pto.alloc_tile : !q_l1
  %k_l1 = pto.alloc_tile : !k_l1
  %a = pto.alloc_tile : !left
  %b = pto.alloc_tile : !right
  %whole = pto.alloc_tile : !pto.tile_buf<left, 64x128xf16, slayout=row_major>
  %acc = pto.alloc_tile : !acc
  // CHECK: pto.tload ins(%{{.*}} : !pto.partition_tensor_view<64x128xf16>) outs(%{{.*}} : !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>)
  pto.tload ins(%q : !pto.partition_tensor_view<64x128xf16>) outs(%q_l1 : !q_l1)
  pto.tload ins(%k : !pto.partition_tensor_view<128x128xf16>) outs(%k_l1 : !k_l1)
  // CHECK: pto.tmov ins(%{{.*}} : !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>) outs(%{{.*}} : !pto.tile_buf<left, 64x128xf16, slayout=row_major>)
  pto.tmov ins(%q_l1 : !q_l1) outs(%whole : !pto.tile_buf<left, 64x128xf16, slayout=row_major>)
  // CHECK: pto.textract ins(%{{.*}}, %c0, %{{.*}} : !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>, index, index) outs(%{{.*}} : !pto.tile_buf<left, 64x64xf16, slayout=row_major>)
  pto.textract ins(%q_l1, %c0, %col : !q_l1, index, index) outs(%a : !left)
  pto.textract ins(%k_l1, %c64, %c0 : !k_l1, index, index) outs(%b : !right)
  // CHECK: pto.tmatmul ins(%[[A:.*]], %[[B:.*]] : !pto.tile_buf<left, 64x64xf16, slayout=row_major>, !pto.tile_buf<right, 64x128xf16, slayout=col_major>) outs(%[[C:.*]] : !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>) {accPhase = #pto<acc_phase partial>}
  pto.tmatmul ins(%a, %b : !left, !right) outs(%acc : !acc) {accPhase = #pto<acc_phase partial>}
  // CHECK: pto.tmatmul.acc ins(%[[C]], %[[A]], %[[B]] : {{.*}}) outs(%[[C]] : {{.*}}) {accPhase = #pto<acc_phase final>}
  pto.tmatmul.acc ins(%acc, %a, %b : !acc, !left, !right) outs(%acc : !acc) {accPhase = #pto<acc_phase final>}
  // CHECK: pto.tmatmul ins({{.*}}) outs(%[[C]] : !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>){{$}}
  pto.tmatmul ins(%a, %b : !left, !right) outs(%acc : !acc)
  // CHECK: pto.tstore ins(%[[C]] : {{.*}}) outs(%{{.*}} : !pto.partition_tensor_view<64x128xf32>) {stPhase = #pto<st_phase final>}
  pto.tstore ins(%acc : !acc) outs(%out : !pto.partition_tensor_view<64x128xf32>) {stPhase = #pto<st_phase final>}
  // The fixpipe converts on the way out, and on the way to L1.
  // CHECK: pto.tstore ins(%[[C]] : {{.*}}) outs(%{{.*}} : !pto.partition_tensor_view<64x128xf16>){{$}}
  pto.tstore ins(%acc : !acc) outs(%half : !pto.partition_tensor_view<64x128xf16>)
  // CHECK: pto.tmov ins(%[[C]] : {{.*}}) outs(%{{.*}} : !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>)
  pto.tmov ins(%acc : !acc) outs(%q_l1 : !q_l1)
  return
}

!rows = !pto.tile_buf<vec, 32x128xf32>
!col = !pto.tile_buf<vec, 32x1xf32, blayout=col_major>
!row = !pto.tile_buf<vec, 1x32xf32>
!half = !pto.tile_buf<vec, 32x128xf16>

// CHECK-LABEL: func.func @vector
func.func @vector(%in: !pto.partition_tensor_view<32x128xf32>, %out: !pto.partition_tensor_view<32x128xf16>)
    attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %scale = arith.constant 0.125 : f32
  %x = pto.alloc_tile : !rows
  %y = pto.alloc_tile : !rows
  %tmp = pto.alloc_tile : !rows
  %m = pto.alloc_tile : !col
  %mr = pto.treshape %m : !col -> !row
  %h = pto.alloc_tile : !half
  pto.tload ins(%in : !pto.partition_tensor_view<32x128xf32>) outs(%x : !rows)
  // CHECK: pto.tmuls ins(%{{.*}}, %cst : !pto.tile_buf<vec, 32x128xf32>, f32) outs(%{{.*}} : !pto.tile_buf<vec, 32x128xf32>)
  pto.tmuls ins(%x, %scale : !rows, f32) outs(%x : !rows)
  // CHECK: pto.tadds ins(
  pto.tadds ins(%x, %scale : !rows, f32) outs(%x : !rows)
  // CHECK: pto.trowmax ins(%{{.*}}, %{{.*}} : !pto.tile_buf<vec, 32x128xf32>, !pto.tile_buf<vec, 32x128xf32>) outs(%{{.*}} : !pto.tile_buf<vec, 32x1xf32, blayout=col_major>)
  pto.trowmax ins(%x, %tmp : !rows, !rows) outs(%m : !col)
  // CHECK: pto.trowsum ins(%{{.*}} : !pto.tile_buf<vec, 32x128xf32>) outs(
  pto.trowsum ins(%x : !rows) outs(%m : !col)
  // CHECK: pto.tmax ins(%{{.*}}, %{{.*}} : !pto.tile_buf<vec, 1x32xf32>, !pto.tile_buf<vec, 1x32xf32>) outs(%{{.*}} : !pto.tile_buf<vec, 1x32xf32>)
  pto.tmax ins(%mr, %mr : !row, !row) outs(%mr : !row)
  // CHECK: pto.tadd ins(
  pto.tadd ins(%mr, %mr : !row, !row) outs(%mr : !row)
  // CHECK: pto.tsub ins(
  pto.tsub ins(%mr, %mr : !row, !row) outs(%mr : !row)
  // CHECK: pto.tmul ins(
  pto.tmul ins(%mr, %mr : !row, !row) outs(%mr : !row)
  // CHECK: pto.texp ins(%{{.*}} : !pto.tile_buf<vec, 1x32xf32>) outs(
  pto.texp ins(%mr : !row) outs(%mr : !row)
  // CHECK: pto.texpands ins(%cst : f32) outs(%{{.*}} : !pto.tile_buf<vec, 1x32xf32>)
  pto.texpands ins(%scale : f32) outs(%mr : !row)
  %diagonal = arith.constant -3 : i32
  // CHECK: pto.ttri ins(%{{.*}} {upperOrLower = 1 : i32} : i32) outs(%{{.*}} : !pto.tile_buf<vec, 32x128xf32>)
  pto.ttri ins(%diagonal {upperOrLower = 1 : i32} : i32) outs(%y : !rows)
  // CHECK: pto.trowexpandsub ins(%{{.*}}, %{{.*}} : !pto.tile_buf<vec, 32x128xf32>, !pto.tile_buf<vec, 32x1xf32, blayout=col_major>) outs(
  pto.trowexpandsub ins(%x, %m : !rows, !col) outs(%y : !rows)
  // CHECK: pto.trowexpandmul ins(%{{.*}}, %{{.*}}, %{{.*}} : !pto.tile_buf<vec, 32x128xf32>, !pto.tile_buf<vec, 32x1xf32, blayout=col_major>, !pto.tile_buf<vec, 32x128xf32>) outs(
  pto.trowexpandmul ins(%x, %m, %tmp : !rows, !col, !rows) outs(%y : !rows)
  // CHECK: pto.trowexpanddiv ins(
  pto.trowexpanddiv ins(%x, %m : !rows, !col) outs(%y : !rows)
  // CHECK: pto.tmov ins(%{{.*}} : !pto.tile_buf<vec, 32x128xf32>) outs(
  pto.tmov ins(%y : !rows) outs(%x : !rows)
  // The default rounding is not written.
  // CHECK: pto.tcvt ins(%{{.*}} : !pto.tile_buf<vec, 32x128xf32>) outs(%{{.*}} : !pto.tile_buf<vec, 32x128xf16>)
  pto.tcvt ins(%y {rmode = #pto<round_mode CAST_RINT>} : !rows) outs(%h : !half)
  // CHECK: pto.tcvt ins(%{{.*}} {rmode = #pto<round_mode FLOOR>} : !pto.tile_buf<vec, 32x128xf32>) outs(
  pto.tcvt ins(%y {rmode = #pto<round_mode FLOOR>} : !rows) outs(%h : !half)
  // CHECK: pto.tcvt ins(%{{.*}}, %{{.*}} {rmode = #pto<round_mode TRUNC>} : !pto.tile_buf<vec, 32x128xf32>, !pto.tile_buf<vec, 32x128xf32>) outs(
  pto.tcvt ins(%y, %tmp {rmode = #pto<round_mode TRUNC>} : !rows, !rows) outs(%h : !half)
  // CHECK: pto.tstore ins(%{{.*}} : !pto.tile_buf<vec, 32x128xf16>) outs(%{{.*}} : !pto.partition_tensor_view<32x128xf16>)
  pto.tstore ins(%h : !half) outs(%out : !pto.partition_tensor_view<32x128xf16>)
  return
}
