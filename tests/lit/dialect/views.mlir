// RUN: pto-opt %s | pto-opt | FileCheck %s

// CHECK-LABEL: func.func @global
func.func @global(%p: !pto.ptr<f16>, %rows: index, %row: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  // CHECK: %[[Q:.*]] = pto.addptr %{{.*}}, %{{.*}} : !pto.ptr<f16, gm> -> !pto.ptr<f16, gm>
  %q = pto.addptr %p, %c64 : !pto.ptr<f16> -> !pto.ptr<f16>
  // CHECK: pto.castptr %{{.*}} : !pto.ptr<f16, gm> -> !pto.ptr<f32, gm>
  %words = pto.castptr %p : !pto.ptr<f16> -> !pto.ptr<f32>
  // CHECK: %[[V:.*]] = pto.make_tensor_view %[[Q]], shape = [%{{.*}}, %c128], strides = [%c128, %c1] : !pto.tensor_view<?x128xf16>
  %v = pto.make_tensor_view %q, shape = [%rows, %c128], strides = [%c128, %c1] : !pto.tensor_view<?x128xf16>
  // CHECK: pto.make_tensor_view %[[Q]], shape = [%c128, %{{.*}}], strides = [%c1, %c128] {layout = #pto.layout<dn>} : !pto.tensor_view<?x?xf16>
  %t = pto.make_tensor_view %q, shape = [%c128, %rows], strides = [%c1, %c128] {layout = #pto.layout<dn>} : !pto.tensor_view<?x?xf16>
  // CHECK: pto.partition_view %[[V]], offsets = [%{{.*}}, %c0], sizes = [%c64, %c128] : !pto.tensor_view<?x128xf16> -> !pto.partition_tensor_view<64x128xf16>
  %w = pto.partition_view %v, offsets = [%row, %c0], sizes = [%c64, %c128] : !pto.tensor_view<?x128xf16> -> !pto.partition_tensor_view<64x128xf16>
  return
}

// CHECK-LABEL: func.func @tiles
func.func @tiles(%i: index, %r: index, %addr: i64) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  // CHECK: %[[A:.*]] = pto.alloc_tile : !pto.tile_buf<vec, 32x128xf32>
  %a = pto.alloc_tile : !pto.tile_buf<vec, 32x128xf32>
  // CHECK: pto.alloc_tile valid_row = %{{.*}} : !pto.tile_buf<vec, 32x128xf32, valid=?x128>
  %b = pto.alloc_tile valid_row = %r : !pto.tile_buf<vec, 32x128xf32, valid=?x128>
  // CHECK: pto.alloc_tile addr = %{{.*}} valid_row = %{{.*}} valid_col = %{{.*}} : !pto.tile_buf<vec, 32x128xf32, valid=?x?>
  %c = pto.alloc_tile addr = %addr valid_row = %r valid_col = %i : !pto.tile_buf<vec, 32x128xf32, valid=?x?>
  // Two tiles in the storage of one buffer, planned.
  // CHECK: pto.alloc_tile {address = 4096 : i64, buffer = "vec_in", stride = 16384 : i64} : !pto.tile_buf<vec, 32x128xf32>
  %d = pto.alloc_tile {buffer = "vec_in", address = 4096 : i64, stride = 16384 : i64} : !pto.tile_buf<vec, 32x128xf32>
  // CHECK: pto.alloc_tile {address = 4096 : i64, buffer = "vec_in", stride = 16384 : i64} : !pto.tile_buf<vec, 64x64xf32>
  %e = pto.alloc_tile {buffer = "vec_in", address = 4096 : i64, stride = 16384 : i64} : !pto.tile_buf<vec, 64x64xf32>
  // CHECK: %[[M:.*]] = pto.alloc_multi_tile {address = 0 : i64, buffer = "exp_max", stride = 256 : i64} : !pto.multi_tile_buf<vec, 64x1xf32, blayout=col_major, count=8>
  %m = pto.alloc_multi_tile {buffer = "exp_max", address = 0 : i64, stride = 256 : i64} : !pto.multi_tile_buf<vec, 64x1xf32, blayout=col_major, count=8>
  // CHECK: pto.multi_tile_get %[[M]][%{{.*}}] : !pto.multi_tile_buf<vec, 64x1xf32, blayout=col_major, count=8> -> !pto.tile_buf<vec, 64x1xf32, blayout=col_major>
  %n = pto.multi_tile_get %m[%i] : !pto.multi_tile_buf<vec, 64x1xf32, blayout=col_major, count=8> -> !pto.tile_buf<vec, 64x1xf32, blayout=col_major>
  %o = pto.multi_tile_get %m[%c1] : !pto.multi_tile_buf<vec, 64x1xf32, blayout=col_major, count=8> -> !pto.tile_buf<vec, 64x1xf32, blayout=col_major>
  // CHECK: pto.subview %[[A]][%c8, %c0] sizes [8, 128] : !pto.tile_buf<vec, 32x128xf32> -> !pto.tile_buf<vec, 8x128xf32>
  %s = pto.subview %a[%c8, %c0] sizes [8, 128] : !pto.tile_buf<vec, 32x128xf32> -> !pto.tile_buf<vec, 8x128xf32>
  // CHECK: pto.subview %[[A]][%{{.*}}, %c0] sizes [8, 128] valid [%{{.*}}, %{{.*}}] : !pto.tile_buf<vec, 32x128xf32> -> !pto.tile_buf<vec, 8x128xf32, valid=?x?>
  %u = pto.subview %a[%i, %c0] sizes [8, 128] valid [%r, %i] : !pto.tile_buf<vec, 32x128xf32> -> !pto.tile_buf<vec, 8x128xf32, valid=?x?>
  // CHECK: pto.treshape %{{.*}} : !pto.tile_buf<vec, 64x1xf32, blayout=col_major> -> !pto.tile_buf<vec, 1x64xf32>
  %v = pto.treshape %o : !pto.tile_buf<vec, 64x1xf32, blayout=col_major> -> !pto.tile_buf<vec, 1x64xf32>
  return
}

// Whole boxes of an accumulator, all columns of an operand.
// CHECK-LABEL: func.func @boxes
func.func @boxes() attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %acc = pto.alloc_tile : !pto.tile_buf<acc, 128x128xf32, blayout=col_major, slayout=row_major, fractal=1024>
  %k = pto.alloc_tile : !pto.tile_buf<right, 128x128xf16, slayout=col_major>
  // CHECK: pto.subview %{{.*}}[%c0, %c64] sizes [128, 64]
  %a = pto.subview %acc[%c0, %c64] sizes [128, 64] : !pto.tile_buf<acc, 128x128xf32, blayout=col_major, slayout=row_major, fractal=1024> -> !pto.tile_buf<acc, 128x64xf32, blayout=col_major, slayout=row_major, fractal=1024>
  // CHECK: pto.subview %{{.*}}[%c64, %c0] sizes [64, 128]
  %b = pto.subview %k[%c64, %c0] sizes [64, 128] : !pto.tile_buf<right, 128x128xf16, slayout=col_major> -> !pto.tile_buf<right, 64x128xf16, slayout=col_major>
  return
}

// CHECK-LABEL: func.func @cores
func.func @cores() {
  // CHECK-NEXT: pto.get_block_idx
  %0 = pto.get_block_idx
  // CHECK-NEXT: pto.get_block_num
  %1 = pto.get_block_num
  // CHECK-NEXT: pto.get_subblock_idx
  %2 = pto.get_subblock_idx
  // CHECK-NEXT: pto.get_subblock_num
  %3 = pto.get_subblock_num
  %4 = arith.index_cast %0 : i64 to index
  return
}
