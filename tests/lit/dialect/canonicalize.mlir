// RUN: pto-opt %s -canonicalize -cse | FileCheck %s
// Views are values: equal ones merge, unused ones go. Tiles are storage: two allocations are two tiles.
// Nothing that moves data, synchronises or transfers is touched.

// CHECK-LABEL: func.func @views
func.func @views(%v: !pto.tensor_view<64x128xf32>, %a: !pto.tile_buf<vec, 32x128xf32>) {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %c128 = arith.constant 128 : index
  // CHECK: pto.partition_view
  // CHECK-NOT: pto.partition_view
  %w = pto.partition_view %v, offsets = [%c0, %c0], sizes = [%c32, %c128] : !pto.tensor_view<64x128xf32> -> !pto.partition_tensor_view<32x128xf32>
  %x = pto.partition_view %v, offsets = [%c0, %c0], sizes = [%c32, %c128] : !pto.tensor_view<64x128xf32> -> !pto.partition_tensor_view<32x128xf32>
  %unused = pto.partition_view %v, offsets = [%c32, %c0], sizes = [%c32, %c128] : !pto.tensor_view<64x128xf32> -> !pto.partition_tensor_view<32x128xf32>
  // CHECK: pto.tload ins(%[[W:.*]] : !pto
  // CHECK: pto.tload ins(%[[W]] : !pto
  pto.tload ins(%w : !pto.partition_tensor_view<32x128xf32>) outs(%a : !pto.tile_buf<vec, 32x128xf32>)
  pto.tload ins(%x : !pto.partition_tensor_view<32x128xf32>) outs(%a : !pto.tile_buf<vec, 32x128xf32>)
  // CHECK-NEXT: return
  return
}

// CHECK-LABEL: func.func @tiles
func.func @tiles() {
  // CHECK-NEXT: %[[A:.*]] = pto.alloc_tile
  // CHECK-NEXT: %[[B:.*]] = pto.alloc_tile
  // CHECK-NEXT: pto.texp ins(%[[A]] : {{.*}}) outs(%[[B]] :
  // CHECK-NEXT: pto.texp ins(%[[A]] : {{.*}}) outs(%[[B]] :
  // CHECK-NEXT: return
  %a = pto.alloc_tile : !pto.tile_buf<vec, 32x128xf32>
  %b = pto.alloc_tile : !pto.tile_buf<vec, 32x128xf32>
  %unused = pto.alloc_tile : !pto.tile_buf<vec, 32x128xf32>
  %unused2 = pto.alloc_multi_tile : !pto.multi_tile_buf<vec, 32x128xf32, count=2>
  pto.texp ins(%a : !pto.tile_buf<vec, 32x128xf32>) outs(%b : !pto.tile_buf<vec, 32x128xf32>)
  pto.texp ins(%a : !pto.tile_buf<vec, 32x128xf32>) outs(%b : !pto.tile_buf<vec, 32x128xf32>)
  return
}

// CHECK-LABEL: func.func @order
func.func @order(%v: !pto.tensor_view<64x128xf32>, %e: index) {
  // CHECK-NEXT: pto.aic_initialize_pipe
  // CHECK-NEXT: pto.barrier
  // CHECK-NEXT: pto.barrier
  // CHECK-NEXT: pto.set_flag[
  // CHECK-NEXT: pto.set_flag[
  // CHECK-NEXT: pto.wait_flag_dyn[
  // CHECK-NEXT: pto.wait_flag_dyn[
  // CHECK-NEXT: %[[A:.*]] = pto.talloc_to_aiv
  // CHECK-NEXT: pto.tpush_to_aiv(%[[A]]
  // CHECK-NEXT: %[[B:.*]] = pto.talloc_to_aiv
  // CHECK-NEXT: pto.tpush_to_aiv(%[[B]]
  // CHECK-NEXT: return
  pto.aic_initialize_pipe {dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  pto.barrier <PIPE_ALL>
  pto.barrier <PIPE_ALL>
  pto.set_flag[<PIPE_M>, <PIPE_FIX>, <EVENT_ID0>]
  pto.set_flag[<PIPE_M>, <PIPE_FIX>, <EVENT_ID0>]
  pto.wait_flag_dyn[<PIPE_M>, <PIPE_FIX>, %e]
  pto.wait_flag_dyn[<PIPE_M>, <PIPE_FIX>, %e]
  %a = pto.talloc_to_aiv {id = 0, split = 1} -> !pto.tensor_view<64x128xf32>
  pto.tpush_to_aiv(%a : !pto.tensor_view<64x128xf32>) {id = 0, split = 1}
  %b = pto.talloc_to_aiv {id = 0, split = 1} -> !pto.tensor_view<64x128xf32>
  pto.tpush_to_aiv(%b : !pto.tensor_view<64x128xf32>) {id = 0, split = 1}
  return
}
