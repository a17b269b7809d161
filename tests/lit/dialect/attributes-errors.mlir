// RUN: pto-opt %s -split-input-file -verify-diagnostics

// expected-error@+1 {{expected 'pto.kernel_kind' to be #pto.kernel_kind<cube> or #pto.kernel_kind<vector>, got "cube"}}
func.func @f() attributes {pto.kernel_kind = "cube"} {
  return
}

// -----

// expected-error@+1 {{expected 'pto.kernel_kind' on a function}}
module attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
}

// -----

// expected-error@+1 {{expected either 'pto.kernel_kind' or 'pto.entry': the entry runs on both kinds of core}}
func.func @f() attributes {pto.kernel_kind = #pto.kernel_kind<cube>, pto.entry} {
  return
}

// -----

// expected-error@+1 {{expected 'pto.entry' without a value, got true}}
func.func @f() attributes {pto.entry = true} {
  return
}

// -----

// expected-error@+1 {{expected 'pto.entry' on a function}}
module attributes {pto.entry} {
}

// -----

// expected-error@+1 {{expected the entry to have no results, got 1}}
func.func @f(%x: i32) -> i32 attributes {pto.entry} {
  return %x : i32
}

// -----

// expected-error@+1 {{expected 'pto.target_arch' to be "a2" or "a3", got "a5"}}
module attributes {pto.target_arch = "a5"} {
}

// -----

// expected-error@+1 {{expected 'pto.target_arch' on the module}}
func.func @f() attributes {pto.target_arch = "a3"} {
  return
}

// -----

// An attribute that upstream accepts and ignores.
func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>) {
  // expected-error@+1 {{'pto.texp' op has no attribute 'entry_offset'}}
  pto.texp ins(%a : !pto.tile_buf<vec, 32x128xf32>) outs(%a : !pto.tile_buf<vec, 32x128xf32>) {entry_offset = 0}
  return
}

// -----

func.func @f(%v: !pto.tensor_view<64x128xf32>) {
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  // expected-error@+1 {{'pto.talloc_to_aiv' op has no attribute 'entry_offset'; expected one of 'id', 'split'}}
  %e = pto.talloc_to_aiv {id = 0, split = 0} {entry_offset = 0} -> !pto.tensor_view<64x128xf32>
  pto.tpush_to_aiv(%e : !pto.tensor_view<64x128xf32>) {id = 0, split = 0}
  return
}

// -----

// Attributes of other dialects stay.
func.func @f(%a: !pto.tile_buf<vec, 32x128xf32>) {
  pto.texp ins(%a : !pto.tile_buf<vec, 32x128xf32>) outs(%a : !pto.tile_buf<vec, 32x128xf32>) {other.note = "kept"}
  return
}
