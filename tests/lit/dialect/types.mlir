// RUN: pto-opt %s | pto-opt | FileCheck %s
// Types print in one spelling: defaults left out, the pointer's memory written, aliases resolved.

// CHECK-LABEL: func.func private @pointers(
// CHECK-SAME: !pto.ptr<f16, gm>, !pto.ptr<f32, gm>, !pto.ptr<i8, vec>, !pto.ptr<f16, mat>,
// CHECK-SAME: !pto.ptr<f16, left>, !pto.ptr<f16, right>, !pto.ptr<f32, acc>, !pto.ptr<f32, bias>,
// CHECK-SAME: !pto.ptr<i64, scaling>)
func.func private @pointers(!pto.ptr<f16>, !pto.ptr<f32, gm>, !pto.ptr<i8, ub>, !pto.ptr<f16, l1>,
                            !pto.ptr<f16, l0a>, !pto.ptr<f16, l0b>, !pto.ptr<f32, l0c>,
                            !pto.ptr<f32, bt>, !pto.ptr<i64, fb>)

// CHECK-LABEL: func.func private @views(
// CHECK-SAME: !pto.tensor_view<64x128xf32>, !pto.tensor_view<?x?xbf16>, !pto.tensor_view<2x?x16xi32>,
// CHECK-SAME: !pto.partition_tensor_view<64x128xf32>, !pto.partition_tensor_view<1x?xf16>)
func.func private @views(!pto.tensor_view<64x128xf32>, !pto.tensor_view<?x?xbf16>,
                         !pto.tensor_view<2x?x16xi32>, !pto.partition_tensor_view<64x128xf32>,
                         !pto.partition_tensor_view<1x?xf16>)

// CHECK-LABEL: func.func private @tiles(
// CHECK-SAME: !pto.tile_buf<vec, 32x128xf32>,
// CHECK-SAME: !pto.tile_buf<vec, 32x128xf32, valid=?x100>,
// CHECK-SAME: !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>,
// CHECK-SAME: !pto.tile_buf<mat, 64x128xf16, valid=60x128, blayout=col_major, slayout=row_major, pad=1, compact=2>,
// CHECK-SAME: !pto.pipe)
func.func private @tiles(!pto.tile_buf<vec, 32x128xf32, valid=32x128, blayout=row_major, slayout=none_box, fractal=512, pad=0, compact=0>,
    !pto.tile_buf<vec, 32x128xf32, valid=?x100>,
    !pto.tile_buf<acc, 64x128xf32, fractal=1024, slayout=row_major, blayout=col_major>,
    !pto.tile_buf<mat, 64x128xf16, valid=60x128, blayout=col_major, slayout=row_major, pad=1, compact=2>,
    !pto.pipe)

// The older spelling with every field named.
// CHECK-LABEL: func.func private @legacy(
// CHECK-SAME: !pto.tile_buf<vec, 32x1xf32, blayout=col_major>,
// CHECK-SAME: !pto.tile_buf<right, 64x128xf16, valid=?x128, slayout=col_major, compact=1>,
// CHECK-SAME: !pto.multi_tile_buf<vec, 8x64xf32, count=3>)
func.func private @legacy(
    !pto.tile_buf<loc=vec, dtype=f32, rows=32, cols=1, v_row=32, v_col=1, blayout=col_major, slayout=none_box, fractal=512, pad=0>,
    !pto.tile_buf<loc=right, dtype=f16, rows=64, cols=128, v_row=?, v_col=128, blayout=row_major, slayout=col_major, fractal=512, pad=0, compact=1>,
    !pto.multi_tile_buf<loc=vec, dtype=f32, rows=8, cols=64, v_row=8, v_col=64, blayout=row_major, slayout=none_box, fractal=512, pad=0, count=3>)

// A left tile is row_major on A2 and A3, whatever the text says.
// CHECK-LABEL: func.func private @left(
// CHECK-SAME: !pto.tile_buf<left, 64x128xf16, slayout=row_major>,
// CHECK-SAME: !pto.multi_tile_buf<left, 64x64xf16, slayout=row_major, count=2>)
func.func private @left(!pto.tile_buf<left, 64x128xf16, blayout=col_major, slayout=row_major>,
                        !pto.multi_tile_buf<left, 64x64xf16, blayout=col_major, slayout=row_major, count=2>)
