// RUN: pto-opt %s --pto-print-text=ptoas=v0.49 -o /dev/null | FileCheck %s --check-prefixes=BOTH,V49
// RUN: pto-opt %s --pto-print-text -o /dev/null | FileCheck %s --check-prefixes=BOTH,V60
// RUN: pto-opt %s --pto-print-text=ptoas=none -o /dev/null | FileCheck %s --check-prefix=NONE
// RUN: pto-opt %s --pto-print-text=ptoas=none -o /dev/null | pto-opt --verify-each > /dev/null

// BOTH: // Written by pto-tune for the PTO assembler
// BOTH: module {
// NONE: module {
module {
  // V49: func.func @entry(%ffts: memref<256xi64>) attributes {pto.entry} {
  // V49: pto.set_ffts %ffts : memref<256xi64>
  // V60: func.func @entry(%ffts: !pto.ptr<i64, gm>) attributes {pto.entry} {
  // V60: pto.set_ffts %ffts : !pto.ptr<i64, gm>
  func.func @entry(%ffts: !pto.ptr<i64> loc("ffts")) attributes {pto.entry} {
    pto.set_ffts %ffts : !pto.ptr<i64>
    return
  }

  // BOTH: func.func @cube(%{{.*}}: !pto.ptr<f32, gm>, %{{.*}}: index) attributes
  // NONE: func.func @cube(%{{.*}}: !pto.ptr<f32, gm> {pto.name = "ring"}, %{{.*}}: index)
  func.func @cube(%ring: !pto.ptr<f32> {pto.name = "ring"}, %n: index)
      attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c64 = arith.constant 64 : index
    %view = pto.make_tensor_view %ring, shape = [%c64, %c64], strides = [%c64, %c1] : !pto.tensor_view<64x64xf32>
    // BOTH: // local_slot_num = 4 left out: upstream has no place for it, and only popped tiles read it
    // BOTH: // unit_flag left out: upstream has no place for it, and only pushed accumulators read it
    // BOTH: pto.aic_initialize_pipe {dir_mask = 1, slot_size = 16384, slot_num = 2} (gm_slot_tensor
    // NONE: pto.aic_initialize_pipe {dir_mask = 1, slot_size = 16384, slot_num = 2, local_slot_num = 4, unit_flag = true} (gm_slot_tensor
    pto.aic_initialize_pipe {id = 0, dir_mask = 1, slot_size = 16384, slot_num = 2, local_slot_num = 4, unit_flag = true} (gm_slot_tensor = %view : !pto.tensor_view<64x64xf32>)
    // BOTH: pto.alloc_multi_tile : !pto.multi_tile_buf
    // NONE: pto.alloc_multi_tile {buffer = "acc"} : !pto.multi_tile_buf
    %accs = pto.alloc_multi_tile {buffer = "acc"} : !pto.multi_tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024, count=2>
    // BOTH: scf.for %[[T:.*]] = %c0 to %{{.*}} step %c1 {
    // BOTH-NEXT: // QK of tile %[[T]], part 1
    // NONE: scf.for %[[T:.*]] = %c0 to %{{.*}} step %c1 {
    // NONE-NEXT: pto.stage "QK" tile %[[T]] part 1
    // BOTH: // PV of tile %
    scf.for %t = %c0 to %n step %c1 {
      pto.stage "QK" tile %t part 1
    }
    scf.for %u = %c0 to %n step %c1 {
      pto.stage "PV" tile %u
    }
    return
  }
}
