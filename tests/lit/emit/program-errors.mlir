// RUN: pto-opt %s --pto-print-program=soc=%soc --split-input-file --verify-diagnostics
//
// IR that a program cannot say: not lowered, or beyond what the simulator knows.

// expected-error @+1 {{cube kernel has no loop over blocks; expected one from this core's index to s0 divided by the rows of a block}}
module {
  func.func @cube() attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
    pto.barrier <PIPE_M>
    return
  }
}

// -----

func.func @unplanned() attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-error @+1 {{has no planned address; expected pto-plan-memory to run first}}
  %t = pto.alloc_tile : !pto.tile_buf<vec, 16x16xf32>
  return
}

// -----

func.func @frontend(%ring: !pto.tensor_view<16x16xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-error @+1 {{'pto.aiv_initialize_pipe' has no place in a program}}
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 1024} (gm_slot_tensor = %ring : !pto.tensor_view<16x16xf32>)
  return
}

// -----

func.func @everything() attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-error @+1 {{has no place in a program; expected one pipe}}
  pto.barrier <PIPE_ALL>
  return
}

// -----

func.func @first() attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  pto.barrier <PIPE_V>
  return
}
// expected-error @+1 {{is a second kernel of its core; expected one}}
func.func @second() attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  return
}

// -----

func.func @parameter(%n: index) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-error @-3 {{parameter has no meaning in a program; expected s0 or s1}}
  scf.for %i = %c0 to %n step %c1 {
  }
  return
}

// -----

func.func @shift(%n: index {pto.name = "s0"}) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-error @+1 {{'arith.shrui' has no place in a program}}
  %half = arith.shrui %n, %c1 : index
  scf.for %i = %c0 to %half step %c1 {
  }
  return
}

// -----

func.func @stranger(%p: !pto.ptr<f32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %t = pto.alloc_tile {address = 0 : i64} : !pto.tile_buf<vec, 16x16xf32>
  %v = pto.make_tensor_view %p, shape = [%c16, %c16], strides = [%c16, %c1] : !pto.tensor_view<16x16xf32>
  // expected-error @+1 {{is not over a tensor of the kernel or an entry of a FIFO}}
  %w = pto.partition_view %v, offsets = [%c0, %c0], sizes = [%c16, %c16] : !pto.tensor_view<16x16xf32> -> !pto.partition_tensor_view<16x16xf32>
  pto.tload ins(%w : !pto.partition_tensor_view<16x16xf32>) outs(%t : !pto.tile_buf<vec, 16x16xf32>)
  return
}

// -----

func.func @stride(%p: !pto.ptr<f32> {pto.name = "out"}, %n: index {pto.name = "s0"}) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %t = pto.alloc_tile {address = 0 : i64} : !pto.tile_buf<vec, 16x16xf32>
  // expected-error @+1 {{has a computed stride; expected constants}}
  %v = pto.make_tensor_view %p, shape = [%c16, %c16], strides = [%n, %c1] : !pto.tensor_view<16x16xf32>
  %w = pto.partition_view %v, offsets = [%c0, %c0], sizes = [%c16, %c16] : !pto.tensor_view<16x16xf32> -> !pto.partition_tensor_view<16x16xf32>
  pto.tload ins(%w : !pto.partition_tensor_view<16x16xf32>) outs(%t : !pto.tile_buf<vec, 16x16xf32>)
  return
}

// -----

func.func @scalar(%x: f32) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %t = pto.alloc_tile {address = 0 : i64} : !pto.tile_buf<vec, 16x16xf32>
  // expected-error @+1 {{has a computed scalar; expected a constant}}
  pto.texpands ins(%x : f32) outs(%t : !pto.tile_buf<vec, 16x16xf32>)
  return
}

// -----

func.func @argument(%t: !pto.tile_buf<vec, 16x16xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-error @-1 {{tile has no buffer in a program; expected an allocation}}
  pto.texp ins(%t : !pto.tile_buf<vec, 16x16xf32>) outs(%t : !pto.tile_buf<vec, 16x16xf32>)
  return
}
