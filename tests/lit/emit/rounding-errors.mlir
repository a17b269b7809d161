// RUN: pto-opt %s --pto-print-program=soc=%soc --split-input-file --verify-diagnostics

// A program knows the two ways of rounding to the nearest.
func.func @cube(%s0: index) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  return
}
func.func @vector() attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %a = pto.alloc_tile {address = 0 : i64} : !pto.tile_buf<vec, 16x64xf32>
  %b = pto.alloc_tile {address = 4096 : i64} : !pto.tile_buf<vec, 16x64xf16>
  // expected-error @+1 {{rounds as FLOOR, which has no place in a program; expected a mode that rounds to the nearest}}
  pto.tcvt ins(%a {rmode = #pto<round_mode FLOOR>} : !pto.tile_buf<vec, 16x64xf32>) outs(%b : !pto.tile_buf<vec, 16x64xf16>)
  return
}
