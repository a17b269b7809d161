// Which slot of a FIFO a transfer works on, as a value of the IR: the slots taken since the FIFO
// was opened. Slots are counted over loops of step 1; every trip of a loop takes equally many.
#pragma once

#include "codegen/dialect/PtoDialect.h"

namespace mlir::pto::pipes {

// The number of the slot, 0 for the first, computed in front of `pop`; it does not exceed the range
// of index. `opened` is where the FIFO is opened. Fails where slots cannot be counted.
FailureOr<Value> slotNumber(FifoOpInterface pop, Operation* opened);

} // namespace mlir::pto::pipes
