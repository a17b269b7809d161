// Tokens: one per buffer, or per buffers that are always used together, with the event flags that
// carry them from pipe to pipe.
#pragma once

#include "codegen/passes/sync/Uses.h"
#include "space/Soc.h"

#include <map>

namespace mlir::pto::sync {

// Ordered pair of pipes; event ids belong to it.
struct PipePair {
  Pipe source;
  Pipe target;

  auto operator<=>(const PipePair&) const = default;
};

struct Token {
  std::string name; // of the buffer, or of the buffers: "left+right"
  // Event ids of a pair of pipes: one for each copy of the buffer. Where ids run out several copies
  // share one, copy number modulo `copies`: the use of a copy waits for the use before of its kind.
  int64_t copies = 1;
  SmallVector<Use> uses;
  // Every use begins on pipe `begin` and ends on pipe `end`.
  Pipe begin = Pipe::s;
  Pipe end = Pipe::s;
  // Whether uses wait for the token and give it back. A copy that is used once in a run needs none.
  bool returns = true;
  bool shares = false; // some id serves several copies
  // Event id of copy 0, by pair of pipes.
  std::map<PipePair, int64_t> firstId;

  PipePair home() const { return {end, begin}; }
};

// Tokens of a function's buffers. Buffers of one pipe need none, and neither do accumulators whose
// operations carry unit-flag phases.
FailureOr<SmallVector<Token>> makeTokens(func::FuncOp function, ArrayRef<BufferAccesses> buffers);

// Joins tokens whose uses match one to one and are written before any of them is read: one flag
// then says both.
void joinTokens(SmallVectorImpl<Token>& tokens);

// Gives every token its event ids. Where a pair of pipes has too few, the copies of the buffer with
// the most come to share ids, as long as two are left to alternate. Fails where that is not enough.
LogicalResult allocateEvents(func::FuncOp function, MutableArrayRef<Token> tokens,
                             const ptotune::SocProfile& soc);

} // namespace mlir::pto::sync
