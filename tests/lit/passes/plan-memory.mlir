// RUN: pto-opt %s --pto-plan-memory=soc=%soc | FileCheck %s

// Every function has its memories to itself. L1 and UB buffers lie at multiples of 256 bytes, L0
// buffers at multiples of 4096.

// CHECK-LABEL: func.func @cube
func.func @cube() attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // CHECK: %[[Q:.*]] = pto.alloc_tile {address = 0 : i64, buffer = "q", stride = 8192 : i64}
  %q = pto.alloc_tile {buffer = "q"} : !pto.tile_buf<mat, 64x64xf16, blayout=col_major, slayout=row_major>
  // CHECK: pto.alloc_multi_tile {address = 8192 : i64, buffer = "k", stride = 16384 : i64}
  %k = pto.alloc_multi_tile {buffer = "k"} : !pto.multi_tile_buf<mat, 64x128xf16, slayout=col_major, count=2>
  // A second allocation that names a buffer shares its storage; the larger one sets the size.
  // CHECK: pto.alloc_multi_tile {address = 8192 : i64, buffer = "k", stride = 16384 : i64}
  %v = pto.alloc_multi_tile {buffer = "k"} : !pto.multi_tile_buf<mat, 64x64xf16, blayout=col_major, slayout=row_major, count=2>
  // CHECK: pto.alloc_tile {address = 0 : i64, stride = 4096 : i64} : !pto.tile_buf<left, 16x64xf16
  %left = pto.alloc_tile : !pto.tile_buf<left, 16x64xf16, slayout=row_major>
  // CHECK: pto.alloc_tile {address = 4096 : i64, stride = 4096 : i64} : !pto.tile_buf<left, 16x32xf16
  %more = pto.alloc_tile : !pto.tile_buf<left, 16x32xf16, slayout=row_major>
  return
}

// CHECK-LABEL: func.func @vector
func.func @vector(%at : i64) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // CHECK: pto.alloc_tile {address = 0 : i64, stride = 256 : i64} : !pto.tile_buf<vec, 1x16xf32>
  %a = pto.alloc_tile : !pto.tile_buf<vec, 1x16xf32>
  // CHECK: pto.alloc_tile {address = 256 : i64, stride = 8192 : i64} : !pto.tile_buf<vec, 32x64xf32>
  %b = pto.alloc_tile : !pto.tile_buf<vec, 32x64xf32>
  // A tile whose address comes at run time is not placed.
  // CHECK: pto.alloc_tile addr = %{{.*}} : !pto.tile_buf<vec, 32x64xf32>
  %c = pto.alloc_tile addr = %at : !pto.tile_buf<vec, 32x64xf32>
  return
}
