#include "codegen/dialect/verify/Verify.h"

namespace mlir::pto {

bool differ(int64_t first, int64_t second) {
  return !ShapedType::isDynamic(first) && !ShapedType::isDynamic(second) && first != second;
}

bool precedes(Operation* origin, Operation* user) {
  Operation* ancestor = origin->getBlock()->findAncestorOpInBlock(*user);
  return ancestor && origin->isBeforeInBlock(ancestor);
}

NamedTile named(StringRef name, Value tile) {
  return {name, cast<TileBufType>(tile.getType())};
}

LogicalResult expectSpace(Operation* op, NamedTile tile, ArrayRef<AddressSpace> spaces) {
  if (llvm::is_contained(spaces, tile.type.getSpace()))
    return success();
  InFlightDiagnostic diagnostic = op->emitOpError() << "expected '" << tile.name << "' in ";
  llvm::interleave(
      spaces, diagnostic, [&](AddressSpace space) { diagnostic << stringifyAddressSpace(space); },
      " or ");
  return diagnostic << ", got " << stringifyAddressSpace(tile.type.getSpace());
}

LogicalResult expectVectorRows(Operation* op, NamedTile tile) {
  if (failed(expectSpace(op, tile, AddressSpace::vec)))
    return failure();
  if (tile.type.getBLayout() == BLayout::row_major && !tile.type.isBoxed())
    return success();
  return op->emitOpError() << "expected '" << tile.name
                           << "' with blayout=row_major and slayout=none_box, got "
                           << stringifyBLayout(tile.type.getBLayout()) << " and "
                           << stringifySLayout(tile.type.getSLayout());
}

LogicalResult expectElement(Operation* op, NamedTile tile, llvm::function_ref<bool(Type)> accept,
                            StringRef expected) {
  if (accept(tile.type.getElementType()))
    return success();
  return op->emitOpError() << "expected elements of '" << tile.name << "' to be " << expected
                           << ", got " << tile.type.getElementType();
}

LogicalResult expectSameElement(Operation* op, NamedTile first, NamedTile second) {
  if (first.type.getElementType() == second.type.getElementType())
    return success();
  return op->emitOpError() << "expected '" << first.name << "' and '" << second.name
                           << "' of one element type, got " << first.type.getElementType()
                           << " and " << second.type.getElementType();
}

namespace {

void appendExtent(InFlightDiagnostic& diagnostic, int64_t extent) {
  if (ShapedType::isDynamic(extent))
    diagnostic << "?";
  else
    diagnostic << extent;
}

InFlightDiagnostic shapesDiffer(Operation* op, NamedTile first, NamedTile second, StringRef what,
                                std::pair<int64_t, int64_t> a, std::pair<int64_t, int64_t> b) {
  InFlightDiagnostic diagnostic = op->emitOpError()
                                  << "expected '" << first.name << "' and '" << second.name
                                  << "' of one " << what << ", got ";
  appendExtent(diagnostic, a.first);
  diagnostic << "x";
  appendExtent(diagnostic, a.second);
  diagnostic << " and ";
  appendExtent(diagnostic, b.first);
  diagnostic << "x";
  appendExtent(diagnostic, b.second);
  return diagnostic;
}

} // namespace

LogicalResult expectSameValid(Operation* op, NamedTile first, NamedTile second) {
  std::pair<int64_t, int64_t> a{first.type.getValidRows(), first.type.getValidCols()};
  std::pair<int64_t, int64_t> b{second.type.getValidRows(), second.type.getValidCols()};
  if (!differ(a.first, b.first) && !differ(a.second, b.second))
    return success();
  return shapesDiffer(op, first, second, "valid shape", a, b);
}

LogicalResult expectSameShape(Operation* op, NamedTile first, NamedTile second) {
  std::pair<int64_t, int64_t> a{first.type.getRows(), first.type.getCols()};
  std::pair<int64_t, int64_t> b{second.type.getRows(), second.type.getCols()};
  if (a == b)
    return success();
  return shapesDiffer(op, first, second, "shape", a, b);
}

LogicalResult expectRowValues(Operation* op, NamedTile values, NamedTile rows) {
  if (failed(expectSpace(op, values, AddressSpace::vec)) ||
      failed(expectSameElement(op, values, rows)))
    return failure();
  bool column = values.type.getBLayout() == BLayout::col_major && values.type.getCols() == 1;
  bool firstOfRow =
      values.type.getBLayout() == BLayout::row_major && values.type.getValidCols() == 1;
  if (values.type.isBoxed() || !(column || firstOfRow))
    return op->emitOpError()
           << "expected '" << values.name
           << "' with one value per row: Rx1 with blayout=col_major, or row_major "
              "with 1 valid column, got "
           << values.type;
  if (differ(values.type.getValidRows(), rows.type.getValidRows()))
    return op->emitOpError() << "expected '" << values.name << "' with as many rows as '"
                             << rows.name << "', " << rows.type.getValidRows() << ", got "
                             << values.type.getValidRows();
  return success();
}

LogicalResult verifyTileLayout(Operation* op, TileBufType type) {
  int64_t bytes = type.getElementBytes();
  if (!type.isBoxed()) {
    bool rowMajor = type.getBLayout() == BLayout::row_major;
    int64_t line = (rowMajor ? type.getCols() : type.getRows()) * bytes;
    if (line % kBlockBytes == 0)
      return success();
    return op->emitOpError() << "expected " << (rowMajor ? "a row" : "a column") << " of a "
                             << stringifyBLayout(type.getBLayout()) << " tile to be a multiple of "
                             << kBlockBytes << " bytes, got " << line << " bytes";
  }
  auto [boxRows, boxCols] = type.getBox();
  // Rows beyond the last whole box are padding in UB, in boxes of 32 bytes and for single rows.
  bool rowsMayBreak =
      type.getSpace() == AddressSpace::vec || type.getFractal() == 32 || type.getRows() == 1;
  if (type.getCols() % boxCols == 0 && (rowsMayBreak || type.getRows() % boxRows == 0))
    return success();
  return op->emitOpError() << "expected a tile of whole boxes of " << boxRows << "x" << boxCols
                           << " elements, got " << type.getRows() << "x" << type.getCols();
}

} // namespace mlir::pto
