// RUN: pto-opt %s --pto-print-cpp=soc=%soc --split-input-file --verify-diagnostics
//
// IR that has no C++ for pto-isa: not lowered, or of operations that nobody prints.

func.func @arithmetic(%n: index) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // expected-error @+1 {{'arith.xori' has no C++ form}}
  %x = arith.xori %n, %n : index
  return
}

// -----

func.func @frontend(%ring: !pto.tensor_view<16x16xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-error @+1 {{'pto.aiv_initialize_pipe' has no C++ form}}
  pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 1024} (gm_slot_tensor = %ring : !pto.tensor_view<16x16xf32>)
  return
}

// -----

func.func @rank(%p: !pto.ptr<f32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %v = pto.make_tensor_view %p, shape = [%c1, %c16, %c16], strides = [%c16, %c16, %c1] : !pto.tensor_view<1x16x16xf32>
  // expected-error @+1 {{has no C++ form; expected rank 2, got 3}}
  %w = pto.partition_view %v, offsets = [%c0, %c0, %c0], sizes = [%c1, %c16, %c16] : !pto.tensor_view<1x16x16xf32> -> !pto.partition_tensor_view<1x16x16xf32>
  return
}

// -----

func.func @stride(%p: !pto.ptr<f32>, %n: index) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  // expected-error @+1 {{has a computed stride; expected constants}}
  %v = pto.make_tensor_view %p, shape = [%c16, %c16], strides = [%n, %c1] : !pto.tensor_view<16x16xf32>
  %w = pto.partition_view %v, offsets = [%c0, %c0], sizes = [%c16, %c16] : !pto.tensor_view<16x16xf32> -> !pto.partition_tensor_view<16x16xf32>
  return
}
