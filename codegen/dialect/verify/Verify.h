// Checks that the verifiers of several operations share. Each emits one error that says what was
// expected, and names operands as the operation's definition does.
#pragma once

#include "codegen/dialect/PtoDialect.h"

namespace mlir::pto {

// Widths of fields in the instructions of A2 and A3 (pto-isa f35e7f60). They belong to the encoding
// that this text form describes, not to a SoC.
inline constexpr int64_t kExtentMax = 4095; // rows, columns and depth of a matmul: 12 bits
inline constexpr int64_t kFlagIds = 16;     // FFTS flag ids: 4 bits
inline constexpr int64_t kBlockBytes = 32;  // granule of addresses and of vec rows

// A named operand and its tile type.
struct NamedTile {
  StringRef name;
  TileBufType type;
};
NamedTile named(StringRef name, Value tile);

LogicalResult expectSpace(Operation* op, NamedTile tile, ArrayRef<AddressSpace> spaces);

// vec, row after row: what vector instructions read and write.
LogicalResult expectVectorRows(Operation* op, NamedTile tile);

// The element type is one of those that `accept` takes; `expected` lists them.
LogicalResult expectElement(Operation* op, NamedTile tile, llvm::function_ref<bool(Type)> accept,
                            StringRef expected);
LogicalResult expectSameElement(Operation* op, NamedTile first, NamedTile second);

// Equal valid rows and columns, where both are known.
LogicalResult expectSameValid(Operation* op, NamedTile first, NamedTile second);
LogicalResult expectSameShape(Operation* op, NamedTile first, NamedTile second);

// One value per row of `rows`: a column-major column, or row-major with one valid column.
LogicalResult expectRowValues(Operation* op, NamedTile values, NamedTile rows);

// Rows and columns fit the layout: whole blocks of 32 bytes, whole boxes.
LogicalResult verifyTileLayout(Operation* op, TileBufType type);

// `origin` stands before `user` in its block or in a block around it, so it is verified already.
bool precedes(Operation* origin, Operation* user);

// Two extents that are both known and differ.
bool differ(int64_t first, int64_t second);

} // namespace mlir::pto
