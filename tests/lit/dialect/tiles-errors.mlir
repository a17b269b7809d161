// RUN: pto-opt %s -split-input-file -verify-diagnostics

//===-- Global memory -----------------------------------------------------===//

func.func @f(%w: !pto.partition_tensor_view<64x128xf16>, %t: !pto.tile_buf<left, 64x128xf16, slayout=row_major>) {
  // expected-error@+1 {{'pto.tload' op expected 'dst' in vec or mat, got left}}
  pto.tload ins(%w : !pto.partition_tensor_view<64x128xf16>) outs(%t : !pto.tile_buf<left, 64x128xf16, slayout=row_major>)
  return
}

// -----

func.func @f(%w: !pto.partition_tensor_view<32x128xf16>, %t: !pto.tile_buf<vec, 32x128xf32>) {
  // expected-error@+1 {{'pto.tload' op expected window and tile of one element width, got 'f16' and 'f32'}}
  pto.tload ins(%w : !pto.partition_tensor_view<32x128xf16>) outs(%t : !pto.tile_buf<vec, 32x128xf32>)
  return
}

// -----

func.func @f(%w: !pto.partition_tensor_view<32x64xf32>, %t: !pto.tile_buf<vec, 32x128xf32>) {
  // expected-error@+1 {{'pto.tload' op expected a window of the tile's valid shape, 32x128, got '!pto.partition_tensor_view<32x64xf32>'}}
  pto.tload ins(%w : !pto.partition_tensor_view<32x64xf32>) outs(%t : !pto.tile_buf<vec, 32x128xf32>)
  return
}

// -----

// Leading dimensions count as rows: 2 x 16 is 32.
func.func @f(%w: !pto.partition_tensor_view<2x16x128xf32>, %t: !pto.tile_buf<vec, 32x128xf32>) {
  pto.tload ins(%w : !pto.partition_tensor_view<2x16x128xf32>) outs(%t : !pto.tile_buf<vec, 32x128xf32>)
  return
}

// -----

func.func @f(%p: !pto.ptr<f16>, %n: index, %t: !pto.tile_buf<mat, 128x128xf16, slayout=col_major>) {
  %v = pto.make_tensor_view %p, shape = [%n, %n], strides = [%n, %n] {layout = #pto.layout<nd>} : !pto.tensor_view<?x?xf16>
  %w = pto.partition_view %v, offsets = [%n, %n], sizes = [%n, %n] : !pto.tensor_view<?x?xf16> -> !pto.partition_tensor_view<128x128xf16>
  // expected-error@+1 {{'pto.tload' op expected blayout/slayout of 'dst' to be row_major/none_box or col_major/row_major for a source of layout nd, got row_major/col_major}}
  pto.tload ins(%w : !pto.partition_tensor_view<128x128xf16>) outs(%t : !pto.tile_buf<mat, 128x128xf16, slayout=col_major>)
  return
}

// -----

func.func @f(%p: !pto.ptr<f16>, %n: index, %t: !pto.tile_buf<mat, 128x128xf16, blayout=col_major, slayout=row_major>) {
  %v = pto.make_tensor_view %p, shape = [%n, %n], strides = [%n, %n] {layout = #pto.layout<dn>} : !pto.tensor_view<?x?xf16>
  %w = pto.partition_view %v, offsets = [%n, %n], sizes = [%n, %n] : !pto.tensor_view<?x?xf16> -> !pto.partition_tensor_view<128x128xf16>
  // expected-error@+1 {{'pto.tload' op expected blayout/slayout of 'dst' to be col_major/none_box or row_major/col_major for a source of layout dn, got col_major/row_major}}
  pto.tload ins(%w : !pto.partition_tensor_view<128x128xf16>) outs(%t : !pto.tile_buf<mat, 128x128xf16, blayout=col_major, slayout=row_major>)
  return
}

// -----

func.func @f(%p: !pto.ptr<f32>, %n: index, %t: !pto.tile_buf<vec, 32x128xf32>) {
  %v = pto.make_tensor_view %p, shape = [%n, %n], strides = [%n, %n] {layout = #pto.layout<dn>} : !pto.tensor_view<?x?xf32>
  %w = pto.partition_view %v, offsets = [%n, %n], sizes = [%n, %n] : !pto.tensor_view<?x?xf32> -> !pto.partition_tensor_view<32x128xf32>
  // expected-error@+1 {{'pto.tload' op expected blayout/slayout of 'dst' to be col_major/none_box for a source of layout dn, got row_major/none_box}}
  pto.tload ins(%w : !pto.partition_tensor_view<32x128xf32>) outs(%t : !pto.tile_buf<vec, 32x128xf32>)
  return
}

// -----

func.func @f(%p: !pto.ptr<f32>, %n: index, %t: !pto.tile_buf<vec, 32x128xf32>) {
  %v = pto.make_tensor_view %p, shape = [%n, %n], strides = [%n, %n] {layout = #pto.layout<nz>} : !pto.tensor_view<?x?xf32>
  %w = pto.partition_view %v, offsets = [%n, %n], sizes = [%n, %n] : !pto.tensor_view<?x?xf32> -> !pto.partition_tensor_view<32x128xf32>
  // expected-error@+1 {{'pto.tload' op expected blayout/slayout of 'dst' to be col_major/row_major for a source of layout nz, got row_major/none_box}}
  pto.tload ins(%w : !pto.partition_tensor_view<32x128xf32>) outs(%t : !pto.tile_buf<vec, 32x128xf32>)
  return
}

// -----

func.func @f(%w: !pto.partition_tensor_view<64x128xf16>, %t: !pto.tile_buf<right, 64x128xf16, slayout=col_major>) {
  // expected-error@+1 {{'pto.tstore' op expected 'src' in vec or mat or acc, got right}}
  pto.tstore ins(%t : !pto.tile_buf<right, 64x128xf16, slayout=col_major>) outs(%w : !pto.partition_tensor_view<64x128xf16>)
  return
}

// -----

func.func @f(%w: !pto.partition_tensor_view<32x128xf32>, %t: !pto.tile_buf<vec, 32x128xf32, valid=30x128>) {
  // expected-error@+1 {{'pto.tstore' op expected a window of the tile's valid shape, 30x128, got '!pto.partition_tensor_view<32x128xf32>'}}
  pto.tstore ins(%t : !pto.tile_buf<vec, 32x128xf32, valid=30x128>) outs(%w : !pto.partition_tensor_view<32x128xf32>)
  return
}

// -----

func.func @f(%w: !pto.partition_tensor_view<32x128xf16>, %t: !pto.tile_buf<vec, 32x128xf32>) {
  // expected-error@+1 {{'pto.tstore' op expected window and tile of one element width, got 'f16' and 'f32'}}
  pto.tstore ins(%t : !pto.tile_buf<vec, 32x128xf32>) outs(%w : !pto.partition_tensor_view<32x128xf16>)
  return
}

// -----

func.func @f(%w: !pto.partition_tensor_view<32x128xf32>, %t: !pto.tile_buf<vec, 32x128xf32>) {
  // expected-error@+1 {{'pto.tstore' op expected 'stPhase' only on the store of an acc tile, got one in vec}}
  pto.tstore ins(%t : !pto.tile_buf<vec, 32x128xf32>) outs(%w : !pto.partition_tensor_view<32x128xf32>) {stPhase = #pto<st_phase final>}
  return
}

// -----

func.func @f(%w: !pto.partition_tensor_view<64x128xf16>, %t: !pto.tile_buf<acc, 64x128xf16, blayout=col_major, slayout=row_major, fractal=1024>) {
  // expected-error@+1 {{'pto.tstore' op expected elements of 'src' to be f32 or i32, got 'f16'}}
  pto.tstore ins(%t : !pto.tile_buf<acc, 64x128xf16, blayout=col_major, slayout=row_major, fractal=1024>) outs(%w : !pto.partition_tensor_view<64x128xf16>)
  return
}

// -----

func.func @f(%w: !pto.partition_tensor_view<64x128xi8>, %t: !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>) {
  // expected-error@+1 {{'pto.tstore' op expected elements of 'dst' to be f32, i32, f16 or bf16, got 'i8'}}
  pto.tstore ins(%t : !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>) outs(%w : !pto.partition_tensor_view<64x128xi8>)
  return
}

// -----

func.func @f(%w: !pto.partition_tensor_view<16x4080xf32>, %t: !pto.tile_buf<acc, 16x4080xf32, blayout=col_major, slayout=row_major, fractal=1024>,
             %x: !pto.partition_tensor_view<16x4096xf32>, %u: !pto.tile_buf<acc, 16x4096xf32, blayout=col_major, slayout=row_major, fractal=1024>) {
  pto.tstore ins(%t : !pto.tile_buf<acc, 16x4080xf32, blayout=col_major, slayout=row_major, fractal=1024>) outs(%w : !pto.partition_tensor_view<16x4080xf32>)
  // expected-error@+1 {{'pto.tstore' op expected 1..4095 columns of an accumulator, got 4096}}
  pto.tstore ins(%u : !pto.tile_buf<acc, 16x4096xf32, blayout=col_major, slayout=row_major, fractal=1024>) outs(%x : !pto.partition_tensor_view<16x4096xf32>)
  return
}

// -----

func.func @f(%p: !pto.ptr<f32>, %n: index, %t: !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>) {
  %v = pto.make_tensor_view %p, shape = [%n, %n], strides = [%n, %n] {layout = #pto.layout<dn>} : !pto.tensor_view<?x?xf32>
  %w = pto.partition_view %v, offsets = [%n, %n], sizes = [%n, %n] : !pto.tensor_view<?x?xf32> -> !pto.partition_tensor_view<64x128xf32>
  // expected-error@+1 {{'pto.tstore' op expected layout nd or nz of 'dst', got dn}}
  pto.tstore ins(%t : !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>) outs(%w : !pto.partition_tensor_view<64x128xf32>)
  return
}

// -----

//===-- Between memories of the core --------------------------------------===//

func.func @f(%a: !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>, %v: !pto.tile_buf<vec, 64x128xf32>) {
  // expected-error@+1 {{'pto.tmov' op expected a move mat to left, right, bias or scaling, vec to vec, or acc to mat, got acc to vec}}
  pto.tmov ins(%a : !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>) outs(%v : !pto.tile_buf<vec, 64x128xf32>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>, %b: !pto.tile_buf<left, 64x64xf16, slayout=row_major>) {
  // expected-error@+1 {{'pto.tmov' op expected 'src' and 'dst' of one shape, got 64x128 and 64x64}}
  pto.tmov ins(%a : !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>) outs(%b : !pto.tile_buf<left, 64x64xf16, slayout=row_major>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>, %b: !pto.tile_buf<left, 64x128xbf16, slayout=row_major>) {
  // expected-error@+1 {{'pto.tmov' op expected 'src' and 'dst' of one element type, got 'f16' and 'bf16'}}
  pto.tmov ins(%a : !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>) outs(%b : !pto.tile_buf<left, 64x128xbf16, slayout=row_major>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>, %b: !pto.tile_buf<right, 64x128xf16, slayout=row_major>) {
  // expected-error@+1 {{'pto.tmov' op expected blayout/slayout of the right tile 'dst' to be row_major/col_major, got row_major/row_major}}
  pto.tmov ins(%a : !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>) outs(%b : !pto.tile_buf<right, 64x128xf16, slayout=row_major>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<acc, 64x128xi32, blayout=col_major, slayout=row_major, fractal=1024>, %b: !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>) {
  // expected-error@+1 {{'pto.tmov' op expected elements of 'src' to be f32, got 'i32'}}
  pto.tmov ins(%a : !pto.tile_buf<acc, 64x128xi32, blayout=col_major, slayout=row_major, fractal=1024>) outs(%b : !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>, %b: !pto.tile_buf<mat, 64x128xf32, blayout=col_major, slayout=row_major>) {
  // expected-error@+1 {{'pto.tmov' op expected elements of 'dst' to be f16 or bf16, got 'f32'}}
  pto.tmov ins(%a : !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>) outs(%b : !pto.tile_buf<mat, 64x128xf32, blayout=col_major, slayout=row_major>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>, %b: !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major, fractal=1024>) {
  // expected-error@+1 {{'pto.tmov' op expected 'dst' with blayout=col_major, slayout=row_major, fractal=512, got '!pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major, fractal=1024>'}}
  pto.tmov ins(%a : !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>) outs(%b : !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major, fractal=1024>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 64x128xf16>, %b: !pto.tile_buf<left, 64x64xf16, slayout=row_major>, %i: index) {
  // expected-error@+1 {{'pto.textract' op expected an extract mat to left or right, or acc to mat, got vec to left}}
  pto.textract ins(%a, %i, %i : !pto.tile_buf<vec, 64x128xf16>, index, index) outs(%b : !pto.tile_buf<left, 64x64xf16, slayout=row_major>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>, %b: !pto.tile_buf<left, 64x64xf16, slayout=row_major>) {
  %c0 = arith.constant 0 : index
  %c80 = arith.constant 80 : index
  // expected-error@+1 {{'pto.textract' op expected the rectangle inside 'src': columns 80 + 64 are outside 0..128}}
  pto.textract ins(%a, %c0, %c80 : !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>, index, index) outs(%b : !pto.tile_buf<left, 64x64xf16, slayout=row_major>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>, %b: !pto.tile_buf<left, 64x64xf16, slayout=row_major>) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  // expected-error@+1 {{'pto.textract' op expected 'row' and 'col' to be multiples of the source's box of 16x16, got 8 for columns}}
  pto.textract ins(%a, %c0, %c8 : !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>, index, index) outs(%b : !pto.tile_buf<left, 64x64xf16, slayout=row_major>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<mat, 64x128xf16>, %b: !pto.tile_buf<left, 64x64xf16, slayout=row_major>, %i: index) {
  // expected-error@+1 {{'pto.textract' op expected 'src' with boxes, got '!pto.tile_buf<mat, 64x128xf16>'}}
  pto.textract ins(%a, %i, %i : !pto.tile_buf<mat, 64x128xf16>, index, index) outs(%b : !pto.tile_buf<left, 64x64xf16, slayout=row_major>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>, %b: !pto.tile_buf<left, 64x64xf16, slayout=col_major>, %i: index) {
  // expected-error@+1 {{'pto.textract' op expected blayout/slayout of the left tile 'dst' to be row_major/row_major, got row_major/col_major}}
  pto.textract ins(%a, %i, %i : !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>, index, index) outs(%b : !pto.tile_buf<left, 64x64xf16, slayout=col_major>)
  return
}

// -----

//===-- Cube --------------------------------------------------------------===//

!left = !pto.tile_buf<left, 64x64xf16, slayout=row_major>
!right = !pto.tile_buf<right, 64x128xf16, slayout=col_major>
!acc = !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>
func.func @f(%a: !left, %b: !right, %c: !acc) {
  // expected-error@+1 {{'pto.tmatmul' op expected 'lhs' in left, got right}}
  pto.tmatmul ins(%b, %b : !right, !right) outs(%c : !acc)
  return
}

// -----

!left = !pto.tile_buf<left, 64x64xf16, slayout=row_major>
!acc = !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>
func.func @f(%a: !left, %c: !acc) {
  // expected-error@+1 {{'pto.tmatmul' op expected 'rhs' in right, got left}}
  pto.tmatmul ins(%a, %a : !left, !left) outs(%c : !acc)
  return
}

// -----

!left = !pto.tile_buf<left, 64x64xf16, slayout=row_major>
!right = !pto.tile_buf<right, 64x128xf16, slayout=col_major>
func.func @f(%a: !left, %b: !right) {
  // expected-error@+1 {{'pto.tmatmul' op expected 'dst' in acc, got right}}
  pto.tmatmul ins(%a, %b : !left, !right) outs(%b : !right)
  return
}

// -----

!left = !pto.tile_buf<left, 64x64xf16, slayout=row_major>
!right = !pto.tile_buf<right, 64x128xbf16, slayout=col_major>
!acc = !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>
func.func @f(%a: !left, %b: !right, %c: !acc) {
  // expected-error@+1 {{'pto.tmatmul' op expected elements (dst; lhs, rhs) of (f32; f16, f16), (f32; bf16, bf16), (f32; f32, f32) or (i32; i8, i8), got ('f32'; 'f16', 'bf16')}}
  pto.tmatmul ins(%a, %b : !left, !right) outs(%c : !acc)
  return
}

// -----

!left = !pto.tile_buf<left, 64x64xf16, slayout=row_major>
!right = !pto.tile_buf<right, 64x128xf16, slayout=col_major>
!acc = !pto.tile_buf<acc, 64x128xi32, blayout=col_major, slayout=row_major, fractal=1024>
func.func @f(%a: !left, %b: !right, %c: !acc) {
  // expected-error@+1 {{'pto.tmatmul' op expected elements (dst; lhs, rhs) of (f32; f16, f16), (f32; bf16, bf16), (f32; f32, f32) or (i32; i8, i8), got ('i32'; 'f16', 'f16')}}
  pto.tmatmul ins(%a, %b : !left, !right) outs(%c : !acc)
  return
}

// -----

!left = !pto.tile_buf<left, 64x64xf16, slayout=row_major>
!right = !pto.tile_buf<right, 64x128xf16, slayout=row_major>
!acc = !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>
func.func @f(%a: !left, %b: !right, %c: !acc) {
  // expected-error@+1 {{'pto.tmatmul' op expected blayout/slayout of the right tile 'rhs' to be row_major/col_major, got row_major/row_major}}
  pto.tmatmul ins(%a, %b : !left, !right) outs(%c : !acc)
  return
}

// -----

!left = !pto.tile_buf<left, 64x64xf16, slayout=row_major>
!right = !pto.tile_buf<right, 64x128xf16, slayout=col_major>
!acc = !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major>
func.func @f(%a: !left, %b: !right, %c: !acc) {
  // expected-error@+1 {{'pto.tmatmul' op expected 'dst' with blayout=col_major, slayout=row_major, fractal=1024, got '!pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major>'}}
  pto.tmatmul ins(%a, %b : !left, !right) outs(%c : !acc)
  return
}

// -----

!left = !pto.tile_buf<left, 64x32xf16, slayout=row_major>
!right = !pto.tile_buf<right, 64x128xf16, slayout=col_major>
!acc = !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>
func.func @f(%a: !left, %b: !right, %c: !acc) {
  // expected-error@+1 {{'pto.tmatmul' op expected as many columns of 'lhs' as rows of 'rhs', got 32 and 64}}
  pto.tmatmul ins(%a, %b : !left, !right) outs(%c : !acc)
  return
}

// -----

!left = !pto.tile_buf<left, 64x64xf16, slayout=row_major>
!right = !pto.tile_buf<right, 64x128xf16, slayout=col_major>
!acc = !pto.tile_buf<acc, 128x128xf32, blayout=col_major, slayout=row_major, fractal=1024>
func.func @f(%a: !left, %b: !right, %c: !acc) {
  // expected-error@+1 {{'pto.tmatmul' op expected 'dst' of rows(lhs) x cols(rhs), 64x128, got '!pto.tile_buf<acc, 128x128xf32, blayout=col_major, slayout=row_major, fractal=1024>'}}
  pto.tmatmul ins(%a, %b : !left, !right) outs(%c : !acc)
  return
}

// -----

!left = !pto.tile_buf<left, 16x4096xi8, slayout=row_major>
!right = !pto.tile_buf<right, 4096x16xi8, slayout=col_major>
!acc = !pto.tile_buf<acc, 16x16xi32, blayout=col_major, slayout=row_major, fractal=1024>
func.func @f(%a: !left, %b: !right, %c: !acc) {
  // expected-error@+1 {{'pto.tmatmul' op expected valid extents of 1..4095, got 4096}}
  pto.tmatmul ins(%a, %b : !left, !right) outs(%c : !acc)
  return
}

// -----

!left = !pto.tile_buf<left, 64x64xf16, slayout=row_major>
!right = !pto.tile_buf<right, 64x128xf16, slayout=col_major>
!acc = !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>
func.func @f(%a: !left, %b: !right, %c: !acc, %d: !acc) {
  // expected-error@+1 {{'pto.tmatmul.acc' op expected 'acc' to be 'dst' itself: the accumulator is updated in place}}
  pto.tmatmul.acc ins(%d, %a, %b : !acc, !left, !right) outs(%c : !acc)
  return
}
