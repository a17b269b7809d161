// RUN: pto-opt %s --pto-print-cpp=soc=%soc --split-input-file --verify-diagnostics

// The landing buffer of popped tiles has a place before C++ is printed.
func.func @unplanned() attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-error @+1 {{landing buffer has no planned address; expected pto-plan-memory to run first}}
  %in = pto.reserve_buffer {name = "in", size = 8192, location = #pto.address_space<vec>, auto = true} -> i32
  return
}
