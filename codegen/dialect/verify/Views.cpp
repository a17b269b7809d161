// Verifiers of views and tile allocations.
#include "codegen/dialect/verify/Verify.h"

#include <mlir/IR/Builders.h>

namespace mlir::pto {

std::optional<int64_t> MultiTileGetOp::getConstantIndex() {
  return constantOf(getIndex());
}

//===-- Views of global memory --------------------------------------------===//

namespace {

// The contiguous dimension has stride 1: the last one of nd, the one before it of dn.
LogicalResult verifyLayout(MakeTensorViewOp op) {
  std::size_t rank = op.getStrides().size();
  if (!op.getLayout() || *op.getLayout() == Layout::nz || rank < 2)
    return success();
  std::size_t contiguous = *op.getLayout() == Layout::nd ? rank - 1 : rank - 2;
  std::optional<int64_t> stride = constantOf(op.getStrides()[contiguous]);
  if (!stride || *stride == 1)
    return success();
  return op.emitOpError() << "expected stride 1 in dimension " << contiguous << " for layout "
                          << stringifyLayout(*op.getLayout()) << ", got " << *stride;
}

} // namespace

LogicalResult CastPtrOp::verify() {
  AddressSpace from = cast<PtrType>(getPtr().getType()).getSpace();
  AddressSpace to = cast<PtrType>(getResult().getType()).getSpace();
  if (from == to)
    return success();
  return emitOpError() << "expected source and result in one memory, got "
                       << stringifyAddressSpace(from) << " and " << stringifyAddressSpace(to);
}

LogicalResult MakeTensorViewOp::verify() {
  auto pointer = cast<PtrType>(getPtr().getType());
  TensorViewType view = cast<TensorViewType>(getResult().getType());
  if (pointer.getSpace() != AddressSpace::gm)
    return emitOpError() << "expected a pointer to gm, got one to "
                         << stringifyAddressSpace(pointer.getSpace());
  if (pointer.getElementType() != view.getElementType())
    return emitOpError() << "expected pointer and view of one element type, got "
                         << pointer.getElementType() << " and " << view.getElementType();
  int64_t rank = view.getRank();
  if (static_cast<int64_t>(getShape().size()) != rank ||
      static_cast<int64_t>(getStrides().size()) != rank)
    return emitOpError() << "expected " << rank << " entries in shape and in strides, got "
                         << getShape().size() << " and " << getStrides().size();
  for (int64_t i = 0; i < rank; ++i) {
    std::optional<int64_t> extent = constantOf(getShape()[i]);
    if (extent && *extent <= 0)
      return emitOpError() << "expected a positive extent in dimension " << i << ", got "
                           << *extent;
    if (extent && differ(*extent, view.getShape()[i]))
      return emitOpError() << "expected extent " << view.getShape()[i] << " in dimension " << i
                           << ", as in the result type, got " << *extent;
    if (std::optional<int64_t> stride = constantOf(getStrides()[i]); stride && *stride <= 0)
      return emitOpError() << "expected a positive stride in dimension " << i << ", got "
                           << *stride;
  }
  return verifyLayout(*this);
}

LogicalResult PartitionViewOp::verify() {
  auto source = cast<TensorViewType>(getSource().getType());
  auto result = cast<PartitionTensorViewType>(getResult().getType());
  if (source.getElementType() != result.getElementType())
    return emitOpError() << "expected source and result of one element type, got "
                         << source.getElementType() << " and " << result.getElementType();
  int64_t rank = source.getRank();
  if (result.getRank() != rank || static_cast<int64_t>(getOffsets().size()) != rank ||
      static_cast<int64_t>(getSizes().size()) != rank)
    return emitOpError() << "expected " << rank
                         << " offsets, sizes and dimensions of the result, as the source has, got "
                         << getOffsets().size() << ", " << getSizes().size() << " and "
                         << result.getRank();
  for (int64_t i = 0; i < rank; ++i) {
    int64_t extent = source.getShape()[i];
    std::optional<int64_t> offset = constantOf(getOffsets()[i]);
    std::optional<int64_t> size = constantOf(getSizes()[i]);
    if (offset && *offset < 0)
      return emitOpError() << "expected an offset of at least 0 in dimension " << i << ", got "
                           << *offset;
    if (size && *size <= 0)
      return emitOpError() << "expected a positive size in dimension " << i << ", got " << *size;
    if (size && differ(*size, result.getShape()[i]))
      return emitOpError() << "expected size " << result.getShape()[i] << " in dimension " << i
                           << ", as in the result type, got " << *size;
    int64_t length = size.value_or(result.getShape()[i]);
    if (ShapedType::isDynamic(extent) || ShapedType::isDynamic(length))
      continue;
    if (offset.value_or(0) + length > extent)
      return emitOpError() << "expected the window inside the source in dimension " << i
                           << ": offset " << offset.value_or(0) << " + size " << length
                           << " is beyond " << extent;
  }
  return success();
}

//===-- Allocation --------------------------------------------------------===//

namespace {

// UB belongs to the vector cores, every other memory to the cube core.
LogicalResult verifyMemoryOfCore(Operation* op, TileBufType type) {
  std::optional<KernelKind> kind = kernelKind(op);
  if (!kind)
    return success();
  bool ofVector = type.getSpace() == AddressSpace::vec;
  if (ofVector == (*kind == KernelKind::vector))
    return success();
  return op->emitOpError() << "expected a tile in "
                           << (ofVector ? "mat, left, right, acc, bias or scaling" : "vec")
                           << " in a " << stringifyKernelKind(*kind) << " kernel, got "
                           << stringifyAddressSpace(type.getSpace());
}

template <typename Op> LogicalResult verifyStorage(Op op, TileBufType type, bool strideOfTiles) {
  if (failed(verifyTileLayout(op, type)) || failed(verifyMemoryOfCore(op, type)))
    return failure();
  if (op.getBuffer() && op.getBuffer()->empty())
    return op.emitOpError() << "expected 'buffer' to name an entry of the buffer table, got \"\"";
  if (std::optional<int64_t> address = op.getAddress();
      address && (*address < 0 || *address % kBlockBytes != 0))
    return op.emitOpError() << "expected 'address' to be a multiple of " << kBlockBytes
                            << " bytes, at least 0, got " << *address;
  std::optional<int64_t> stride = op.getStride();
  if (!stride)
    return success();
  if (*stride % kBlockBytes != 0)
    return op.emitOpError() << "expected 'stride' to be a multiple of " << kBlockBytes
                            << " bytes, got " << *stride;
  int64_t least = strideOfTiles ? type.getByteSize() : kBlockBytes;
  if (*stride < least)
    return op.emitOpError() << "expected 'stride' to be at least " << least << " bytes, got "
                            << *stride;
  return success();
}

LogicalResult expectValidOperand(Operation* op, StringRef name, int64_t extent, bool given) {
  if (ShapedType::isDynamic(extent) == given)
    return success();
  return op->emitOpError() << "expected '" << name << "' "
                           << (given ? "only where the type has '?'" : "because the type has '?'");
}

} // namespace

LogicalResult AllocTileOp::verify() {
  auto type = cast<TileBufType>(getResult().getType());
  if (failed(expectValidOperand(*this, "valid_row", type.getValidRows(), !!getValidRow())) ||
      failed(expectValidOperand(*this, "valid_col", type.getValidCols(), !!getValidCol())))
    return failure();
  if (getAddr() && (getAddress() || getBuffer()))
    return emitOpError() << "expected either the operand 'addr', or the attributes 'buffer' and "
                            "'address'";
  return verifyStorage(*this, type, /*strideOfTiles=*/false);
}

LogicalResult AllocMultiTileOp::verify() {
  TileBufType type = cast<MultiTileBufType>(getResult().getType()).getTile();
  if (!type.hasStaticValid())
    return emitOpError() << "expected an array of tiles without '?' in 'valid', got " << type;
  return verifyStorage(*this, type, /*strideOfTiles=*/true);
}

LogicalResult MultiTileGetOp::verify() {
  auto array = cast<MultiTileBufType>(getSource().getType());
  if (getResult().getType() != array.getTile())
    return emitOpError() << "expected the array's tile type " << array.getTile() << ", got "
                         << getResult().getType();
  if (std::optional<int64_t> index = getConstantIndex();
      index && (*index < 0 || *index >= array.getCount()))
    return emitOpError() << "expected an index in 0.." << array.getCount() - 1 << ", got "
                         << *index;
  return success();
}

//===-- Views of tiles ----------------------------------------------------===//

namespace {

// Offsets and sizes against the parent, where they are constants.
LogicalResult verifyInside(SubviewOp op, TileBufType source) {
  const int64_t extents[] = {source.getRows(), source.getCols()};
  const char* const names[] = {"rows", "columns"};
  for (int i : {0, 1}) {
    int64_t size = op.getSizes()[i];
    if (size <= 0)
      return op.emitOpError() << "expected a positive number of " << names[i] << ", got " << size;
    int64_t offset = constantOf(op.getOffsets()[i]).value_or(0);
    if (offset < 0 || offset + size > extents[i])
      return op.emitOpError() << "expected the window inside its tile: " << names[i] << " "
                              << offset << " + " << size << " are outside 0.." << extents[i];
  }
  return success();
}

// Windows of boxed tiles take whole boxes; elsewhere a window starts at a block of 32 bytes.
LogicalResult verifyGranule(SubviewOp op, TileBufType source) {
  auto [boxRows, boxCols] = source.getBox();
  int64_t bytes = source.getElementBytes();
  const int64_t boxes[] = {boxRows, boxCols};
  int contiguous = source.getBLayout() == BLayout::row_major ? 1 : 0;
  for (int i : {0, 1}) {
    std::optional<int64_t> offset = constantOf(op.getOffsets()[i]);
    if (!source.isBoxed()) {
      if (i == contiguous && offset && *offset * bytes % kBlockBytes != 0)
        return op.emitOpError() << "expected the window to start at a multiple of " << kBlockBytes
                                << " bytes, got " << *offset * bytes;
      continue;
    }
    if (!offset)
      return op.emitOpError() << "expected constant offsets into a tile with boxes";
    if (*offset % boxes[i] != 0 || op.getSizes()[i] % boxes[i] != 0)
      return op.emitOpError() << "expected offsets and sizes to be multiples of the box of "
                              << boxRows << "x" << boxCols << ", got offset " << *offset
                              << " and size " << op.getSizes()[i];
  }
  return success();
}

} // namespace

LogicalResult SubviewOp::verify() {
  auto source = cast<TileBufType>(getSource().getType());
  auto result = cast<TileBufType>(getResult().getType());
  if (getOffsets().size() != 2 || getSizes().size() != 2)
    return emitOpError() << "expected 2 offsets and 2 sizes, got " << getOffsets().size() << " and "
                         << getSizes().size();
  if (result.getSpace() != source.getSpace() ||
      result.getElementType() != source.getElementType() ||
      result.getConfig() != source.getConfig())
    return emitOpError() << "expected memory, element type and layout of the source, " << source
                         << ", got " << result;
  if (failed(verifyInside(*this, source)))
    return failure();
  if (result.getRows() != getSizes()[0] || result.getCols() != getSizes()[1])
    return emitOpError() << "expected a result of " << getSizes()[0] << "x" << getSizes()[1]
                         << ", as in sizes, got " << result.getRows() << "x" << result.getCols();
  bool ofL1OrOperand = llvm::is_contained(
      {AddressSpace::mat, AddressSpace::left, AddressSpace::right}, source.getSpace());
  if (ofL1OrOperand && result.getCols() != source.getCols())
    return emitOpError() << "expected all " << source.getCols() << " columns of a "
                         << stringifyAddressSpace(source.getSpace())
                         << " tile: its column windows keep the parent's extent in the emitted "
                            "code; slice with pto.textract, got "
                         << result.getCols();
  if (!getValid().empty() && getValid().size() != 2)
    return emitOpError() << "expected 2 values in 'valid', got " << getValid().size();
  if (result.hasStaticValid() != getValid().empty())
    return emitOpError() << "expected 'valid' exactly where the result type has '?'";
  if (failed(verifyGranule(*this, source)))
    return failure();
  return verifyTileLayout(*this, result);
}

LogicalResult TReshapeOp::verify() {
  auto source = cast<TileBufType>(getSource().getType());
  auto result = cast<TileBufType>(getResult().getType());
  if (source.getSpace() != result.getSpace())
    return emitOpError() << "expected source and result in one memory, got "
                         << stringifyAddressSpace(source.getSpace()) << " and "
                         << stringifyAddressSpace(result.getSpace());
  if (source.isBoxed() != result.isBoxed())
    return emitOpError() << "expected source and result both with boxes or both without";
  if (source.getByteSize() != result.getByteSize())
    return emitOpError() << "expected a result of " << source.getByteSize() << " bytes, got "
                         << result.getByteSize();
  return verifyTileLayout(*this, result);
}

} // namespace mlir::pto
