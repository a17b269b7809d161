// RUN: pto-opt %s --pto-insert-sync=soc=%soc --split-input-file --verify-diagnostics

!vec = !pto.tile_buf<vec, 32x64xf32>
!view = !pto.partition_tensor_view<32x64xf32>

func.func @unplanned(%w : !view) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-error @+1 {{has no planned address; expected pto-plan-memory to run first}}
  %x = pto.alloc_tile {buffer = "x"} : !vec
  pto.tload ins(%w : !view) outs(%x : !vec)
  return
}

// -----

!vec = !pto.tile_buf<vec, 32x64xf32>
!view = !pto.partition_tensor_view<32x64xf32>

// expected-error @+1 {{has buffers 'x' and 'y' over the same bytes, used by several pipes; expected bytes of their own}}
func.func @overlap(%w : !view) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %x = pto.alloc_tile {address = 0 : i64, buffer = "x"} : !vec
  %y = pto.alloc_tile {address = 4096 : i64, buffer = "y"} : !vec
  pto.tload ins(%w : !view) outs(%x : !vec)
  pto.texp ins(%y : !vec) outs(%y : !vec)
  return
}
