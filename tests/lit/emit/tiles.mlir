// RUN: pto-opt %s --pto-print-cpp=soc=%soc -o /dev/null | FileCheck %s

// Two tiles of a slot: what TPipe must know stands ahead of each push, and its count of slots is
// stepped back for the second. The producer constructs the TPipe with the consumer's landing buffer.
// CHECK-LABEL: AICORE void producer
// CHECK: using QKPipe = TPipe<0, Direction::DIR_C2V, 32768, 8, 2, false, true>;
// CHECK: QKPipe qk_pipe(gm, 0x2000, 0x0);
// CHECK-NEXT: qk_pipe.prod.setEntryOffset(0);
// CHECK-NEXT: qk_pipe.prod.setAllocateStatus(true);
// CHECK-NEXT: qk_pipe.prod.setRecordStatus(false);
// CHECK-NEXT: TPUSH<QKPipe, Acc_64x64, TileSplitAxis::TILE_UP_DOWN>(qk_pipe, acc);
// CHECK-NEXT: qk_pipe.prod.setTileId(qk_pipe.prod.getTileId() - 1, 1);
// CHECK-NEXT: qk_pipe.prod.setEntryOffset(16384);
// CHECK-NEXT: qk_pipe.prod.setAllocateStatus(false);
// CHECK-NEXT: qk_pipe.prod.setRecordStatus(true);
// CHECK-NEXT: TPUSH<QKPipe, Acc_64x64, TileSplitAxis::TILE_UP_DOWN>(qk_pipe, acc);
func.func @producer(%gm: !pto.ptr<f32> {pto.name = "gm"}) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  %in = pto.import_reserved_buffer {name = "in", peer_func = @consumer} -> i32
  %acc = pto.alloc_tile {address = 0 : i64} : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024> loc("acc")
  %qk = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 32768, slot_num = 8, flag_base = 0, unit_flag = true}(%gm : !pto.ptr<f32>, %in : i32) -> !pto.pipe loc("qk")
  pto.tpush(%acc, %qk : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>, !pto.pipe) {split = 1, record = false}
  pto.tpush(%acc, %qk : !pto.tile_buf<acc, 64x64xf32, blayout=col_major, slayout=row_major, fractal=1024>, !pto.pipe) {split = 1, entry_offset = 16384, allocate = false}
  return
}

// A tile that is a whole slot needs no word about parts.
// CHECK-LABEL: AICORE void consumer
// CHECK: QKPipe qk_pipe(gm, 0x2000, 0x0);
// CHECK-NEXT: TPOP<QKPipe, Vec_32x128, TileSplitAxis::TILE_UP_DOWN>(qk_pipe, tile);
// CHECK-NOT: TFREE
func.func @consumer(%gm: !pto.ptr<f32> {pto.name = "gm"}) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  %in = pto.reserve_buffer {name = "in", size = 32768, location = #pto.address_space<vec>, auto = true, base = 8192} -> i32
  %tile = pto.alloc_tile {address = 8192 : i64, buffer = "in"} : !pto.tile_buf<vec, 32x128xf32> loc("tile")
  %qk = pto.initialize_l2g2l_pipe{dir_mask = 1, slot_size = 32768, slot_num = 8, flag_base = 0, unit_flag = true}(%gm : !pto.ptr<f32>, %in : i32) -> !pto.pipe loc("qk")
  pto.tpop(%tile, %qk : !pto.tile_buf<vec, 32x128xf32>, !pto.pipe) {split = 1}
  pto.tfree(%tile, %qk : !pto.tile_buf<vec, 32x128xf32>, !pto.pipe) {split = 1}
  return
}
