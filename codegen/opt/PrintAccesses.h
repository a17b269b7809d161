// A pass of pto-opt that says what the passes see.
#pragma once

namespace mlir::pto {

// Registers pto-print-accesses: a remark on each operation that a pipe executes, with the pipe, the
// tiles it reads, writes and uses as scratch, named by the storage they belong to.
void registerPrintAccessesPass();

} // namespace mlir::pto
