// Tile instructions, the pipes that execute them, and what they cost on a SoC. The event graph's
// bounds and the virtual Ascend use the same costs.
#pragma once

#include "space/Soc.h"

#include <cstdint>

namespace ptotune {

enum class Core : std::uint8_t { cube, vector }; // AIC, AIV
const char* name(Core core);                     // "cube", "vec"

enum class Pipe : std::uint8_t { s, mte1, mte2, mte3, m, v, fix };
inline constexpr std::size_t kPipeCount = 7;
const char* name(Pipe pipe); // "PIPE_S", "PIPE_MTE1", ...

// Tile instructions of pto-isa that the kernels use.
enum class Op : std::uint8_t {
  tload,    // GM -> L1 or UB (MTE2)
  tstore,   // L0C -> GM (FIX) or UB -> GM (MTE3)
  textract, // L1 -> L0A or L0B (MTE1)
  tmatmul,  // L0A x L0B -> L0C (M)
  tmatmulAcc,
  tmov, // UB -> UB (V)
  tadd,
  tsub,
  tmul,
  tmax,
  tmuls,
  tadds,
  texp,
  tcvt,
  texpands,
  ttri,
  trowmax,
  trowsum,
  trowexpandsub,
  trowexpandmul,
  trowexpanddiv,
};
inline constexpr std::size_t kOpCount = static_cast<std::size_t>(Op::trowexpanddiv) + 1;
const char* name(Op op); // upstream's C++ spelling: "TLOAD", "TMATMUL_ACC", ...

// Shape of one executed instruction.
struct OpShape {
  Op op;
  Memory from = Memory::ub; // source memory of a transfer
  Memory to = Memory::ub;   // destination memory of a transfer
  std::int64_t rows = 0;    // of the result (matmul: M); of the source for row reductions
  std::int64_t cols = 0;    // of the result (matmul: N); of the source for row reductions
  std::int64_t depth = 0;   // matmul: K
  int bytes = 4; // of one element: transfers, what is moved in GM; matmul, of the inputs;
                 // vector ops, the wider of source and result

  bool operator==(const OpShape&) const = default;
};

// The pipe that executes this instruction.
Pipe pipeOf(const OpShape& shape);

// Busy time of the pipe in cycles of the SoC's own clock, one core alone on the memory.
// At least 1. Source of the formulas: pto-isa include/pto/costmodel (f35e7f60).
std::int64_t cycles(const SocProfile& soc, const OpShape& shape);

// Cycles of a load from or a store to global memory that takes `alone` cycles behind its start-up,
// with `active` cores at work and all data in L2.
inline double contendedCycles(const SocProfile& soc, double alone, bool stores,
                              std::int64_t active) {
  return (alone + soc.transferLatencyCycles) * soc.gmSharing.slowdown(stores, active);
}

} // namespace ptotune
