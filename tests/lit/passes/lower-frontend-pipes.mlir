// RUN: pto-opt %s --pto-lower-frontend-pipes=soc=%soc | FileCheck %s

// Flag bases follow the frontend's ids, not the order of the text, and are equal on both sides. A
// FIFO opened in a loop stays there.

// CHECK-LABEL: func.func @cube
func.func @cube(%a : !pto.ptr<f32>, %b : !pto.ptr<f16>, %n : index)
    attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %va = pto.make_tensor_view %a, shape = [%c64, %c128], strides = [%c128, %c1] : !pto.tensor_view<64x128xf32>
  %vb = pto.make_tensor_view %b, shape = [%c64, %c128], strides = [%c128, %c1] : !pto.tensor_view<64x128xf16>
  // CHECK: scf.for
  scf.for %i = %c0 to %n step %c1 {
    // CHECK: %[[P3:.*]] = pto.initialize_l2g2l_pipe{{.*}}dir_mask = 2{{.*}}slot_num = 4{{.*}}flag_base = 2
    pto.aic_initialize_pipe {id = 3, dir_mask = 2, slot_size = 16384, slot_num = 4} (gm_slot_tensor = %vb : !pto.tensor_view<64x128xf16>)
    // CHECK: %[[P1:.*]] = pto.initialize_l2g2l_pipe{{.*}}dir_mask = 1{{.*}}slot_num = 8{{.*}}local_slot_num = 2{{.*}}flag_base = 0{{.*}}unit_flag = true
    pto.aic_initialize_pipe {id = 1, dir_mask = 1, slot_size = 32768, local_slot_num = 2, unit_flag = true} (gm_slot_tensor = %va : !pto.tensor_view<64x128xf32>)
    // CHECK: %[[OUT:.*]] = pto.declare_global -> !pto.tensor_view<64x128xf32>
    // CHECK-NEXT: pto.talloc(%[[OUT]], %[[P1]] : {{.*}}) {split = 1}
    %out = pto.talloc_to_aiv {id = 1, split = 1} -> !pto.tensor_view<64x128xf32>
    // CHECK-NEXT: pto.tpush(%[[OUT]], %[[P1]] : {{.*}}) {split = 1}
    pto.tpush_to_aiv(%out : !pto.tensor_view<64x128xf32>) {id = 1, split = 1}
    // CHECK-NEXT: %[[IN:.*]] = pto.declare_global -> !pto.tensor_view<64x128xf16>
    // CHECK-NEXT: pto.tpop(%[[IN]], %[[P3]] : {{.*}}) {split = 1}
    %in = pto.tpop_from_aiv {id = 3, split = 1} -> !pto.tensor_view<64x128xf16>
    // CHECK-NEXT: pto.tfree(%[[IN]], %[[P3]] : {{.*}}) {split = 1}
    pto.tfree_from_aiv(%in : !pto.tensor_view<64x128xf16>) {id = 3, split = 1}
  }
  return
}

// CHECK-LABEL: func.func @vector
func.func @vector(%a : !pto.ptr<f32>, %b : !pto.ptr<f16>)
    attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  %c128 = arith.constant 128 : index
  %va = pto.make_tensor_view %a, shape = [%c32, %c128], strides = [%c128, %c1] : !pto.tensor_view<32x128xf32>
  %vb = pto.make_tensor_view %b, shape = [%c32, %c128], strides = [%c128, %c1] : !pto.tensor_view<32x128xf16>
  // CHECK: %[[P1:.*]] = pto.initialize_l2g2l_pipe{{.*}}flag_base = 0
  pto.aiv_initialize_pipe {id = 1, dir_mask = 1, slot_size = 32768, local_slot_num = 2, unit_flag = true} (gm_slot_tensor = %va : !pto.tensor_view<32x128xf32>)
  // CHECK: %[[P3:.*]] = pto.initialize_l2g2l_pipe{{.*}}flag_base = 2
  pto.aiv_initialize_pipe {id = 3, dir_mask = 2, slot_size = 16384, slot_num = 4} (gm_slot_tensor = %vb : !pto.tensor_view<32x128xf16>)
  // CHECK: %[[OUT:.*]] = pto.declare_global -> !pto.tensor_view<32x128xf16>
  // CHECK-NEXT: pto.talloc(%[[OUT]], %[[P3]] : {{.*}}) {split = 1}
  %out = pto.talloc_to_aic {id = 3, split = 1} -> !pto.tensor_view<32x128xf16>
  // CHECK-NEXT: pto.tpush(%[[OUT]], %[[P3]] : {{.*}}) {split = 1}
  pto.tpush_to_aic(%out : !pto.tensor_view<32x128xf16>) {id = 3, split = 1}
  // CHECK-NEXT: %[[IN:.*]] = pto.declare_global -> !pto.tensor_view<32x128xf32>
  // CHECK-NEXT: pto.tpop(%[[IN]], %[[P1]] : {{.*}}) {split = 1}
  %in = pto.tpop_from_aic {id = 1, split = 1} -> !pto.tensor_view<32x128xf32>
  // CHECK-NEXT: pto.tfree(%[[IN]], %[[P1]] : {{.*}}) {split = 1}
  pto.tfree_from_aic(%in : !pto.tensor_view<32x128xf32>) {id = 1, split = 1}
  // CHECK-NOT: pto.aiv_initialize_pipe
  return
}
