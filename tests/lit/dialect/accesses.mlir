// RUN: pto-opt %s -pto-print-accesses -split-input-file -verify-diagnostics
// What the passes build on: pipe, instruction, and the tiles that an operation reads and writes.

func.func @cube(%q: !pto.partition_tensor_view<64x128xf16>, %out: !pto.partition_tensor_view<64x128xf32>) {
  %c0 = arith.constant 0 : index
  %l1 = pto.alloc_tile {buffer = "q_l1"} : !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>
  %k = pto.alloc_tile {buffer = "k_l1"} : !pto.tile_buf<mat, 128x128xf16, slayout=col_major>
  %a = pto.alloc_tile {buffer = "left"} : !pto.tile_buf<left, 64x128xf16, slayout=row_major>
  %rights = pto.alloc_multi_tile {buffer = "right"} : !pto.multi_tile_buf<right, 128x128xf16, slayout=col_major, count=2>
  %b = pto.multi_tile_get %rights[%c0] : !pto.multi_tile_buf<right, 128x128xf16, slayout=col_major, count=2> -> !pto.tile_buf<right, 128x128xf16, slayout=col_major>
  %acc = pto.alloc_tile {buffer = "acc"} : !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>
  %fb = pto.alloc_tile {buffer = "fb"} : !pto.tile_buf<scaling, 64x128xf16, blayout=col_major, slayout=row_major>
  // expected-remark@+1 {{PIPE_MTE2 TLOAD, writes q_l1}}
  pto.tload ins(%q : !pto.partition_tensor_view<64x128xf16>) outs(%l1 : !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>)
  // expected-remark@+1 {{PIPE_MTE1 TMOV, reads q_l1, writes left}}
  pto.tmov ins(%l1 : !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>) outs(%a : !pto.tile_buf<left, 64x128xf16, slayout=row_major>)
  // expected-remark@+1 {{PIPE_MTE1 TEXTRACT, reads k_l1, writes right}}
  pto.textract ins(%k, %c0, %c0 : !pto.tile_buf<mat, 128x128xf16, slayout=col_major>, index, index) outs(%b : !pto.tile_buf<right, 128x128xf16, slayout=col_major>)
  // expected-remark@+1 {{PIPE_FIX TMOV, reads q_l1, writes fb}}
  pto.tmov ins(%l1 : !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>) outs(%fb : !pto.tile_buf<scaling, 64x128xf16, blayout=col_major, slayout=row_major>)
  // expected-remark@+1 {{PIPE_M TMATMUL, reads left right, writes acc}}
  pto.tmatmul ins(%a, %b : !pto.tile_buf<left, 64x128xf16, slayout=row_major>, !pto.tile_buf<right, 128x128xf16, slayout=col_major>) outs(%acc : !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>)
  // expected-remark@+1 {{PIPE_M TMATMUL_ACC, reads acc left right, writes acc}}
  pto.tmatmul.acc ins(%acc, %a, %b : !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>, !pto.tile_buf<left, 64x128xf16, slayout=row_major>, !pto.tile_buf<right, 128x128xf16, slayout=col_major>) outs(%acc : !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>)
  // expected-remark@+1 {{PIPE_FIX TSTORE, reads acc}}
  pto.tstore ins(%acc : !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>) outs(%out : !pto.partition_tensor_view<64x128xf32>)
  // expected-remark@+1 {{PIPE_FIX TMOV, reads acc, writes q_l1}}
  pto.tmov ins(%acc : !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>) outs(%l1 : !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>)
  return
}

// -----

func.func @vector(%x: !pto.tile_buf<vec, 32x128xf32>, %out: !pto.partition_tensor_view<32x128xf32>, %s: f32, %i: index) {
  %m = pto.alloc_tile {buffer = "row_max"} : !pto.tile_buf<vec, 32x1xf32, blayout=col_major>
  %tmp = pto.alloc_tile {buffer = "row_tmp"} : !pto.tile_buf<vec, 32x128xf32>
  %etmp = pto.alloc_tile {buffer = "expand_tmp"} : !pto.tile_buf<vec, 32x128xf32>
  %y = pto.alloc_tile {buffer = "y"} : !pto.tile_buf<vec, 64x128xf32>
  %ys = pto.subview %y[%i, %i] sizes [32, 128] : !pto.tile_buf<vec, 64x128xf32> -> !pto.tile_buf<vec, 32x128xf32>
  %mr = pto.treshape %m : !pto.tile_buf<vec, 32x1xf32, blayout=col_major> -> !pto.tile_buf<vec, 1x32xf32>
  // expected-remark@+1 {{PIPE_V TROWMAX, reads argument, writes row_tmp row_max, scratch row_tmp}}
  pto.trowmax ins(%x, %tmp : !pto.tile_buf<vec, 32x128xf32>, !pto.tile_buf<vec, 32x128xf32>) outs(%m : !pto.tile_buf<vec, 32x1xf32, blayout=col_major>)
  // expected-remark@+1 {{PIPE_V TROWSUM, reads argument, writes row_max}}
  pto.trowsum ins(%x : !pto.tile_buf<vec, 32x128xf32>) outs(%m : !pto.tile_buf<vec, 32x1xf32, blayout=col_major>)
  // expected-remark@+1 {{PIPE_V TEXP, reads row_max, writes row_max}}
  pto.texp ins(%mr : !pto.tile_buf<vec, 1x32xf32>) outs(%mr : !pto.tile_buf<vec, 1x32xf32>)
  // expected-remark@+1 {{PIPE_V TROWEXPANDSUB, reads argument row_max, writes expand_tmp y, scratch expand_tmp}}
  pto.trowexpandsub ins(%x, %m, %etmp : !pto.tile_buf<vec, 32x128xf32>, !pto.tile_buf<vec, 32x1xf32, blayout=col_major>, !pto.tile_buf<vec, 32x128xf32>) outs(%ys : !pto.tile_buf<vec, 32x128xf32>)
  // expected-remark@+1 {{PIPE_V TADD, reads y argument, writes y}}
  pto.tadd ins(%ys, %x : !pto.tile_buf<vec, 32x128xf32>, !pto.tile_buf<vec, 32x128xf32>) outs(%ys : !pto.tile_buf<vec, 32x128xf32>)
  // expected-remark@+1 {{PIPE_V TMULS, reads y, writes y}}
  pto.tmuls ins(%ys, %s : !pto.tile_buf<vec, 32x128xf32>, f32) outs(%ys : !pto.tile_buf<vec, 32x128xf32>)
  // expected-remark@+1 {{PIPE_V TEXPANDS, writes row_max}}
  pto.texpands ins(%s : f32) outs(%mr : !pto.tile_buf<vec, 1x32xf32>)
  %d = arith.constant 1 : i32
  // expected-remark@+1 {{PIPE_V TTRI, writes row_tmp}}
  pto.ttri ins(%d {upperOrLower = 1 : i32} : i32) outs(%tmp : !pto.tile_buf<vec, 32x128xf32>)
  // expected-remark@+1 {{PIPE_V TMOV, reads y, writes row_tmp}}
  pto.tmov ins(%ys : !pto.tile_buf<vec, 32x128xf32>) outs(%tmp : !pto.tile_buf<vec, 32x128xf32>)
  // expected-remark@+1 {{PIPE_MTE3 TSTORE, reads y}}
  pto.tstore ins(%ys : !pto.tile_buf<vec, 32x128xf32>) outs(%out : !pto.partition_tensor_view<32x128xf32>)
  return
}

// -----

// FIFO transfers: entries in global memory are no tiles; commits queue behind stores, frees behind loads.
func.func @fifo_cube(%v: !pto.tensor_view<64x128xf32>, %w: !pto.tensor_view<64x128xf16>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  pto.aic_initialize_pipe {id = 0, dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  pto.aic_initialize_pipe {id = 1, dir_mask = 2, slot_size = 16384} (gm_slot_tensor = %w : !pto.tensor_view<64x128xf16>)
  // expected-remark@+1 {{PIPE_S}}
  %e = pto.talloc_to_aiv {id = 0, split = 1} -> !pto.tensor_view<64x128xf32>
  // expected-remark@+1 {{PIPE_FIX}}
  pto.tpush_to_aiv(%e : !pto.tensor_view<64x128xf32>) {id = 0, split = 1}
  // expected-remark@+1 {{PIPE_S}}
  %p = pto.tpop_from_aiv {id = 1, split = 1} -> !pto.tensor_view<64x128xf16>
  // expected-remark@+1 {{PIPE_MTE2}}
  pto.tfree_from_aiv(%p : !pto.tensor_view<64x128xf16>) {id = 1, split = 1}
  return
}

// -----

func.func @fifo_vector(%v: !pto.tensor_view<32x128xf16>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %h = pto.initialize_l2g2l_pipe{dir_mask = 2, slot_size = 16384, slot_num = 8}(%v : !pto.tensor_view<32x128xf16>) -> !pto.pipe
  %e = pto.declare_global -> !pto.tensor_view<32x128xf16>
  // expected-remark@+1 {{PIPE_S}}
  pto.talloc(%e, %h : !pto.tensor_view<32x128xf16>, !pto.pipe) {split = 1}
  // expected-remark@+1 {{PIPE_MTE3}}
  pto.tpush(%e, %h : !pto.tensor_view<32x128xf16>, !pto.pipe) {split = 1}
  return
}

// -----

// The push of a tile reads it.
func.func @tile(%gm: !pto.ptr<f32>, %buf: i32) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_buffer = %gm : !pto.ptr<f32>, c2v_consumer_buf = %buf : i32)
  %acc = pto.alloc_tile {buffer = "acc"} : !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>
  // expected-remark@+1 {{PIPE_FIX, reads acc}}
  pto.tpush_to_aiv(%acc : !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>) {id = 0, split = 1}
  return
}
