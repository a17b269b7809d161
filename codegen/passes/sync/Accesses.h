// Who touches which tile: the input of sync insertion.
//
// Vocabulary
//   buffer   storage that one or several allocations name
//   copy     one of a buffer's equal tiles; its number is a constant or computed
//   access   an operation's use of a copy; a tile operation runs on one pipe, in order
#pragma once

#include "codegen/dialect/PtoDialect.h"

#include <mlir/Dialect/Func/IR/FuncOps.h>

#include <string>
#include <utility>

namespace mlir::pto::sync {

// Number of a copy. Two computed numbers are the same copy only where they are the same value.
struct Copy {
  Value computed; // null: the constant
  int64_t constant = 0;

  bool operator==(const Copy&) const = default;
};

// Whether both may name one tile of a buffer.
bool mayAlias(const Copy& a, const Copy& b);

struct Access {
  Operation* op = nullptr;
  Pipe pipe = Pipe::s;
  bool reads = false;
  bool writes = false;

  // Nothing that was in the copy before is needed any more.
  bool replaces() const { return writes && !reads; }
};

// Bytes of a memory that a tile covers; all its possible places where its copy is computed.
struct ByteRange {
  AddressSpace space;
  int64_t begin = 0;
  int64_t end = 0;

  bool overlaps(const ByteRange& other) const {
    return space == other.space && begin < other.end && other.begin < end;
  }
};

struct CopyAccesses {
  Copy copy;
  SmallVector<Access> accesses; // in program order, an operation at most once
};

struct BufferAccesses {
  std::string name;
  int64_t copies = 1;
  ByteRange range; // all copies
  SmallVector<CopyAccesses> byCopy;

  // Pipes that touch it.
  SmallVector<Pipe> pipes() const;
};

// The bytes of a tile. Fails where its allocation has no planned address.
FailureOr<ByteRange> byteRange(Value tile);

// Accesses of a function, buffer by buffer in the order of allocation.
FailureOr<SmallVector<BufferAccesses>> collectAccesses(func::FuncOp function);

} // namespace mlir::pto::sync
