// RUN: pto-opt %s -o %t.once
// RUN: pto-opt %t.once -o %t.twice
// RUN: diff %t.once %t.twice
// RUN: FileCheck %s < %t.once
// RUN: pto-opt %s -canonicalize -cse | FileCheck %s
//
// Flash attention in the address-based form: CUBE_S0 = 64, CUBE_S1 = 128, TILE_S1 = 256, so that two
// stores fill one slot of scores and the vector core works in two row slices of 16 rows.

!q_l1 = !pto.tile_buf<mat, 64x128xf16, blayout=col_major, slayout=row_major>
!k_l1 = !pto.tile_buf<mat, 128x128xf16, slayout=col_major>
!v_l1 = !pto.tile_buf<mat, 128x128xf16, blayout=col_major, slayout=row_major>
!k_l1_pair = !pto.multi_tile_buf<mat, 128x128xf16, slayout=col_major, count=2>
!left = !pto.tile_buf<left, 64x128xf16, slayout=row_major>
!right = !pto.tile_buf<right, 128x128xf16, slayout=col_major>
!acc = !pto.tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024>
!acc_pair = !pto.multi_tile_buf<acc, 64x128xf32, blayout=col_major, slayout=row_major, fractal=1024, count=2>
!slot = !pto.tensor_view<64x256xf32>
!p_slot = !pto.tensor_view<64x256xf16>
!o_slot = !pto.tensor_view<64x128xf32>
!half_slot = !pto.tensor_view<32x256xf32>
!half_p = !pto.tensor_view<32x256xf16>
!half_o = !pto.tensor_view<32x128xf32>
!slice = !pto.tile_buf<vec, 16x256xf32>
!slice_h = !pto.tile_buf<vec, 16x256xf16>
!out = !pto.tile_buf<vec, 32x128xf32>
!col = !pto.tile_buf<vec, 32x1xf32, blayout=col_major>
!row = !pto.tile_buf<vec, 1x32xf32>
!col16 = !pto.tile_buf<vec, 16x1xf32, blayout=col_major>
!row16 = !pto.tile_buf<vec, 1x16xf32>

module attributes {pto.target_arch = "a3"} {
  // CHECK-LABEL: func.func @attention(
  // CHECK-SAME: attributes {pto.entry}
  func.func @attention(%ffts: !pto.ptr<i64>, %q: !pto.ptr<f16>, %k: !pto.ptr<f16>, %v: !pto.ptr<f16>,
                       %o: !pto.ptr<f32>, %qk: !pto.ptr<f32>, %p: !pto.ptr<f16>, %pv: !pto.ptr<f32>,
                       %s0: index, %s1: index) attributes {pto.entry} {
    // CHECK: pto.set_ffts
    pto.set_ffts %ffts : !pto.ptr<i64>
    func.call @cube(%q, %k, %v, %qk, %p, %pv, %s0, %s1) : (!pto.ptr<f16>, !pto.ptr<f16>, !pto.ptr<f16>, !pto.ptr<f32>, !pto.ptr<f16>, !pto.ptr<f32>, index, index) -> ()
    func.call @vector(%o, %qk, %p, %pv, %s0, %s1) : (!pto.ptr<f32>, !pto.ptr<f32>, !pto.ptr<f16>, !pto.ptr<f32>, index, index) -> ()
    return
  }

  // CHECK-LABEL: func.func @cube(
  // CHECK-SAME: attributes {pto.kernel_kind = #pto.kernel_kind<cube>}
  func.func @cube(%q: !pto.ptr<f16>, %k: !pto.ptr<f16>, %v: !pto.ptr<f16>, %qk: !pto.ptr<f32>,
                  %p: !pto.ptr<f16>, %pv: !pto.ptr<f32>, %s0: index, %s1: index)
      attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c2 = arith.constant 2 : index
    %c64 = arith.constant 64 : index
    %c128 = arith.constant 128 : index
    %c256 = arith.constant 256 : index
    %q_view = pto.make_tensor_view %q, shape = [%s0, %c128], strides = [%c128, %c1] : !pto.tensor_view<?x128xf16>
    %k_view = pto.make_tensor_view %k, shape = [%c128, %s1], strides = [%c1, %c128] {layout = #pto.layout<dn>} : !pto.tensor_view<128x?xf16>
    %v_view = pto.make_tensor_view %v, shape = [%s1, %c128], strides = [%c128, %c1] : !pto.tensor_view<?x128xf16>
    %qk_view = pto.make_tensor_view %qk, shape = [%c64, %c256], strides = [%c256, %c1] : !slot
    %p_view = pto.make_tensor_view %p, shape = [%c64, %c256], strides = [%c256, %c1] : !p_slot
    %pv_view = pto.make_tensor_view %pv, shape = [%c64, %c128], strides = [%c128, %c1] : !o_slot
    // CHECK: pto.aic_initialize_pipe {dir_mask = 1, slot_size = 65536, slot_num = 8, local_slot_num = 2} (gm_slot_tensor = %{{.*}} : !pto.tensor_view<64x256xf32>)
    pto.aic_initialize_pipe {id = 0, dir_mask = 1, slot_size = 65536, slot_num = 8, local_slot_num = 2} (gm_slot_tensor = %qk_view : !slot)
    pto.aic_initialize_pipe {id = 1, dir_mask = 2, slot_size = 32768, slot_num = 8, local_slot_num = 2} (gm_slot_tensor = %p_view : !p_slot)
    pto.aic_initialize_pipe {id = 2, dir_mask = 1, slot_size = 32768, slot_num = 8, local_slot_num = 2} (gm_slot_tensor = %pv_view : !o_slot)

    // CHECK: pto.alloc_tile {buffer = "q_l1"}
    %q_l1 = pto.alloc_tile {buffer = "q_l1"} : !q_l1
    %k_l1 = pto.alloc_multi_tile {buffer = "k_l1"} : !k_l1_pair
    %p_l1 = pto.alloc_tile {buffer = "p_l1"} : !q_l1
    %v_l1 = pto.alloc_tile {buffer = "v_l1"} : !v_l1
    %left = pto.alloc_tile {buffer = "left"} : !left
    %right = pto.alloc_tile {buffer = "right"} : !right
    %accs = pto.alloc_multi_tile {buffer = "acc"} : !acc_pair
    %pv_acc = pto.multi_tile_get %accs[%c1] : !acc_pair -> !acc

    %block64 = pto.get_block_idx
    %block = arith.index_cast %block64 : i64 to index
    %q_row = arith.muli %block, %c64 : index
    %q_tile = pto.partition_view %q_view, offsets = [%q_row, %c0], sizes = [%c64, %c128] : !pto.tensor_view<?x128xf16> -> !pto.partition_tensor_view<64x128xf16>
    pto.tload ins(%q_tile : !pto.partition_tensor_view<64x128xf16>) outs(%q_l1 : !q_l1)
    // CHECK: scf.for
    scf.for %t = %c0 to %s1 step %c256 {
      // Two subtiles fill one slot.
      // CHECK: %[[SLOT:.*]] = pto.talloc_to_aiv {id = 0, split = 1} -> !pto.tensor_view<64x256xf32>
      %slot = pto.talloc_to_aiv {id = 0, split = 1} -> !slot
      // CHECK: scf.for
      scf.for %sub = %c0 to %c2 step %c1 {
        %col = arith.muli %sub, %c128 : index
        %k_col = arith.addi %t, %col : index
        %k_tile = pto.partition_view %k_view, offsets = [%c0, %k_col], sizes = [%c128, %c128] : !pto.tensor_view<128x?xf16> -> !pto.partition_tensor_view<128x128xf16>
        %k_now = pto.multi_tile_get %k_l1[%sub] : !k_l1_pair -> !k_l1
        %acc = pto.multi_tile_get %accs[%c0] : !acc_pair -> !acc
        pto.tload ins(%k_tile : !pto.partition_tensor_view<128x128xf16>) outs(%k_now : !k_l1)
        pto.textract ins(%q_l1, %c0, %c0 : !q_l1, index, index) outs(%left : !left)
        pto.textract ins(%k_now, %c0, %c0 : !k_l1, index, index) outs(%right : !right)
        // CHECK: {accPhase = #pto<acc_phase final>}
        pto.tmatmul ins(%left, %right : !left, !right) outs(%acc : !acc) {accPhase = #pto<acc_phase final>}
        // CHECK: %[[PART:.*]] = pto.partition_view %[[SLOT]], offsets = [%c0, %{{.*}}], sizes = [%c64, %c128]
        %part = pto.partition_view %slot, offsets = [%c0, %col], sizes = [%c64, %c128] : !slot -> !pto.partition_tensor_view<64x128xf32>
        // CHECK: pto.tstore {{.*}} outs(%[[PART]] : !pto.partition_tensor_view<64x128xf32>) {stPhase = #pto<st_phase final>}
        pto.tstore ins(%acc : !acc) outs(%part : !pto.partition_tensor_view<64x128xf32>) {stPhase = #pto<st_phase final>}
      }
      // CHECK: pto.tpush_to_aiv(%[[SLOT]] : !pto.tensor_view<64x256xf32>) {id = 0, split = 1}
      pto.tpush_to_aiv(%slot : !slot) {id = 0, split = 1}

      // CHECK: %[[P:.*]] = pto.tpop_from_aiv {id = 1, split = 1} -> !pto.tensor_view<64x256xf16>
      %p_slot = pto.tpop_from_aiv {id = 1, split = 1} -> !p_slot
      %v_first = pto.partition_view %v_view, offsets = [%t, %c0], sizes = [%c128, %c128] : !pto.tensor_view<?x128xf16> -> !pto.partition_tensor_view<128x128xf16>
      %p_first = pto.partition_view %p_slot, offsets = [%c0, %c0], sizes = [%c64, %c128] : !p_slot -> !pto.partition_tensor_view<64x128xf16>
      pto.tload ins(%p_first : !pto.partition_tensor_view<64x128xf16>) outs(%p_l1 : !q_l1)
      pto.tload ins(%v_first : !pto.partition_tensor_view<128x128xf16>) outs(%v_l1 : !v_l1)
      pto.textract ins(%p_l1, %c0, %c0 : !q_l1, index, index) outs(%left : !left)
      pto.textract ins(%v_l1, %c0, %c0 : !v_l1, index, index) outs(%right : !right)
      pto.tmatmul ins(%left, %right : !left, !right) outs(%pv_acc : !acc) {accPhase = #pto<acc_phase partial>}
      %t_second = arith.addi %t, %c128 : index
      %v_second = pto.partition_view %v_view, offsets = [%t_second, %c0], sizes = [%c128, %c128] : !pto.tensor_view<?x128xf16> -> !pto.partition_tensor_view<128x128xf16>
      %p_second = pto.partition_view %p_slot, offsets = [%c0, %c128], sizes = [%c64, %c128] : !p_slot -> !pto.partition_tensor_view<64x128xf16>
      pto.tload ins(%p_second : !pto.partition_tensor_view<64x128xf16>) outs(%p_l1 : !q_l1)
      // CHECK: pto.tfree_from_aiv(%[[P]] : !pto.tensor_view<64x256xf16>) {id = 1, split = 1}
      pto.tfree_from_aiv(%p_slot : !p_slot) {id = 1, split = 1}
      pto.tload ins(%v_second : !pto.partition_tensor_view<128x128xf16>) outs(%v_l1 : !v_l1)
      pto.textract ins(%p_l1, %c0, %c0 : !q_l1, index, index) outs(%left : !left)
      pto.textract ins(%v_l1, %c0, %c0 : !v_l1, index, index) outs(%right : !right)
      // CHECK: pto.tmatmul.acc
      pto.tmatmul.acc ins(%pv_acc, %left, %right : !acc, !left, !right) outs(%pv_acc : !acc) {accPhase = #pto<acc_phase final>}
      %o_slot = pto.talloc_to_aiv {id = 2, split = 1} -> !o_slot
      %o_part = pto.partition_view %o_slot, offsets = [%c0, %c0], sizes = [%c64, %c128] : !o_slot -> !pto.partition_tensor_view<64x128xf32>
      pto.tstore ins(%pv_acc : !acc) outs(%o_part : !pto.partition_tensor_view<64x128xf32>) {stPhase = #pto<st_phase final>}
      pto.tpush_to_aiv(%o_slot : !o_slot) {id = 2, split = 1}
    }
    return
  }

  // CHECK-LABEL: func.func @vector(
  // CHECK-SAME: attributes {pto.kernel_kind = #pto.kernel_kind<vector>}
  func.func @vector(%o: !pto.ptr<f32>, %qk: !pto.ptr<f32>, %p: !pto.ptr<f16>, %pv: !pto.ptr<f32>,
                    %s0: index, %s1: index) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c16 = arith.constant 16 : index
    %c32 = arith.constant 32 : index
    %c64 = arith.constant 64 : index
    %c128 = arith.constant 128 : index
    %c256 = arith.constant 256 : index
    %scale = arith.constant 0.0883883461 : f32
    %lowest = arith.constant -1.0e+30 : f32
    %zero = arith.constant 0.0 : f32
    %o_view = pto.make_tensor_view %o, shape = [%s0, %c128], strides = [%c128, %c1] : !pto.tensor_view<?x128xf32>
    // A vector core's view is half a slot: 32 of 64 rows.
    %qk_view = pto.make_tensor_view %qk, shape = [%c32, %c256], strides = [%c256, %c1] : !half_slot
    %p_view = pto.make_tensor_view %p, shape = [%c32, %c256], strides = [%c256, %c1] : !half_p
    %pv_view = pto.make_tensor_view %pv, shape = [%c32, %c128], strides = [%c128, %c1] : !half_o
    // CHECK: pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 65536, slot_num = 8, local_slot_num = 2} (gm_slot_tensor = %{{.*}} : !pto.tensor_view<32x256xf32>)
    pto.aiv_initialize_pipe {id = 0, dir_mask = 1, slot_size = 65536, slot_num = 8, local_slot_num = 2} (gm_slot_tensor = %qk_view : !half_slot)
    pto.aiv_initialize_pipe {id = 1, dir_mask = 2, slot_size = 32768, slot_num = 8, local_slot_num = 2} (gm_slot_tensor = %p_view : !half_p)
    pto.aiv_initialize_pipe {id = 2, dir_mask = 1, slot_size = 32768, slot_num = 8, local_slot_num = 2} (gm_slot_tensor = %pv_view : !half_o)
    // The slice of scores and the tile of P V land in one buffer.
    // CHECK: pto.alloc_tile {buffer = "vec_in"} : !pto.tile_buf<vec, 16x256xf32>
    // CHECK: pto.alloc_tile {buffer = "vec_in"} : !pto.tile_buf<vec, 32x128xf32>
    %s = pto.alloc_tile {buffer = "vec_in"} : !slice
    %pv_in = pto.alloc_tile {buffer = "vec_in"} : !out
    %tmp = pto.alloc_tile {buffer = "row_tmp"} : !slice
    %e_tmp = pto.alloc_tile {buffer = "expand_tmp"} : !pto.tile_buf<vec, 32x8xf32>
    %p16 = pto.alloc_tile {buffer = "p16"} : !slice_h
    %acc = pto.alloc_tile {buffer = "o"} : !out
    %row_max = pto.alloc_tile {buffer = "row_max"} : !col
    %row_sum = pto.alloc_tile {buffer = "row_sum"} : !col
    %tile_max = pto.alloc_tile {buffer = "tile_max"} : !col16
    %tile_sum = pto.alloc_tile {buffer = "tile_sum"} : !col16
    %exp_max = pto.alloc_tile {buffer = "exp_max"} : !col
    %row_max_r = pto.treshape %row_max : !col -> !row
    %row_sum_r = pto.treshape %row_sum : !col -> !row
    %tile_max_r = pto.treshape %tile_max : !col16 -> !row16
    %tile_sum_r = pto.treshape %tile_sum : !col16 -> !row16
    pto.texpands ins(%lowest : f32) outs(%row_max_r : !row)
    pto.texpands ins(%zero : f32) outs(%row_sum_r : !row)
    pto.texpands ins(%zero : f32) outs(%acc : !out)
    scf.for %t = %c0 to %s1 step %c256 {
      // CHECK: %[[S:.*]] = pto.tpop_from_aic {id = 0, split = 1} -> !pto.tensor_view<32x256xf32>
      %slot = pto.tpop_from_aic {id = 0, split = 1} -> !half_slot
      %p_slot = pto.talloc_to_aic {id = 1, split = 1} -> !half_p
      scf.for %r = %c0 to %c32 step %c16 {
        %s_rows = pto.partition_view %slot, offsets = [%r, %c0], sizes = [%c16, %c256] : !half_slot -> !pto.partition_tensor_view<16x256xf32>
        pto.tload ins(%s_rows : !pto.partition_tensor_view<16x256xf32>) outs(%s : !slice)
        // CHECK: pto.subview %{{.*}}[%{{.*}}, %c0] sizes [16, 1] : !pto.tile_buf<vec, 32x1xf32, blayout=col_major> -> !pto.tile_buf<vec, 16x1xf32, blayout=col_major>
        %max = pto.subview %row_max[%r, %c0] sizes [16, 1] : !col -> !col16
        %sum = pto.subview %row_sum[%r, %c0] sizes [16, 1] : !col -> !col16
        %factor = pto.subview %exp_max[%r, %c0] sizes [16, 1] : !col -> !col16
        %max_r = pto.treshape %max : !col16 -> !row16
        %sum_r = pto.treshape %sum : !col16 -> !row16
        %factor_r = pto.treshape %factor : !col16 -> !row16
        pto.tmuls ins(%s, %scale : !slice, f32) outs(%s : !slice)
        pto.trowmax ins(%s, %tmp : !slice, !slice) outs(%tile_max : !col16)
        pto.tmax ins(%tile_max_r, %max_r : !row16, !row16) outs(%tile_max_r : !row16)
        pto.tsub ins(%max_r, %tile_max_r : !row16, !row16) outs(%factor_r : !row16)
        pto.texp ins(%factor_r : !row16) outs(%factor_r : !row16)
        pto.tmov ins(%tile_max_r : !row16) outs(%max_r : !row16)
        // CHECK: pto.trowexpandsub
        pto.trowexpandsub ins(%s, %tile_max, %e_tmp : !slice, !col16, !pto.tile_buf<vec, 32x8xf32>) outs(%s : !slice)
        pto.texp ins(%s : !slice) outs(%s : !slice)
        pto.trowsum ins(%s, %tmp : !slice, !slice) outs(%tile_sum : !col16)
        pto.tmul ins(%sum_r, %factor_r : !row16, !row16) outs(%sum_r : !row16)
        pto.tadd ins(%sum_r, %tile_sum_r : !row16, !row16) outs(%sum_r : !row16)
        pto.tcvt ins(%s {rmode = #pto<round_mode CAST_RINT>} : !slice) outs(%p16 : !slice_h)
        %p_rows = pto.partition_view %p_slot, offsets = [%r, %c0], sizes = [%c16, %c256] : !half_p -> !pto.partition_tensor_view<16x256xf16>
        pto.tstore ins(%p16 : !slice_h) outs(%p_rows : !pto.partition_tensor_view<16x256xf16>)
      }
      // CHECK: pto.tfree_from_aic(%[[S]] : !pto.tensor_view<32x256xf32>) {id = 0, split = 1}
      pto.tfree_from_aic(%slot : !half_slot) {id = 0, split = 1}
      pto.tpush_to_aic(%p_slot : !half_p) {id = 1, split = 1}
      %o_slot = pto.tpop_from_aic {id = 2, split = 1} -> !half_o
      %o_rows = pto.partition_view %o_slot, offsets = [%c0, %c0], sizes = [%c32, %c128] : !half_o -> !pto.partition_tensor_view<32x128xf32>
      pto.tload ins(%o_rows : !pto.partition_tensor_view<32x128xf32>) outs(%pv_in : !out)
      pto.tfree_from_aic(%o_slot : !half_o) {id = 2, split = 1}
      pto.trowexpandmul ins(%acc, %exp_max, %e_tmp : !out, !col, !pto.tile_buf<vec, 32x8xf32>) outs(%acc : !out)
      pto.tadd ins(%acc, %pv_in : !out, !out) outs(%acc : !out)
    }
    pto.trowexpanddiv ins(%acc, %row_sum, %e_tmp : !out, !col, !pto.tile_buf<vec, 32x8xf32>) outs(%acc : !out)
    %block64 = pto.get_block_idx
    %block = arith.index_cast %block64 : i64 to index
    %half64 = pto.get_subblock_idx
    %half = arith.index_cast %half64 : i64 to index
    %first = arith.muli %block, %c64 : index
    %offset = arith.muli %half, %c32 : index
    %row = arith.addi %first, %offset : index
    %rows = pto.partition_view %o_view, offsets = [%row, %c0], sizes = [%c32, %c128] : !pto.tensor_view<?x128xf32> -> !pto.partition_tensor_view<32x128xf32>
    // CHECK: pto.tstore ins(%{{.*}} : !pto.tile_buf<vec, 32x128xf32>) outs(%{{.*}} : !pto.partition_tensor_view<32x128xf32>)
    pto.tstore ins(%acc : !out) outs(%rows : !pto.partition_tensor_view<32x128xf32>)
    return
  }
}
