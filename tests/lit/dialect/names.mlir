// RUN: pto-opt %s | FileCheck %s
// A NameLoc names the result, so that the text reads like the kernel's author wrote it.

func.func @names(%p: !pto.ptr<f16>, %n: index) {
  %c0 = arith.constant 0 : index
  %c128 = arith.constant 128 : index
  // CHECK: %k_view = pto.make_tensor_view
  %0 = pto.make_tensor_view %p, shape = [%n, %c128], strides = [%c128, %n] : !pto.tensor_view<?x128xf16> loc("k_view")
  // CHECK: %k_tile = pto.partition_view %k_view,
  %1 = pto.partition_view %0, offsets = [%c0, %c0], sizes = [%c128, %c128] : !pto.tensor_view<?x128xf16> -> !pto.partition_tensor_view<128x128xf16> loc("k_tile"("fa.cpp":3:4))
  // CHECK: %k_l1 = pto.alloc_multi_tile
  %2 = pto.alloc_multi_tile {buffer = "k_l1"} : !pto.multi_tile_buf<mat, 128x128xf16, slayout=col_major, count=2> loc("k_l1")
  // CHECK: %k_l1_0 = pto.multi_tile_get %k_l1[
  %3 = pto.multi_tile_get %2[%c0] : !pto.multi_tile_buf<mat, 128x128xf16, slayout=col_major, count=2> -> !pto.tile_buf<mat, 128x128xf16, slayout=col_major> loc("k_l1")
  // CHECK: pto.tload ins(%k_tile : {{.*}}) outs(%k_l1_0 :
  pto.tload ins(%1 : !pto.partition_tensor_view<128x128xf16>) outs(%3 : !pto.tile_buf<mat, 128x128xf16, slayout=col_major>)
  // CHECK: %block = pto.get_block_idx
  %4 = pto.get_block_idx loc("block")
  // CHECK: %{{[0-9]+}} = pto.get_block_num
  %5 = pto.get_block_num
  return
}

// CHECK-LABEL: func.func @fifo
func.func @fifo(%v: !pto.tensor_view<128x128xf16>) {
  // CHECK: %qk = pto.initialize_l2g2l_pipe
  %p = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 32768, slot_num = 8}(%v : !pto.tensor_view<128x128xf16>) -> !pto.pipe loc("qk")
  // CHECK: %qk_slot = pto.declare_global
  %e = pto.declare_global -> !pto.tensor_view<128x128xf16> loc("qk_slot")
  // CHECK: pto.talloc(%qk_slot, %qk :
  pto.talloc(%e, %p : !pto.tensor_view<128x128xf16>, !pto.pipe) {split = 0}
  pto.tpush(%e, %p : !pto.tensor_view<128x128xf16>, !pto.pipe) {split = 0}
  return
}
