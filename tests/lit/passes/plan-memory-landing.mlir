// RUN: pto-opt %s --pto-plan-memory=soc=%soc --split-input-file --verify-diagnostics | FileCheck %s

// A landing buffer is placed, and so are the tiles in it, as far apart as the FIFO lands them. Two
// rings that name one buffer share it.

// CHECK-LABEL: func.func @vector
func.func @vector() attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // CHECK: pto.alloc_tile {address = 0 : i64, buffer = "o", stride = 8192 : i64}
  %o = pto.alloc_tile {buffer = "o"} : !pto.tile_buf<vec, 32x64xf32>
  // CHECK: pto.reserve_buffer{name = "qk_in", size = 8192, location = #pto.address_space<vec>, auto = true, base = 8192} {buffer = "vec_in"}
  %qk = pto.reserve_buffer {name = "qk_in", size = 8192, location = #pto.address_space<vec>, auto = true} {buffer = "vec_in"} -> i32
  // CHECK: pto.alloc_multi_tile {address = 8192 : i64, buffer = "vec_in", stride = 4096 : i64}
  %a = pto.alloc_multi_tile {buffer = "vec_in", stride = 4096 : i64} : !pto.multi_tile_buf<vec, 16x64xf32, count=2>
  // CHECK: pto.reserve_buffer{name = "pv_in", size = 16384, {{.*}}, base = 8192}
  %pv = pto.reserve_buffer {name = "pv_in", size = 16384, location = #pto.address_space<vec>, auto = true} {buffer = "vec_in"} -> i32
  // CHECK: pto.alloc_multi_tile {address = 8192 : i64, buffer = "vec_in", stride = 8192 : i64}
  %b = pto.alloc_multi_tile {buffer = "vec_in", stride = 8192 : i64} : !pto.multi_tile_buf<vec, 32x64xf32, count=2>
  // CHECK: pto.alloc_tile {address = 24576 : i64
  %next = pto.alloc_tile : !pto.tile_buf<vec, 1x8xf32>
  return
}

// -----

func.func @f() attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-error @+1 {{has a place of its own; expected auto = true, so that the planner places it}}
  %in = pto.reserve_buffer {name = "in", size = 8192, location = #pto.address_space<vec>, auto = false, base = 4096} -> i32
  return
}
