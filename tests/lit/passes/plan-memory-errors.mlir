// RUN: pto-opt %s --pto-plan-memory=soc=%soc --split-input-file --verify-diagnostics

// Two fp16 right tiles of 64 KiB each do not fit 64 KiB of L0B; every buffer of that memory is
// listed with its bytes, and each memory that overflows is reported.

// expected-error @+5 {{L0B overflow: 131072 B needed, expected at most 65536 B on Ascend910B2}}
// expected-note @+4 {{k_right: 1 x 65536 B at 0x0}}
// expected-note @+3 {{v_right: 1 x 65536 B at 0x10000}}
// expected-error @+2 {{L0C overflow: 262144 B needed, expected at most 131072 B on Ascend910B2}}
// expected-note @+1 {{acc: 2 x 131072 B at 0x0}}
func.func @cube() attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %k = pto.alloc_tile {buffer = "k_right"} : !pto.tile_buf<right, 128x256xf16, slayout=col_major>
  %v = pto.alloc_tile {buffer = "v_right"} : !pto.tile_buf<right, 256x128xf16, slayout=col_major>
  %a = pto.alloc_multi_tile {buffer = "acc"} : !pto.multi_tile_buf<acc, 128x256xf32, blayout=col_major, slayout=row_major, fractal=1024, count=2>
  return
}

// -----

func.func @mixed() attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %a = pto.alloc_tile {buffer = "x"} : !pto.tile_buf<left, 16x64xf16, slayout=row_major>
  // expected-error @+1 {{places buffer 'x' in L0B, but another allocation places it in L0A}}
  %b = pto.alloc_tile {buffer = "x"} : !pto.tile_buf<right, 64x16xf16, slayout=col_major>
  return
}

// -----

func.func @bias() attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // expected-error @+1 {{has a memory that the planner does not place; expected mat, left, right, acc or vec}}
  %a = pto.alloc_tile : !pto.tile_buf<bias, 1x64xf32>
  return
}
