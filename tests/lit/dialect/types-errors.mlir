// RUN: pto-opt %s -split-input-file -verify-diagnostics

// expected-error@+1 {{expected the pointer's memory: gm, ub (vec), mat (l1), left (l0a), right (l0b), acc (l0c), bias (bt) or scaling (fb), got 'l2'}}
func.func private @f(!pto.ptr<f16, l2>)

// -----

// expected-error@+1 {{expected an element type of f16, bf16, f32, i8, i16, i32 or i64, got 'f64'}}
func.func private @f(!pto.ptr<f64>)

// -----

// expected-error@+1 {{expected an element type of f16, bf16, f32, i8, i16, i32 or i64, got 'index'}}
func.func private @f(!pto.tensor_view<4x4xindex>)

// -----

// expected-error@+1 {{expected positive dimensions or '?', got 0}}
func.func private @f(!pto.tensor_view<0x4xf32>)

// -----

// expected-error@+1 {{expected a view of at least one dimension}}
func.func private @f(!pto.partition_tensor_view<f32>)

// -----

// expected-error@+1 {{expected the tile's memory: mat, left, right, acc, vec, bias or scaling, got 'gm'}}
func.func private @f(!pto.tile_buf<gm, 32x128xf32>)

// -----

// expected-error@+1 {{expected a tile of 2 dimensions, got 3}}
func.func private @f(!pto.tile_buf<vec, 2x32x128xf32>)

// -----

// expected-error@+1 {{expected positive rows and cols, got 0x128}}
func.func private @f(!pto.tile_buf<vec, 0x128xf32>)

// -----

// expected-error@+1 {{expected the valid part inside the tile of 32x128, got 33x128}}
func.func private @f(!pto.tile_buf<vec, 32x128xf32, valid=33x128>)

// -----

// expected-error@+1 {{expected valid=ROWSxCOLS}}
func.func private @f(!pto.tile_buf<vec, 32x128xf32, valid=32>)

// -----

// expected-error@+1 {{unknown key 'layout'; expected valid, blayout, slayout, fractal, pad, compact or, for an array, count}}
func.func private @f(!pto.tile_buf<vec, 32x128xf32, layout=row_major>)

// -----

// expected-error@+1 {{expected 'blayout' to be row_major or col_major, got 'nz'}}
func.func private @f(!pto.tile_buf<vec, 32x128xf32, blayout=nz>)

// -----

// expected-error@+1 {{expected 'slayout' to be none_box, row_major or col_major, got 'nz'}}
func.func private @f(!pto.tile_buf<vec, 32x128xf32, slayout=nz>)

// -----

// expected-error@+1 {{expected 'fractal' to be 32, 512 or 1024 bytes, got 256}}
func.func private @f(!pto.tile_buf<vec, 32x128xf32, fractal=256>)

// -----

// expected-error@+1 {{expected 'pad' to be 0..3, got 4}}
func.func private @f(!pto.tile_buf<vec, 32x128xf32, pad=4>)

// -----

// expected-error@+1 {{expected 'compact' to be 0..2, got 3}}
func.func private @f(!pto.tile_buf<vec, 32x128xf32, compact=3>)

// -----

// expected-error@+1 {{unknown key 'count'; only !pto.multi_tile_buf has it}}
func.func private @f(!pto.tile_buf<vec, 32x128xf32, count=2>)

// -----

// expected-error@+1 {{expected 'count' to be 2..16 tiles, got 1}}
func.func private @f(!pto.multi_tile_buf<vec, 32x128xf32, count=1>)

// -----

// expected-error@+1 {{expected 'count' to be 2..16 tiles, got 17}}
func.func private @f(!pto.multi_tile_buf<vec, 32x128xf32, count=17>)

// -----

// expected-error@+1 {{expected 'rows'}}
func.func private @f(!pto.tile_buf<loc=vec, dtype=f32, cols=1, rows=32>)
