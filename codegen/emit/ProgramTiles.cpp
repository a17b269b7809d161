#include "codegen/emit/ProgramTiles.h"

#include "codegen/dialect/PtoDialect.h"

namespace ptotune::emit {

using namespace mlir;
using namespace mlir::pto;
using program::BufferInfo;
using program::ExprId;
using program::TileRef;
using program::ViewRef;

namespace {

program::Layout layoutOf(TileBufType type) {
  const bool boxesByRow = type.getBLayout() == BLayout::row_major;
  switch (type.getSLayout()) {
  case SLayout::none_box:
    return boxesByRow ? program::Layout::rowMajor : program::Layout::colMajor;
  case SLayout::row_major:
    return boxesByRow ? program::Layout::zz : program::Layout::nz;
  case SLayout::col_major:
    return program::Layout::zn;
  }
  llvm_unreachable("every inner layout has a case");
}

// Elements from one row (rowMajor, zz, zn) or column (colMajor, nz) of the tile to the next.
std::int64_t leadingDim(TileBufType type) {
  const bool byColumn = type.getBLayout() == BLayout::col_major;
  return byColumn ? type.getRows() : type.getCols();
}

struct Allocation {
  TileBufType tile;
  int copies = 1;
  std::optional<StringRef> buffer;
  std::optional<std::int64_t> address;
  std::optional<std::int64_t> stride;
};

std::optional<Allocation> allocation(Operation* op) {
  if (auto single = dyn_cast<AllocTileOp>(op))
    return Allocation{single.getType(), 1, single.getBuffer(), single.getAddress(),
                      single.getStride()};
  if (auto multi = dyn_cast<AllocMultiTileOp>(op))
    return Allocation{multi.getType().getTile(), static_cast<int>(multi.getType().getCount()),
                      multi.getBuffer(), multi.getAddress(), multi.getStride()};
  return std::nullopt;
}

// The source of a view must be given by constants in a program.
FailureOr<std::int64_t> constantStride(Operation* op, Value stride) {
  if (const auto value = constantOf(stride))
    return *value;
  op->emitOpError() << "has a computed stride; expected constants";
  return failure();
}

} // namespace

program::DType dtypeOf(Type element) {
  return element.isF16() ? program::DType::f16 : program::DType::f32;
}

LogicalResult ProgramTiles::addBuffers(func::FuncOp function) {
  const WalkResult walked = function.walk([&](Operation* op) {
    const std::optional<Allocation> a = allocation(op);
    if (!a)
      return WalkResult::advance();
    const auto memory = toSpace(a->tile.getSpace());
    if (!a->address || !memory) {
      op->emitOpError() << "has no planned address; expected pto-plan-memory to run first";
      return WalkResult::interrupt();
    }
    std::int32_t number = static_cast<std::int32_t>(program_.buffers.size());
    const std::int64_t stride = a->stride.value_or(a->tile.getByteSize());
    // Tiles that lie in one buffer at other distances are a buffer of the program's own.
    bool tiledAlike = true;
    if (a->buffer) {
      const auto first = byName_.try_emplace(*a->buffer, stride).first->second;
      tiledAlike = first == stride;
      number = byTiling_.try_emplace({a->buffer->str(), stride}, number).first->second;
    }
    if (number == static_cast<std::int32_t>(program_.buffers.size())) {
      auto loc = op->getLoc()->findInstanceOf<NameLoc>();
      const std::string name = a->buffer && tiledAlike ? a->buffer->str()
                               : loc                   ? loc.getName().str()
                                                       : "tile";
      program_.buffers.push_back({name, *memory, *a->address, stride, 0, 1});
    }
    BufferInfo& info = program_.buffers[static_cast<std::size_t>(number)];
    info.bytes = std::max(info.bytes, a->tile.getByteSize());
    info.copies = std::max(info.copies, a->copies);
    buffers_[op->getResult(0)] = number;
    return WalkResult::advance();
  });
  return failure(walked.wasInterrupted());
}

FailureOr<TileRef> ProgramTiles::tile(Value tile) {
  SmallVector<Operation*> views; // from the tile to its allocation
  Value root = tile;
  while (auto view = root.getDefiningOp<ViewLikeOpInterface>()) {
    views.push_back(view);
    root = view.getViewSource();
  }
  const auto buffer = buffers_.find(root);
  if (buffer == buffers_.end()) {
    emitError(tile.getLoc()) << "tile has no buffer in a program; expected an allocation";
    return failure();
  }
  const auto type = cast<TileBufType>(tile.getType());
  TileRef ref;
  ref.buffer = buffer->second;
  ref.rows = static_cast<std::int32_t>(type.getRows());
  ref.cols = static_cast<std::int32_t>(type.getCols());
  ref.leadingDim = static_cast<std::int32_t>(leadingDim(type));
  ref.dtype = dtypeOf(type.getElementType());
  ref.layout = layoutOf(type);
  for (Operation* view : llvm::reverse(views)) {
    if (auto get = dyn_cast<MultiTileGetOp>(view)) {
      const FailureOr<ExprId> copy = exprs_.of(get.getIndex());
      if (failed(copy))
        return failure();
      ref.copy = *copy;
    } else if (auto subview = dyn_cast<SubviewOp>(view)) {
      const auto source = cast<TileBufType>(subview.getSource().getType());
      const auto row = constantOf(subview.getOffsets()[0]);
      const auto col = constantOf(subview.getOffsets()[1]);
      if (!row || !col || source.isBoxed()) {
        subview.emitOpError() << "has no place in a program; expected constant offsets in a tile "
                                 "without boxes";
        return failure();
      }
      const std::int64_t pitch = leadingDim(source);
      const bool byColumn = source.getBLayout() == BLayout::col_major;
      ref.byteOffset +=
          (byColumn ? *col * pitch + *row : *row * pitch + *col) * source.getElementBytes();
      ref.leadingDim = static_cast<std::int32_t>(pitch);
    } else if (isa<TReshapeOp>(view)) {
      const auto shape = cast<TileBufType>(view->getResult(0).getType());
      ref.leadingDim = static_cast<std::int32_t>(leadingDim(shape));
    }
  }
  return ref;
}

LogicalResult ProgramTiles::addTensor(MakeTensorViewOp view, program::Tensor tensor) {
  const FailureOr<ExprId> rows = exprs_.of(view.getShape()[0]);
  const FailureOr<ExprId> cols = exprs_.of(view.getShape()[1]);
  if (failed(rows) || failed(cols))
    return failure();
  program_.tensors[static_cast<std::size_t>(tensor)] = {
      *rows, *cols, dtypeOf(cast<TensorViewType>(view.getType()).getElementType())};
  return success();
}

FailureOr<ViewRef> ProgramTiles::view(Value window) {
  auto partition = window.getDefiningOp<PartitionViewOp>();
  if (!partition || partition.getOffsets().size() != 2) {
    emitError(window.getLoc()) << "view has no place in a program; expected a partition_view of "
                                  "rank 2";
    return failure();
  }
  const auto type = cast<PartitionTensorViewType>(window.getType());
  ViewRef ref;
  ref.rows = static_cast<std::int32_t>(type.getShape()[0]);
  ref.cols = static_cast<std::int32_t>(type.getShape()[1]);
  ref.dtype = dtypeOf(type.getElementType());
  const FailureOr<ExprId> row = exprs_.offset(partition.getOffsets()[0]);
  const FailureOr<ExprId> col = exprs_.offset(partition.getOffsets()[1]);
  if (failed(row) || failed(col))
    return failure();
  ref.rowOffset = *row;
  ref.colOffset = *col;

  const Value source = partition.getSource();
  if (const auto entry = entries_.find(source); entry != entries_.end()) {
    ref.fifo = entry->second;
    ref.rowStride = cast<TensorViewType>(source.getType()).getShape()[1];
    return ref;
  }
  auto tensor = source.getDefiningOp<MakeTensorViewOp>();
  const auto known = tensor ? tensors_.find(tensor.getPtr()) : tensors_.end();
  if (known == tensors_.end()) {
    partition.emitOpError() << "is not over a tensor of the kernel or an entry of a FIFO";
    return failure();
  }
  if (failed(addTensor(tensor, known->second)))
    return failure();
  const FailureOr<std::int64_t> rowStride = constantStride(tensor, tensor.getStrides()[0]);
  const FailureOr<std::int64_t> colStride = constantStride(tensor, tensor.getStrides()[1]);
  if (failed(rowStride) || failed(colStride))
    return failure();
  ref.tensor = known->second;
  ref.rowStride = *rowStride;
  ref.colStride = *colStride;
  return ref;
}

} // namespace ptotune::emit
