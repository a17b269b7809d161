// RUN: pto-opt %s -split-input-file -verify-diagnostics

func.func @f() {
  // expected-error@+2 {{expected ::mlir::pto::Event to be one of: EVENT_ID0, EVENT_ID1, EVENT_ID2, EVENT_ID3, EVENT_ID4, EVENT_ID5, EVENT_ID6, EVENT_ID7}}
  // expected-error@+1 {{failed to parse Pto_EventAttr parameter 'value' which is to be a `::mlir::pto::Event`}}
  pto.set_flag[<PIPE_M>, <PIPE_FIX>, <EVENT_ID8>]
  return
}

// -----

func.func @f() {
  %c8 = arith.constant 8 : index
  // expected-error@+1 {{'pto.set_flag_dyn' op expected an event id in 0..7, got 8}}
  pto.set_flag_dyn[<PIPE_M>, <PIPE_FIX>, %c8]
  return
}

// -----

func.func @f() {
  %m1 = arith.constant -1 : index
  // expected-error@+1 {{'pto.wait_flag_dyn' op expected an event id in 0..7, got -1}}
  pto.wait_flag_dyn[<PIPE_M>, <PIPE_FIX>, %m1]
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'pto.set_flag' op expected two different pipes, got PIPE_V twice; order within a pipe needs pto.barrier}}
  pto.set_flag[<PIPE_V>, <PIPE_V>, <EVENT_ID0>]
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'pto.wait_flag' op expected one pipe on either side, got PIPE_ALL}}
  pto.wait_flag[<PIPE_ALL>, <PIPE_V>, <EVENT_ID0>]
  return
}

// -----

func.func @f() attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-error@+1 {{'pto.set_flag' op expected a pipe of the core of a vector kernel, got PIPE_M}}
  pto.set_flag[<PIPE_M>, <PIPE_FIX>, <EVENT_ID0>]
  return
}

// -----

func.func @f() attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // expected-error@+1 {{'pto.barrier' op expected a pipe of the core of a cube kernel, got PIPE_V}}
  pto.barrier <PIPE_V>
  return
}

// -----

func.func @f(%p: !pto.ptr<f32>) {
  // expected-error@+1 {{'pto.set_ffts' op expected !pto.ptr<i64> or !pto.ptr<i8> in gm, or a memref of i64 or i8, got '!pto.ptr<f32, gm>'}}
  pto.set_ffts %p : !pto.ptr<f32>
  return
}
