// RUN: pto-opt %s | pto-opt | FileCheck %s

// CHECK-LABEL: func.func @flags
func.func @flags(%e: index) {
  // CHECK-NEXT: pto.set_flag[<PIPE_M>, <PIPE_FIX>, <EVENT_ID0>]
  pto.set_flag[<PIPE_M>, <PIPE_FIX>, <EVENT_ID0>]
  // CHECK-NEXT: pto.wait_flag[<PIPE_M>, <PIPE_FIX>, <EVENT_ID0>]
  pto.wait_flag[<PIPE_M>, <PIPE_FIX>, <EVENT_ID0>]
  // CHECK-NEXT: pto.set_flag[<PIPE_MTE2>, <PIPE_MTE1>, <EVENT_ID7>]
  pto.set_flag[<PIPE_MTE2>, <PIPE_MTE1>, <EVENT_ID7>]
  // CHECK-NEXT: pto.set_flag_dyn[<PIPE_V>, <PIPE_MTE3>, %{{.*}}]
  pto.set_flag_dyn[<PIPE_V>, <PIPE_MTE3>, %e]
  // CHECK-NEXT: pto.wait_flag_dyn[<PIPE_V>, <PIPE_S>, %{{.*}}]
  pto.wait_flag_dyn[<PIPE_V>, <PIPE_S>, %e]
  // CHECK-NEXT: pto.barrier <PIPE_V>
  pto.barrier <PIPE_V>
  // CHECK-NEXT: pto.barrier <PIPE_ALL>
  pto.barrier <PIPE_ALL>
  return
}

// CHECK-LABEL: func.func @entry
// CHECK-SAME: attributes {pto.entry}
func.func @entry(%ffts: !pto.ptr<i64>, %bytes: !pto.ptr<i8>) attributes {pto.entry} {
  // CHECK-NEXT: pto.set_ffts %{{.*}} : !pto.ptr<i64, gm>
  pto.set_ffts %ffts : !pto.ptr<i64>
  // CHECK-NEXT: pto.set_ffts %{{.*}} : !pto.ptr<i8, gm>
  pto.set_ffts %bytes : !pto.ptr<i8>
  return
}
