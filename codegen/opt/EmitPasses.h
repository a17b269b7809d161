// Passes of pto-opt that print what the emitters make of the module, and leave it as it is.
//
//   -pto-print-cpp soc=FILE      C++ for pto-isa, of lowered IR
//   -pto-print-program soc=FILE  the simulator's program, of lowered IR
//   -pto-print-text ptoas=V      text for the upstream assembler, of frontend IR
#pragma once

namespace mlir::pto {

void registerEmitPasses();

} // namespace mlir::pto
