// Uses of a buffer's copies, the unit of sync insertion.
//
// Vocabulary
//   phase    consecutive accesses of a copy by one pipe; what lies inside a loop counts as that
//   loop use      a sequence of phases from an access that replaces the copy's content to the last
//   one
//            before it is replaced again. Its operations stand in one block.
//   token    the right to touch a copy. A use takes it on its first pipe, hands it from phase to
//            phase, and gives it back on its last pipe. Outside uses every token is home, so that
//            the order holds over any nest of loops, whatever their trip counts.
#pragma once

#include "codegen/passes/sync/Accesses.h"

namespace mlir::pto::sync {

struct Phase {
  Pipe pipe = Pipe::s;
  Operation* first = nullptr; // in the use's block
  Operation* last = nullptr;
  bool reads = false;
  bool writes = false;
};

// A loop inside a use whose body several pipes touch. The token goes round in the body; to the use
// the loop is a phase of its first pipe.
struct CarriedLoop {
  Operation* loop = nullptr;
  SmallVector<Phase> phases; // of the body
};

struct Use {
  Copy copy;
  SmallVector<Phase> phases;
  SmallVector<CarriedLoop> loops;

  Block* block() const { return phases.front().first->getBlock(); }
};

// Uses of one copy in program order. Fails on control flow other than loops with one block.
FailureOr<SmallVector<Use>> findUses(func::FuncOp function, const CopyAccesses& accesses);

// Fails where uses of two copies that may be the same are interleaved: neither could get the token
// that the other holds.
LogicalResult requireDisjoint(StringRef buffer, ArrayRef<Use> uses);

// Whether every use has ended when the next one begins, whatever their copies.
bool oneAtATime(ArrayRef<Use> uses);

} // namespace mlir::pto::sync
