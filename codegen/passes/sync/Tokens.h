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
  int64_t copies = 1;
  SmallVector<Use> uses;
  // Every use begins on pipe `begin` and ends on pipe `end`.
  Pipe begin = Pipe::s;
  Pipe end = Pipe::s;
  // Whether uses wait for the token and give it back. A copy that is used once in a run needs none.
  bool returns = true;
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

// Gives every token its event ids. Fails where a pair of pipes has too few.
LogicalResult allocateEvents(func::FuncOp function, MutableArrayRef<Token> tokens,
                             const ptotune::SocProfile& soc);

} // namespace mlir::pto::sync
