// RUN: pto-opt %s -split-input-file -verify-diagnostics

func.func @f(%a: !pto.tile_buf<mat, 32x128xf32>) {
  // expected-error@+1 {{'pto.texp' op expected 'dst' in vec, got mat}}
  pto.texp ins(%a : !pto.tile_buf<mat, 32x128xf32>) outs(%a : !pto.tile_buf<mat, 32x128xf32>)
  return
}

// -----

// A column goes through its row-major alias: see treshape.
func.func @f(%a: !pto.tile_buf<vec, 32x1xf32, blayout=col_major>) {
  // expected-error@+1 {{'pto.texp' op expected 'dst' with blayout=row_major and slayout=none_box, got col_major and none_box}}
  pto.texp ins(%a : !pto.tile_buf<vec, 32x1xf32, blayout=col_major>) outs(%a : !pto.tile_buf<vec, 32x1xf32, blayout=col_major>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xi32>) {
  // expected-error@+1 {{'pto.texp' op expected elements of 'dst' to be f16 or f32, got 'i32'}}
  pto.texp ins(%a : !pto.tile_buf<vec, 32x128xi32>) outs(%a : !pto.tile_buf<vec, 32x128xi32>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %b: !pto.tile_buf<vec, 32x128xf16>) {
  // expected-error@+1 {{'pto.texp' op expected 'dst' and 'src' of one element type, got 'f16' and 'f32'}}
  pto.texp ins(%a : !pto.tile_buf<vec, 32x128xf32>) outs(%b : !pto.tile_buf<vec, 32x128xf16>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %b: !pto.tile_buf<vec, 32x128xf32, valid=32x100>) {
  // expected-error@+1 {{'pto.texp' op expected 'dst' and 'src' of one valid shape, got 32x100 and 32x128}}
  pto.texp ins(%a : !pto.tile_buf<vec, 32x128xf32>) outs(%b : !pto.tile_buf<vec, 32x128xf32, valid=32x100>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %b: !pto.tile_buf<vec, 32x128xf32, valid=?x100>) {
  // expected-error@+1 {{'pto.texp' op expected 'dst' and 'src' of one valid shape, got ?x100 and 32x128}}
  pto.texp ins(%a : !pto.tile_buf<vec, 32x128xf32>) outs(%b : !pto.tile_buf<vec, 32x128xf32, valid=?x100>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xbf16>) {
  // expected-error@+1 {{'pto.tadd' op expected elements of 'dst' to be f16, f32, i16 or i32, got 'bf16'}}
  pto.tadd ins(%a, %a : !pto.tile_buf<vec, 32x128xbf16>, !pto.tile_buf<vec, 32x128xbf16>) outs(%a : !pto.tile_buf<vec, 32x128xbf16>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %b: !pto.tile_buf<vec, 64x128xf32>) {
  // expected-error@+1 {{'pto.tsub' op expected 'dst' and 'rhs' of one valid shape, got 32x128 and 64x128}}
  pto.tsub ins(%a, %b : !pto.tile_buf<vec, 32x128xf32>, !pto.tile_buf<vec, 64x128xf32>) outs(%a : !pto.tile_buf<vec, 32x128xf32>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %b: !pto.tile_buf<mat, 32x128xf32>) {
  // expected-error@+1 {{'pto.tmul' op expected 'lhs' in vec, got mat}}
  pto.tmul ins(%b, %a : !pto.tile_buf<mat, 32x128xf32>, !pto.tile_buf<vec, 32x128xf32>) outs(%a : !pto.tile_buf<vec, 32x128xf32>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %b: !pto.tile_buf<vec, 32x128xf16>) {
  // expected-error@+1 {{'pto.tmax' op expected 'dst' and 'lhs' of one element type, got 'f32' and 'f16'}}
  pto.tmax ins(%b, %a : !pto.tile_buf<vec, 32x128xf16>, !pto.tile_buf<vec, 32x128xf32>) outs(%a : !pto.tile_buf<vec, 32x128xf32>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf16>, %s: f32) {
  // expected-error@+1 {{'pto.tmuls' op expected 'scalar' of the element type of 'dst', 'f16', got 'f32'}}
  pto.tmuls ins(%a, %s : !pto.tile_buf<vec, 32x128xf16>, f32) outs(%a : !pto.tile_buf<vec, 32x128xf16>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %b: !pto.tile_buf<vec, 8x128xf32>, %s: f32) {
  // expected-error@+1 {{'pto.tadds' op expected 'dst' and 'src' of one valid shape, got 8x128 and 32x128}}
  pto.tadds ins(%a, %s : !pto.tile_buf<vec, 32x128xf32>, f32) outs(%b : !pto.tile_buf<vec, 8x128xf32>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %s: i32) {
  // expected-error@+1 {{'pto.texpands' op expected 'scalar' of the element type of 'dst', 'f32', got 'i32'}}
  pto.texpands ins(%s : i32) outs(%a : !pto.tile_buf<vec, 32x128xf32>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %d: i32) {
  // expected-error@+1 {{'pto.ttri' op expected upperOrLower = 1, the upper triangle, got 0}}
  pto.ttri ins(%d : i32) outs(%a : !pto.tile_buf<vec, 32x128xf32>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %d: f32) {
  // expected-error@+1 {{custom op 'pto.ttri' invalid kind of type specified}}
  pto.ttri ins(%d {upperOrLower = 1 : i32} : f32) outs(%a : !pto.tile_buf<vec, 32x128xf32>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %s: index) {
  // expected-error@+1 {{'pto.texpands' op operand #0 must be a number, but got 'index'}}
  pto.texpands ins(%s : index) outs(%a : !pto.tile_buf<vec, 32x128xf32>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %m: !pto.tile_buf<vec, 32x8xf32>) {
  // expected-error@+1 {{'pto.trowmax' op expected 'dst' with one value per row: Rx1 with blayout=col_major, or row_major with 1 valid column, got '!pto.tile_buf<vec, 32x8xf32>'}}
  pto.trowmax ins(%a : !pto.tile_buf<vec, 32x128xf32>) outs(%m : !pto.tile_buf<vec, 32x8xf32>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %m: !pto.tile_buf<vec, 32x8xf32, valid=32x1>, %n: !pto.tile_buf<vec, 64x1xf32, blayout=col_major>) {
  pto.trowmax ins(%a : !pto.tile_buf<vec, 32x128xf32>) outs(%m : !pto.tile_buf<vec, 32x8xf32, valid=32x1>)
  // expected-error@+1 {{'pto.trowsum' op expected 'dst' with as many rows as 'src', 32, got 64}}
  pto.trowsum ins(%a : !pto.tile_buf<vec, 32x128xf32>) outs(%n : !pto.tile_buf<vec, 64x1xf32, blayout=col_major>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %m: !pto.tile_buf<vec, 32x1xf16, blayout=col_major>) {
  // expected-error@+1 {{'pto.trowmax' op expected 'dst' and 'src' of one element type, got 'f16' and 'f32'}}
  pto.trowmax ins(%a : !pto.tile_buf<vec, 32x128xf32>) outs(%m : !pto.tile_buf<vec, 32x1xf16, blayout=col_major>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xbf16>, %m: !pto.tile_buf<vec, 32x1xbf16, blayout=col_major>) {
  // expected-error@+1 {{'pto.trowsum' op expected elements of 'src' to be f16, f32, i16 or i32, got 'bf16'}}
  pto.trowsum ins(%a : !pto.tile_buf<vec, 32x128xbf16>) outs(%m : !pto.tile_buf<vec, 32x1xbf16, blayout=col_major>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %t: !pto.tile_buf<vec, 32x128xf16>, %m: !pto.tile_buf<vec, 32x1xf32, blayout=col_major>) {
  // expected-error@+1 {{'pto.trowmax' op expected 'src' and 'tmp' of one element type, got 'f32' and 'f16'}}
  pto.trowmax ins(%a, %t : !pto.tile_buf<vec, 32x128xf32>, !pto.tile_buf<vec, 32x128xf16>) outs(%m : !pto.tile_buf<vec, 32x1xf32, blayout=col_major>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %m: !pto.tile_buf<vec, 32x1xf32, blayout=col_major>) {
  // expected-error@+1 {{'pto.trowmax' op expected 'tmp' to be apart from the tiles that are read}}
  pto.trowmax ins(%a, %a : !pto.tile_buf<vec, 32x128xf32>, !pto.tile_buf<vec, 32x128xf32>) outs(%m : !pto.tile_buf<vec, 32x1xf32, blayout=col_major>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %b: !pto.tile_buf<vec, 32x128xf32>, %m: !pto.tile_buf<vec, 32x1xf32, blayout=col_major>) {
  // expected-error@+1 {{'pto.trowexpandmul' op expected 'tmp' to be apart from 'dst'}}
  pto.trowexpandmul ins(%a, %m, %b : !pto.tile_buf<vec, 32x128xf32>, !pto.tile_buf<vec, 32x1xf32, blayout=col_major>, !pto.tile_buf<vec, 32x128xf32>) outs(%b : !pto.tile_buf<vec, 32x128xf32>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %m: !pto.tile_buf<vec, 1x32xf32>) {
  // expected-error@+1 {{'pto.trowexpandsub' op expected 'rowValues' with one value per row: Rx1 with blayout=col_major, or row_major with 1 valid column, got '!pto.tile_buf<vec, 1x32xf32>'}}
  pto.trowexpandsub ins(%a, %m : !pto.tile_buf<vec, 32x128xf32>, !pto.tile_buf<vec, 1x32xf32>) outs(%a : !pto.tile_buf<vec, 32x128xf32>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xi32>, %m: !pto.tile_buf<vec, 32x1xi32, blayout=col_major>) {
  pto.trowexpandsub ins(%a, %m : !pto.tile_buf<vec, 32x128xi32>, !pto.tile_buf<vec, 32x1xi32, blayout=col_major>) outs(%a : !pto.tile_buf<vec, 32x128xi32>)
  // expected-error@+1 {{'pto.trowexpanddiv' op expected elements of 'dst' to be f16 or f32, got 'i32'}}
  pto.trowexpanddiv ins(%a, %m : !pto.tile_buf<vec, 32x128xi32>, !pto.tile_buf<vec, 32x1xi32, blayout=col_major>) outs(%a : !pto.tile_buf<vec, 32x128xi32>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %b: !pto.tile_buf<vec, 32x64xf16>) {
  // expected-error@+1 {{'pto.tcvt' op expected 'src' and 'dst' of one shape, got 32x128 and 32x64}}
  pto.tcvt ins(%a : !pto.tile_buf<vec, 32x128xf32>) outs(%b : !pto.tile_buf<vec, 32x64xf16>)
  return
}

// -----

func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>, %b: !pto.tile_buf<mat, 32x128xf16>) {
  // expected-error@+1 {{'pto.tcvt' op expected 'dst' in vec, got mat}}
  pto.tcvt ins(%a : !pto.tile_buf<vec, 32x128xf32>) outs(%b : !pto.tile_buf<mat, 32x128xf16>)
  return
}
