// RUN: pto-opt %s --pto-plan-memory=soc=%soc --pto-insert-sync=soc=%soc --split-input-file --verify-diagnostics

!mat = !pto.tile_buf<mat, 16x16xf16, blayout=col_major, slayout=row_major>
!mats = !pto.multi_tile_buf<mat, 16x16xf16, blayout=col_major, slayout=row_major, count=5>
!left = !pto.tile_buf<left, 16x16xf16, slayout=row_major>
!view = !pto.partition_tensor_view<16x16xf16>

// expected-error @+1 {{needs 10 event ids from PIPE_MTE1 to PIPE_MTE2, expected at most 8 on Ascend910B2: a 5 b 5}}
func.func @ids(%w : !view, %n : index) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %a = pto.alloc_multi_tile {buffer = "a"} : !mats
  %b = pto.alloc_multi_tile {buffer = "b"} : !mats
  %l = pto.alloc_tile {buffer = "l"} : !left
  scf.for %i = %c0 to %n step %c1 {
    %copy = arith.remui %i, %c5 : index
    %x = pto.multi_tile_get %a[%copy] : !mats -> !mat
    pto.tload ins(%w : !view) outs(%x : !mat)
    pto.textract ins(%x, %c0, %c0 : !mat, index, index) outs(%l : !left)
    %y = pto.multi_tile_get %b[%copy] : !mats -> !mat
    pto.tload ins(%w : !view) outs(%y : !mat)
    pto.textract ins(%y, %c0, %c0 : !mat, index, index) outs(%l : !left)
  }
  return
}

// -----

!left = !pto.tile_buf<left, 64x64xf16, slayout=row_major>
!right = !pto.tile_buf<right, 64x64xf16, slayout=col_major>
!acc = !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>
!view = !pto.partition_tensor_view<64x64xf32>

func.func @phases(%out : !view) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %l = pto.alloc_tile {buffer = "l"} : !left
  %r = pto.alloc_tile {buffer = "r"} : !right
  %a = pto.alloc_tile {buffer = "a"} : !acc
  // expected-note @+1 {{the other operation: pto.tmatmul}}
  pto.tmatmul ins(%l, %r : !left, !right) outs(%a : !acc) {accPhase = #pto<acc_phase final>}
  // expected-error @+1 {{has no unit-flag phase, but another operation on buffer 'a' has one; expected all or none}}
  pto.tstore ins(%a : !acc) outs(%out : !view)
  return
}

// -----

!mat = !pto.tile_buf<mat, 16x16xf16, blayout=col_major, slayout=row_major>
!mats = !pto.multi_tile_buf<mat, 16x16xf16, blayout=col_major, slayout=row_major, count=2>
!left = !pto.tile_buf<left, 16x16xf16, slayout=row_major>
!view = !pto.partition_tensor_view<16x16xf16>

// The second load takes a copy that may be the first one's, before that one is read.

func.func @interleaved(%w : !view, %n : index, %j : index) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %a = pto.alloc_multi_tile {buffer = "a"} : !mats
  %l = pto.alloc_tile {buffer = "l"} : !left
  scf.for %i = %c0 to %n step %c1 {
    %first = arith.remui %i, %c2 : index
    %second = arith.remui %j, %c2 : index
    %x = pto.multi_tile_get %a[%first] : !mats -> !mat
    %y = pto.multi_tile_get %a[%second] : !mats -> !mat
    // expected-note @+1 {{the other use begins here}}
    pto.tload ins(%w : !view) outs(%x : !mat)
    // expected-error @+1 {{uses a copy of buffer 'a' that may still be in use; expected copies that differ}}
    pto.tload ins(%w : !view) outs(%y : !mat)
    pto.textract ins(%x, %c0, %c0 : !mat, index, index) outs(%l : !left)
    pto.textract ins(%y, %c0, %c0 : !mat, index, index) outs(%l : !left)
  }
  return
}

// -----

!vec = !pto.tile_buf<vec, 32x64xf32>
!view = !pto.partition_tensor_view<32x64xf32>

func.func @branches(%w : !view, %c : i1) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %x = pto.alloc_tile {buffer = "x"} : !vec
  pto.tload ins(%w : !view) outs(%x : !vec)
  // expected-error @+1 {{uses tiles in several blocks; expected loops with one block}}
  scf.if %c {
    pto.texp ins(%x : !vec) outs(%x : !vec)
  } else {
    pto.texp ins(%x : !vec) outs(%x : !vec)
  }
  return
}
