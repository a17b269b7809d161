// In place of upstream's manual kernel: a function with its template parameters and its parameters,
// which hands its launch to the virtual device. `virtualManual` is the stand-in compiler's.
#include "fa_performance_kernel.h"

#include "generated_cases.h"

#include <pto/pto-inst.hpp>

template <int S0, int HEAD_SIZE, int S1, int CUBE_S0, int CUBE_S1, int TILE_S1, int QK_PRELOAD,
          int CV_FIFO_SIZE, bool INTERMEDIATE_CHECK, bool CAUSAL_MASK, int CV_FIFO_CONS_SYNC_PERIOD>
__global__ AICORE void runTFA(__gm__ std::uint64_t* ffts_addr, __gm__ half* q, __gm__ half* k,
                              __gm__ half* v, __gm__ half* p_tile_fifo, __gm__ float* exp_max_ififo,
                              __gm__ float* global_sum_out, __gm__ float* exp_max_out,
                              __gm__ float* o_out, __gm__ float* o_parts_out,
                              __gm__ float* qk_tile_fifo, __gm__ float* pv_tile_fifo,
                              __gm__ std::uint8_t* cv_comm_buf, __gm__ std::uint8_t* profile_buf) {
  static_assert(S0 % CUBE_S0 == 0 && S1 % TILE_S1 == 0 && TILE_S1 % CUBE_S1 == 0);
  static_assert(CV_FIFO_SIZE == 8 && CV_FIFO_CONS_SYNC_PERIOD == 4 && !INTERMEDIATE_CHECK);
  virtualManual({S0, HEAD_SIZE, S1, CUBE_S0, CUBE_S1, TILE_S1, QK_PRELOAD, CAUSAL_MASK},
                {"ffts", "q", "k", "v", "p_fifo", "exp_max_ififo", "global_sum_out", "exp_max_out",
                 "out", "o_parts_out", "qk_fifo", "pv_fifo", "cv_comm", "profile"},
                ffts_addr, q, k, v, p_tile_fifo, exp_max_ififo, global_sum_out, exp_max_out, o_out,
                o_parts_out, qk_tile_fifo, pv_tile_fifo, cv_comm_buf, profile_buf);
}
