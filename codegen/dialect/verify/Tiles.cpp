// Verifiers of transfers between memories and of the cube's operations.
// Rules are those of pto-isa f35e7f60 for A2 and A3 (include/pto/npu/a2a3, common/arch/memory).
#include "codegen/dialect/verify/Verify.h"

namespace mlir::pto {
namespace {

using Extents = std::pair<int64_t, int64_t>;

// Rows and columns that a window in global memory moves: all leading dimensions count as rows.
Extents windowExtents(PartitionTensorViewType window) {
  int64_t rows = 1;
  for (int64_t extent : window.getShape().drop_back())
    rows = ShapedType::isDynamic(rows) || ShapedType::isDynamic(extent) ? ShapedType::kDynamic
                                                                        : rows * extent;
  return {rows, window.getShape().back()};
}

LogicalResult expectWindowOfTile(Operation* op, PartitionTensorViewType window, TileBufType tile) {
  auto [rows, cols] = windowExtents(window);
  if (!differ(rows, tile.getValidRows()) && !differ(cols, tile.getValidCols()))
    return success();
  return op->emitOpError() << "expected a window of the tile's valid shape, " << tile.getValidRows()
                           << "x" << tile.getValidCols() << ", got " << window;
}

// Layout of the tensor that a window is cut from, where it says so.
std::optional<Layout> layoutOf(Operation* user, Value window) {
  auto partition = window.getDefiningOp<PartitionViewOp>();
  if (!partition || !precedes(partition, user))
    return std::nullopt;
  auto tensor = partition.getSource().getDefiningOp<MakeTensorViewOp>();
  return tensor && precedes(tensor, partition) ? tensor.getLayout() : std::nullopt;
}

// ND lands in rows (vec, mat) or NZ (mat); DN in columns (vec, mat) or ZN (mat); NZ in NZ.
LogicalResult expectLandingLayout(TLoadOp op, TileBufType tile) {
  std::optional<Layout> layout = layoutOf(op, op.getSrc());
  if (!layout)
    return success();
  TileConfig config = tile.getConfig();
  auto is = [&](TileConfig wanted) {
    return config.blayout == wanted.blayout && config.slayout == wanted.slayout;
  };
  bool mat = tile.getSpace() == AddressSpace::mat;
  bool accepted = false;
  StringRef expected;
  switch (*layout) {
  case Layout::nd:
    accepted = is(TileConfig::rows()) || (mat && is(TileConfig::nz()));
    expected = mat ? "row_major/none_box or col_major/row_major" : "row_major/none_box";
    break;
  case Layout::dn:
    accepted = is(TileConfig::column()) || (mat && is(TileConfig::zn()));
    expected = mat ? "col_major/none_box or row_major/col_major" : "col_major/none_box";
    break;
  case Layout::nz:
    accepted = is(TileConfig::nz());
    expected = "col_major/row_major";
    break;
  }
  if (accepted)
    return success();
  return op.emitOpError() << "expected blayout/slayout of 'dst' to be " << expected
                          << " for a source of layout " << stringifyLayout(*layout) << ", got "
                          << stringifyBLayout(config.blayout) << "/"
                          << stringifySLayout(config.slayout);
}

LogicalResult expectElementBytes(Operation* op, PartitionTensorViewType window, TileBufType tile) {
  if (window.getElementBytes() == tile.getElementBytes())
    return success();
  return op->emitOpError() << "expected window and tile of one element width, got "
                           << window.getElementType() << " and " << tile.getElementType();
}

} // namespace

//===-- Global memory -----------------------------------------------------===//

LogicalResult TLoadOp::verify() {
  auto window = cast<PartitionTensorViewType>(getSrc().getType());
  NamedTile dst = named("dst", getDst());
  if (failed(expectSpace(*this, dst, {AddressSpace::vec, AddressSpace::mat})) ||
      failed(expectElementBytes(*this, window, dst.type)) ||
      failed(expectWindowOfTile(*this, window, dst.type)))
    return failure();
  return expectLandingLayout(*this, dst.type);
}

namespace {

// What the fixpipe converts on its way to global memory.
LogicalResult verifyAccStore(TStoreOp op, NamedTile src, PartitionTensorViewType window) {
  if (failed(expectElement(
          op, src, [](Type type) { return type.isF32() || type.isSignlessInteger(32); },
          "f32 or i32")))
    return failure();
  Type to = window.getElementType();
  if (!(to.isF32() || to.isSignlessInteger(32) || to.isF16() || to.isBF16()))
    return op.emitOpError() << "expected elements of 'dst' to be f32, i32, f16 or bf16, got " << to;
  if (src.type.getCols() > kExtentMax)
    return op.emitOpError() << "expected 1.." << kExtentMax << " columns of an accumulator, got "
                            << src.type.getCols();
  if (std::optional<Layout> layout = layoutOf(op, op.getDst()); layout == Layout::dn)
    return op.emitOpError() << "expected layout nd or nz of 'dst', got dn";
  return success();
}

} // namespace

LogicalResult TStoreOp::verify() {
  auto window = cast<PartitionTensorViewType>(getDst().getType());
  NamedTile src = named("src", getSrc());
  if (failed(expectSpace(*this, src, {AddressSpace::vec, AddressSpace::mat, AddressSpace::acc})) ||
      failed(expectWindowOfTile(*this, window, src.type)))
    return failure();
  if (src.type.getSpace() == AddressSpace::acc)
    return verifyAccStore(*this, src, window);
  if (getStPhase() != StPhase::unspecified)
    return emitOpError() << "expected 'stPhase' only on the store of an acc tile, got one in "
                         << stringifyAddressSpace(src.type.getSpace());
  return expectElementBytes(*this, window, src.type);
}

//===-- Between memories of the core --------------------------------------===//

namespace {

// The fixpipe converts f32 to f16 or bf16 on its way to L1 and keeps the NZ order.
LogicalResult verifyAccToMat(Operation* op, NamedTile src, NamedTile dst) {
  if (failed(expectElement(
          op, src, [](Type type) { return type.isF32(); }, "f32")) ||
      failed(expectElement(
          op, dst, [](Type type) { return type.isF16() || type.isBF16(); }, "f16 or bf16")))
    return failure();
  TileConfig wanted = TileConfig::nz();
  if (dst.type.getBLayout() == wanted.blayout && dst.type.getSLayout() == wanted.slayout &&
      dst.type.getFractal() == wanted.fractal)
    return success();
  return op->emitOpError() << "expected '" << dst.name
                           << "' with blayout=col_major, slayout=row_major, fractal=512, got "
                           << dst.type;
}

// L0A holds row-major boxes, L0B column-major ones.
LogicalResult expectOperandLayout(Operation* op, NamedTile dst) {
  TileConfig wanted =
      dst.type.getSpace() == AddressSpace::left ? TileConfig::left() : TileConfig::right();
  if (dst.type.getBLayout() == wanted.blayout && dst.type.getSLayout() == wanted.slayout)
    return success();
  return op->emitOpError() << "expected blayout/slayout of the "
                           << stringifyAddressSpace(dst.type.getSpace()) << " tile '" << dst.name
                           << "' to be " << stringifyBLayout(wanted.blayout) << "/"
                           << stringifySLayout(wanted.slayout) << ", got "
                           << stringifyBLayout(dst.type.getBLayout()) << "/"
                           << stringifySLayout(dst.type.getSLayout());
}

bool isOperandMemory(AddressSpace space) {
  return space == AddressSpace::left || space == AddressSpace::right;
}

} // namespace

LogicalResult TMovOp::verify() {
  NamedTile src = named("src", getSrc());
  NamedTile dst = named("dst", getDst());
  AddressSpace from = src.type.getSpace();
  AddressSpace to = dst.type.getSpace();
  bool fromMat = from == AddressSpace::mat &&
                 (isOperandMemory(to) || to == AddressSpace::bias || to == AddressSpace::scaling);
  bool accToMat = from == AddressSpace::acc && to == AddressSpace::mat;
  bool inVec = from == AddressSpace::vec && to == AddressSpace::vec;
  if (!fromMat && !accToMat && !inVec)
    return emitOpError() << "expected a move mat to left, right, bias or scaling, vec to vec, or "
                            "acc to mat, got "
                         << stringifyAddressSpace(from) << " to " << stringifyAddressSpace(to);
  if (failed(expectSameShape(*this, src, dst)))
    return failure();
  if (accToMat)
    return verifyAccToMat(*this, src, dst);
  if (to != AddressSpace::bias && failed(expectSameElement(*this, src, dst)))
    return failure();
  return isOperandMemory(to) ? expectOperandLayout(*this, dst) : success();
}

namespace {

// The rectangle inside the source, at whole boxes.
LogicalResult verifyRectangle(TExtractOp op, TileBufType src, TileBufType dst) {
  auto [boxRows, boxCols] = src.getBox();
  const Value offsets[] = {op.getRow(), op.getCol()};
  const int64_t sizes[] = {dst.getRows(), dst.getCols()};
  const int64_t extents[] = {src.getRows(), src.getCols()};
  const int64_t boxes[] = {boxRows, boxCols};
  const char* const names[] = {"rows", "columns"};
  for (int i : {0, 1}) {
    std::optional<int64_t> offset = constantOf(offsets[i]);
    if (offset && *offset % boxes[i] != 0)
      return op.emitOpError() << "expected 'row' and 'col' to be multiples of the source's box of "
                              << boxRows << "x" << boxCols << ", got " << *offset << " for "
                              << names[i];
    if (offset.value_or(0) < 0 || offset.value_or(0) + sizes[i] > extents[i])
      return op.emitOpError() << "expected the rectangle inside 'src': " << names[i] << " "
                              << offset.value_or(0) << " + " << sizes[i] << " are outside 0.."
                              << extents[i];
  }
  return success();
}

} // namespace

LogicalResult TExtractOp::verify() {
  NamedTile src = named("src", getSrc());
  NamedTile dst = named("dst", getDst());
  AddressSpace from = src.type.getSpace();
  AddressSpace to = dst.type.getSpace();
  bool fromMat = from == AddressSpace::mat && isOperandMemory(to);
  bool accToMat = from == AddressSpace::acc && to == AddressSpace::mat;
  if (!fromMat && !accToMat)
    return emitOpError() << "expected an extract mat to left or right, or acc to mat, got "
                         << stringifyAddressSpace(from) << " to " << stringifyAddressSpace(to);
  if (failed(verifyRectangle(*this, src.type, dst.type)))
    return failure();
  if (accToMat)
    return verifyAccToMat(*this, src, dst);
  if (failed(expectSameElement(*this, src, dst)))
    return failure();
  if (!src.type.isBoxed())
    return emitOpError() << "expected 'src' with boxes, got " << src.type;
  return expectOperandLayout(*this, dst);
}

//===-- Cube --------------------------------------------------------------===//

namespace {

bool isMatmulTriple(Type acc, Type lhs, Type rhs) {
  if (lhs != rhs)
    return false;
  if (acc.isF32())
    return lhs.isF16() || lhs.isBF16() || lhs.isF32();
  return acc.isSignlessInteger(32) && lhs.isSignlessInteger(8);
}

LogicalResult expectAccLayout(Operation* op, NamedTile acc) {
  TileConfig wanted = TileConfig::acc();
  if (acc.type.getBLayout() == wanted.blayout && acc.type.getSLayout() == wanted.slayout &&
      acc.type.getFractal() == wanted.fractal)
    return success();
  return op->emitOpError() << "expected '" << acc.name
                           << "' with blayout=col_major, slayout=row_major, fractal=1024, got "
                           << acc.type;
}

LogicalResult expectExtents(Operation* op, TileBufType lhs, TileBufType rhs, TileBufType dst) {
  int64_t m = lhs.getValidRows();
  int64_t k = lhs.getValidCols();
  int64_t n = rhs.getValidCols();
  if (differ(k, rhs.getValidRows()))
    return op->emitOpError() << "expected as many columns of 'lhs' as rows of 'rhs', got " << k
                             << " and " << rhs.getValidRows();
  if (differ(m, dst.getValidRows()) || differ(n, dst.getValidCols())) {
    InFlightDiagnostic diagnostic = op->emitOpError() << "expected 'dst' of rows(lhs) x cols(rhs)";
    if (!ShapedType::isDynamic(m) && !ShapedType::isDynamic(n))
      diagnostic << ", " << m << "x" << n;
    return diagnostic << ", got " << dst;
  }
  for (int64_t extent : {m, k, n})
    if (!ShapedType::isDynamic(extent) && (extent < 1 || extent > kExtentMax))
      return op->emitOpError() << "expected valid extents of 1.." << kExtentMax << ", got "
                               << extent;
  return success();
}

LogicalResult verifyMatmul(Operation* op, NamedTile lhs, NamedTile rhs, NamedTile dst) {
  if (failed(expectSpace(op, lhs, AddressSpace::left)) ||
      failed(expectSpace(op, rhs, AddressSpace::right)) ||
      failed(expectSpace(op, dst, AddressSpace::acc)))
    return failure();
  if (!isMatmulTriple(dst.type.getElementType(), lhs.type.getElementType(),
                      rhs.type.getElementType()))
    return op->emitOpError() << "expected elements (dst; lhs, rhs) of (f32; f16, f16), (f32; bf16, "
                                "bf16), (f32; f32, f32) or (i32; i8, i8), got ("
                             << dst.type.getElementType() << "; " << lhs.type.getElementType()
                             << ", " << rhs.type.getElementType() << ")";
  if (failed(expectOperandLayout(op, lhs)) || failed(expectOperandLayout(op, rhs)) ||
      failed(expectAccLayout(op, dst)))
    return failure();
  return expectExtents(op, lhs.type, rhs.type, dst.type);
}

} // namespace

LogicalResult TMatmulOp::verify() {
  return verifyMatmul(*this, named("lhs", getLhs()), named("rhs", getRhs()),
                      named("dst", getDst()));
}

LogicalResult TMatmulAccOp::verify() {
  if (getAcc() != getDst())
    return emitOpError()
           << "expected 'acc' to be 'dst' itself: the accumulator is updated in place";
  return verifyMatmul(*this, named("lhs", getLhs()), named("rhs", getRhs()),
                      named("dst", getDst()));
}

} // namespace mlir::pto
