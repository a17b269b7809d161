// RUN: pto-opt %s -split-input-file -verify-diagnostics

func.func @f(%p: !pto.ptr<f16>, %q: !pto.ptr<f32>, %i: index) {
  // expected-error@+1 {{failed to verify that all of {ptr, result} have same type}}
  %0 = "pto.addptr"(%p, %i) : (!pto.ptr<f16>, index) -> !pto.ptr<f32>
  return
}

// -----

func.func @f(%p: !pto.ptr<f16, vec>, %i: index) {
  // expected-error@+1 {{'pto.make_tensor_view' op expected a pointer to gm, got one to vec}}
  %0 = "pto.make_tensor_view"(%p, %i, %i) {operandSegmentSizes = array<i32: 1, 1, 1>} : (!pto.ptr<f16, vec>, index, index) -> !pto.tensor_view<?xf16>
  return
}

// -----

func.func @f(%p: !pto.ptr<f32>, %i: index) {
  // expected-error@+1 {{'pto.make_tensor_view' op expected pointer and view of one element type, got 'f32' and 'f16'}}
  %0 = "pto.make_tensor_view"(%p, %i, %i) {operandSegmentSizes = array<i32: 1, 1, 1>} : (!pto.ptr<f32>, index, index) -> !pto.tensor_view<?xf16>
  return
}

// -----

func.func @f(%p: !pto.ptr<f16>, %i: index) {
  // expected-error@+1 {{expected !pto.tensor_view, got '!pto.partition_tensor_view<?x?xf16>'}}
  %0 = pto.make_tensor_view %p, shape = [%i, %i], strides = [%i, %i] : !pto.partition_tensor_view<?x?xf16>
  return
}

// -----

func.func @f(%p: !pto.ptr<f16>, %i: index) {
  // expected-error@+1 {{'pto.make_tensor_view' op expected 2 entries in shape and in strides, got 2 and 1}}
  %0 = pto.make_tensor_view %p, shape = [%i, %i], strides = [%i] : !pto.tensor_view<?x?xf16>
  return
}

// -----

func.func @f(%p: !pto.ptr<f16>, %i: index) {
  %c0 = arith.constant 0 : index
  // expected-error@+1 {{'pto.make_tensor_view' op expected a positive extent in dimension 1, got 0}}
  %0 = pto.make_tensor_view %p, shape = [%i, %c0], strides = [%i, %i] : !pto.tensor_view<?x?xf16>
  return
}

// -----

func.func @f(%p: !pto.ptr<f16>, %i: index) {
  %c64 = arith.constant 64 : index
  // expected-error@+1 {{'pto.make_tensor_view' op expected extent 128 in dimension 0, as in the result type, got 64}}
  %0 = pto.make_tensor_view %p, shape = [%c64, %i], strides = [%i, %i] : !pto.tensor_view<128x?xf16>
  return
}

// -----

func.func @f(%p: !pto.ptr<f16>, %i: index) {
  %m1 = arith.constant -1 : index
  // expected-error@+1 {{'pto.make_tensor_view' op expected a positive stride in dimension 0, got -1}}
  %0 = pto.make_tensor_view %p, shape = [%i, %i], strides = [%m1, %i] : !pto.tensor_view<?x?xf16>
  return
}

// -----

func.func @f(%p: !pto.ptr<f16>, %i: index) {
  %c128 = arith.constant 128 : index
  // expected-error@+1 {{'pto.make_tensor_view' op expected stride 1 in dimension 1 for layout nd, got 128}}
  %0 = pto.make_tensor_view %p, shape = [%i, %i], strides = [%i, %c128] {layout = #pto.layout<nd>} : !pto.tensor_view<?x?xf16>
  return
}

// -----

func.func @f(%p: !pto.ptr<f16>, %i: index) {
  %c128 = arith.constant 128 : index
  // expected-error@+1 {{'pto.make_tensor_view' op expected stride 1 in dimension 0 for layout dn, got 128}}
  %0 = pto.make_tensor_view %p, shape = [%i, %i], strides = [%c128, %i] {layout = #pto.layout<dn>} : !pto.tensor_view<?x?xf16>
  return
}

// -----

func.func @f(%v: !pto.tensor_view<?x128xf16>, %i: index) {
  // expected-error@+1 {{'pto.partition_view' op expected source and result of one element type, got 'f16' and 'f32'}}
  %0 = pto.partition_view %v, offsets = [%i, %i], sizes = [%i, %i] : !pto.tensor_view<?x128xf16> -> !pto.partition_tensor_view<?x?xf32>
  return
}

// -----

func.func @f(%v: !pto.tensor_view<?x128xf16>, %i: index) {
  // expected-error@+1 {{'pto.partition_view' op expected 2 offsets, sizes and dimensions of the result, as the source has, got 1, 2 and 2}}
  %0 = pto.partition_view %v, offsets = [%i], sizes = [%i, %i] : !pto.tensor_view<?x128xf16> -> !pto.partition_tensor_view<?x?xf16>
  return
}

// -----

func.func @f(%v: !pto.tensor_view<?x128xf16>, %i: index) {
  %m1 = arith.constant -1 : index
  // expected-error@+1 {{'pto.partition_view' op expected an offset of at least 0 in dimension 1, got -1}}
  %0 = pto.partition_view %v, offsets = [%i, %m1], sizes = [%i, %i] : !pto.tensor_view<?x128xf16> -> !pto.partition_tensor_view<?x?xf16>
  return
}

// -----

func.func @f(%v: !pto.tensor_view<?x128xf16>, %i: index) {
  %c0 = arith.constant 0 : index
  // expected-error@+1 {{'pto.partition_view' op expected a positive size in dimension 0, got 0}}
  %0 = pto.partition_view %v, offsets = [%i, %i], sizes = [%c0, %i] : !pto.tensor_view<?x128xf16> -> !pto.partition_tensor_view<?x?xf16>
  return
}

// -----

func.func @f(%v: !pto.tensor_view<?x128xf16>, %i: index) {
  %c32 = arith.constant 32 : index
  // expected-error@+1 {{'pto.partition_view' op expected size 64 in dimension 0, as in the result type, got 32}}
  %0 = pto.partition_view %v, offsets = [%i, %i], sizes = [%c32, %i] : !pto.tensor_view<?x128xf16> -> !pto.partition_tensor_view<64x?xf16>
  return
}

// -----

func.func @f(%v: !pto.tensor_view<?x128xf16>, %i: index) {
  %c32 = arith.constant 32 : index
  %c128 = arith.constant 128 : index
  // expected-error@+1 {{'pto.partition_view' op expected the window inside the source in dimension 1: offset 32 + size 128 is beyond 128}}
  %0 = pto.partition_view %v, offsets = [%i, %c32], sizes = [%c32, %c128] : !pto.tensor_view<?x128xf16> -> !pto.partition_tensor_view<32x128xf16>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'pto.alloc_tile' op expected a row of a row_major tile to be a multiple of 32 bytes, got 4 bytes}}
  %0 = pto.alloc_tile : !pto.tile_buf<vec, 32x1xf32>
  return
}

// -----

func.func @f() {
  // Vr of 4 rows: a column-major reduce slice of 16 bytes.
  // expected-error@+1 {{'pto.alloc_tile' op expected a column of a col_major tile to be a multiple of 32 bytes, got 16 bytes}}
  %0 = pto.alloc_tile : !pto.tile_buf<vec, 4x1xf32, blayout=col_major>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'pto.alloc_tile' op expected a tile of whole boxes of 16x16 elements, got 64x24}}
  %0 = pto.alloc_tile : !pto.tile_buf<mat, 64x24xf16, blayout=col_major, slayout=row_major>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'pto.alloc_multi_tile' op expected a tile of whole boxes of 16x8 elements, got 24x64}}
  %0 = pto.alloc_multi_tile : !pto.multi_tile_buf<left, 24x64xf32, slayout=row_major, count=2>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'pto.alloc_tile' op expected 'valid_row' because the type has '?'}}
  %0 = pto.alloc_tile : !pto.tile_buf<vec, 32x128xf32, valid=?x128>
  return
}

// -----

func.func @f(%i: index) {
  // expected-error@+1 {{'pto.alloc_tile' op expected 'valid_col' only where the type has '?'}}
  %0 = pto.alloc_tile valid_col = %i : !pto.tile_buf<vec, 32x128xf32>
  return
}

// -----

func.func @f(%a: i64) {
  // expected-error@+1 {{'pto.alloc_tile' op expected either the operand 'addr', or the attributes 'buffer' and 'address'}}
  %0 = pto.alloc_tile addr = %a {address = 0 : i64} : !pto.tile_buf<vec, 32x128xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'pto.alloc_tile' op expected 'buffer' to name an entry of the buffer table, got ""}}
  %0 = pto.alloc_tile {buffer = ""} : !pto.tile_buf<vec, 32x128xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'pto.alloc_tile' op expected 'address' to be a multiple of 32 bytes, at least 0, got 100}}
  %0 = pto.alloc_tile {address = 100 : i64} : !pto.tile_buf<vec, 32x128xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'pto.alloc_tile' op expected 'address' to be a multiple of 32 bytes, at least 0, got -32}}
  %0 = pto.alloc_tile {address = -32 : i64} : !pto.tile_buf<vec, 32x128xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'pto.alloc_multi_tile' op expected 'stride' to be a multiple of 32 bytes, got 16400}}
  %0 = pto.alloc_multi_tile {stride = 16400 : i64} : !pto.multi_tile_buf<vec, 32x128xf32, count=2>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'pto.alloc_multi_tile' op expected 'stride' to be at least 16384 bytes, got 8192}}
  %0 = pto.alloc_multi_tile {stride = 8192 : i64} : !pto.multi_tile_buf<vec, 32x128xf32, count=2>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'pto.alloc_multi_tile' op expected an array of tiles without '?' in 'valid', got '!pto.tile_buf<vec, 32x128xf32, valid=?x128>'}}
  %0 = pto.alloc_multi_tile : !pto.multi_tile_buf<vec, 32x128xf32, valid=?x128, count=2>
  return
}

// -----

func.func @f() attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // expected-error@+1 {{'pto.alloc_tile' op expected a tile in mat, left, right, acc, bias or scaling in a cube kernel, got vec}}
  %0 = pto.alloc_tile : !pto.tile_buf<vec, 32x128xf32>
  return
}

// -----

func.func @f() attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-error@+1 {{'pto.alloc_multi_tile' op expected a tile in vec in a vector kernel, got mat}}
  %0 = pto.alloc_multi_tile : !pto.multi_tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major, count=2>
  return
}

// -----

func.func @f(%m: !pto.multi_tile_buf<vec, 32x128xf32, count=2>, %i: index) {
  // expected-error@+1 {{'pto.multi_tile_get' op expected the array's tile type '!pto.tile_buf<vec, 32x128xf32>', got '!pto.tile_buf<vec, 32x64xf32>'}}
  %0 = pto.multi_tile_get %m[%i] : !pto.multi_tile_buf<vec, 32x128xf32, count=2> -> !pto.tile_buf<vec, 32x64xf32>
  return
}

// -----

func.func @f(%m: !pto.multi_tile_buf<vec, 32x128xf32, count=2>) {
  %c2 = arith.constant 2 : index
  // expected-error@+1 {{'pto.multi_tile_get' op expected an index in 0..1, got 2}}
  %0 = pto.multi_tile_get %m[%c2] : !pto.multi_tile_buf<vec, 32x128xf32, count=2> -> !pto.tile_buf<vec, 32x128xf32>
  return
}

// -----

func.func @f(%t: !pto.tile_buf<vec, 32x128xf32>, %i: index) {
  // expected-error@+1 {{'pto.subview' op expected 2 offsets and 2 sizes, got 1 and 2}}
  %0 = pto.subview %t[%i] sizes [8, 128] : !pto.tile_buf<vec, 32x128xf32> -> !pto.tile_buf<vec, 8x128xf32>
  return
}

// -----

func.func @f(%t: !pto.tile_buf<vec, 32x128xf32>, %i: index) {
  // expected-error@+1 {{'pto.subview' op expected memory, element type and layout of the source, '!pto.tile_buf<vec, 32x128xf32>', got '!pto.tile_buf<vec, 8x128xf16>'}}
  %0 = pto.subview %t[%i, %i] sizes [8, 128] : !pto.tile_buf<vec, 32x128xf32> -> !pto.tile_buf<vec, 8x128xf16>
  return
}

// -----

func.func @f(%t: !pto.tile_buf<vec, 32x128xf32>, %i: index) {
  // expected-error@+1 {{'pto.subview' op expected a positive number of rows, got 0}}
  %0 = pto.subview %t[%i, %i] sizes [0, 128] : !pto.tile_buf<vec, 32x128xf32> -> !pto.tile_buf<vec, 8x128xf32>
  return
}

// -----

func.func @f(%t: !pto.tile_buf<vec, 32x128xf32>) {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  // expected-error@+1 {{'pto.subview' op expected the window inside its tile: rows 32 + 8 are outside 0..32}}
  %0 = pto.subview %t[%c32, %c0] sizes [8, 128] : !pto.tile_buf<vec, 32x128xf32> -> !pto.tile_buf<vec, 8x128xf32>
  return
}

// -----

func.func @f(%t: !pto.tile_buf<vec, 32x128xf32>, %i: index) {
  // expected-error@+1 {{'pto.subview' op expected the window inside its tile: columns 0 + 256 are outside 0..128}}
  %0 = pto.subview %t[%i, %i] sizes [8, 256] : !pto.tile_buf<vec, 32x128xf32> -> !pto.tile_buf<vec, 8x256xf32>
  return
}

// -----

func.func @f(%t: !pto.tile_buf<vec, 32x128xf32>, %i: index) {
  // expected-error@+1 {{'pto.subview' op expected a result of 8x128, as in sizes, got 16x128}}
  %0 = pto.subview %t[%i, %i] sizes [8, 128] : !pto.tile_buf<vec, 32x128xf32> -> !pto.tile_buf<vec, 16x128xf32>
  return
}

// -----

// The emitted right window would keep the parent's extents, which pto-isa's matmul refuses.
func.func @f(%t: !pto.tile_buf<right, 128x128xf16, slayout=col_major>) {
  %c0 = arith.constant 0 : index
  // expected-error@+1 {{'pto.subview' op expected all 128 columns of a right tile: its column windows keep the parent's extent in the emitted code; slice with pto.textract, got 64}}
  %0 = pto.subview %t[%c0, %c0] sizes [128, 64] : !pto.tile_buf<right, 128x128xf16, slayout=col_major> -> !pto.tile_buf<right, 128x64xf16, slayout=col_major>
  return
}

// -----

func.func @f(%t: !pto.tile_buf<vec, 32x128xf32>, %i: index) {
  // expected-error@+1 {{'pto.subview' op expected 2 values in 'valid', got 1}}
  %0 = pto.subview %t[%i, %i] sizes [8, 128] valid [%i] : !pto.tile_buf<vec, 32x128xf32> -> !pto.tile_buf<vec, 8x128xf32, valid=?x128>
  return
}

// -----

func.func @f(%t: !pto.tile_buf<vec, 32x128xf32>, %i: index) {
  // expected-error@+1 {{'pto.subview' op expected 'valid' exactly where the result type has '?'}}
  %0 = pto.subview %t[%i, %i] sizes [8, 128] : !pto.tile_buf<vec, 32x128xf32> -> !pto.tile_buf<vec, 8x128xf32, valid=?x128>
  return
}

// -----

func.func @f(%t: !pto.tile_buf<vec, 32x128xf32>, %i: index) {
  %c4 = arith.constant 4 : index
  // expected-error@+1 {{'pto.subview' op expected the window to start at a multiple of 32 bytes, got 16}}
  %0 = pto.subview %t[%i, %c4] sizes [8, 64] : !pto.tile_buf<vec, 32x128xf32> -> !pto.tile_buf<vec, 8x64xf32>
  return
}

// -----

func.func @f(%t: !pto.tile_buf<acc, 128x128xf32, blayout=col_major, slayout=row_major, fractal=1024>, %i: index) {
  %c0 = arith.constant 0 : index
  // expected-error@+1 {{'pto.subview' op expected constant offsets into a tile with boxes}}
  %0 = pto.subview %t[%i, %c0] sizes [64, 128] : !pto.tile_buf<acc, 128x128xf32, blayout=col_major, slayout=row_major, fractal=1024> -> !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>
  return
}

// -----

func.func @f(%t: !pto.tile_buf<acc, 128x128xf32, blayout=col_major, slayout=row_major, fractal=1024>) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  // expected-error@+1 {{'pto.subview' op expected offsets and sizes to be multiples of the box of 16x16, got offset 8 and size 64}}
  %0 = pto.subview %t[%c8, %c0] sizes [64, 128] : !pto.tile_buf<acc, 128x128xf32, blayout=col_major, slayout=row_major, fractal=1024> -> !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>
  return
}

// -----

func.func @f(%t: !pto.tile_buf<vec, 32x128xf32>) {
  // expected-error@+1 {{'pto.treshape' op expected source and result in one memory, got vec and mat}}
  %0 = pto.treshape %t : !pto.tile_buf<vec, 32x128xf32> -> !pto.tile_buf<mat, 32x128xf32>
  return
}

// -----

func.func @f(%t: !pto.tile_buf<vec, 32x128xf32>) {
  // expected-error@+1 {{'pto.treshape' op expected source and result both with boxes or both without}}
  %0 = pto.treshape %t : !pto.tile_buf<vec, 32x128xf32> -> !pto.tile_buf<vec, 32x128xf32, slayout=row_major>
  return
}

// -----

func.func @f(%t: !pto.tile_buf<vec, 32x1xf32, blayout=col_major>) {
  // expected-error@+1 {{'pto.treshape' op expected a result of 128 bytes, got 256}}
  %0 = pto.treshape %t : !pto.tile_buf<vec, 32x1xf32, blayout=col_major> -> !pto.tile_buf<vec, 1x64xf32>
  return
}

// -----

func.func @f(%t: !pto.tile_buf<vec, 32x1xf32, blayout=col_major>) {
  // expected-error@+1 {{'pto.treshape' op expected a row of a row_major tile to be a multiple of 32 bytes, got 16 bytes}}
  %0 = pto.treshape %t : !pto.tile_buf<vec, 32x1xf32, blayout=col_major> -> !pto.tile_buf<vec, 8x4xf32>
  return
}

// -----

func.func @cast_to_another_memory(%p: !pto.ptr<f16>) {
  // expected-error@+1 {{'pto.castptr' op expected source and result in one memory, got gm and vec}}
  %q = pto.castptr %p : !pto.ptr<f16> -> !pto.ptr<f16, vec>
  return
}
