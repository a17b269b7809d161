// RUN: pto-opt %s --pto-lower-frontend-pipes=soc=%soc --split-input-file --verify-diagnostics

func.func @cube(%v : !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // expected-error @+1 {{and the vector end of FIFO 0 disagree on slot_num: 8 here, 4 there; expected both ends alike}}
  pto.aic_initialize_pipe {id = 0, dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}
func.func @vector(%v : !pto.tensor_view<32x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-note @+1 {{the vector end: pto.aiv_initialize_pipe}}
  pto.aiv_initialize_pipe {id = 0, dir_mask = 1, slot_size = 32768, slot_num = 4} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  return
}

// -----

func.func @cube(%v : !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // expected-error @+1 {{disagree on dir_mask: 1 here, 2 there}}
  pto.aic_initialize_pipe {id = 0, dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}
func.func @vector(%v : !pto.tensor_view<32x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-note @+1 {{the vector end}}
  pto.aiv_initialize_pipe {id = 0, dir_mask = 2, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  return
}

// -----

func.func @cube(%v : !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // expected-error @+1 {{disagree on local_slot_num: 4 here, the default there}}
  pto.aic_initialize_pipe {id = 0, dir_mask = 1, slot_size = 32768, local_slot_num = 4} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}
func.func @vector(%v : !pto.tensor_view<32x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-note @+1 {{the vector end}}
  pto.aiv_initialize_pipe {id = 0, dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  return
}

// -----

func.func @cube(%v : !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // expected-error @+1 {{disagree on unit_flag: true here, false there}}
  pto.aic_initialize_pipe {id = 0, dir_mask = 1, slot_size = 32768, unit_flag = true} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}
func.func @vector(%v : !pto.tensor_view<32x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-note @+1 {{the vector end}}
  pto.aiv_initialize_pipe {id = 0, dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  return
}

// -----

func.func @cube(%v : !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // expected-error @+1 {{disagree on slot_size: 32768 here, 16384 there}}
  pto.aic_initialize_pipe {id = 0, dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}
func.func @vector(%v : !pto.tensor_view<16x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-note @+1 {{the vector end}}
  pto.aiv_initialize_pipe {id = 0, dir_mask = 1, slot_size = 16384} (gm_slot_tensor = %v : !pto.tensor_view<16x128xf32>)
  return
}

// -----

func.func @cube(%v : !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  // expected-error @+1 {{is the only end of FIFO 5; expected pto.aiv_initialize_pipe with the same id in a vector kernel}}
  pto.aic_initialize_pipe {id = 5, dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}

// -----

func.func @vector(%v : !pto.tensor_view<32x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  // expected-error @+1 {{is the only end of FIFO 0; expected pto.aic_initialize_pipe with the same id in a cube kernel}}
  pto.aiv_initialize_pipe {id = 0, dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  return
}

// -----

// Each core's FIFOs fit the flags, but all of the kernel's together do not.

func.func @cube(%v : !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  pto.aic_initialize_pipe {id = 0, dir_mask = 3, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  pto.aic_initialize_pipe {id = 1, dir_mask = 3, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  pto.aic_initialize_pipe {id = 2, dir_mask = 3, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}
func.func @more(%v : !pto.tensor_view<64x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {
  pto.aic_initialize_pipe {id = 3, dir_mask = 3, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  // expected-error @+1 {{needs FFTS flags 16 to 17; expected at most 16 flags for all FIFOs of a kernel on Ascend910B2}}
  pto.aic_initialize_pipe {id = 4, dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<64x128xf32>)
  return
}
func.func @vector(%v : !pto.tensor_view<32x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  pto.aiv_initialize_pipe {id = 0, dir_mask = 3, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  pto.aiv_initialize_pipe {id = 1, dir_mask = 3, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  pto.aiv_initialize_pipe {id = 2, dir_mask = 3, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  return
}
func.func @more_vector(%v : !pto.tensor_view<32x128xf32>) attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {
  pto.aiv_initialize_pipe {id = 3, dir_mask = 3, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  pto.aiv_initialize_pipe {id = 4, dir_mask = 1, slot_size = 32768} (gm_slot_tensor = %v : !pto.tensor_view<32x128xf32>)
  return
}
