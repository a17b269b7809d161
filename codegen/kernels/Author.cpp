#include "codegen/kernels/Author.h"

#include <fmt/format.h>
#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/IR/BuiltinOps.h>

namespace ptotune::kernels {

using namespace mlir;
using namespace mlir::pto;

Location Author::loc(llvm::StringRef name) const {
  const Location unknown = b.getUnknownLoc();
  return name.empty() ? unknown : Location(NameLoc::get(b.getStringAttr(name), unknown));
}

func::FuncOp Author::function(ModuleOp module, llvm::StringRef name,
                              llvm::ArrayRef<Parameter> parameters) {
  llvm::SmallVector<Type> types;
  for (const Parameter& parameter : parameters)
    types.push_back(parameter.type);
  b.setInsertionPointToEnd(module.getBody());
  auto function = b.create<func::FuncOp>(loc(name), name, b.getFunctionType(types, {}));
  entry_ = function.addEntryBlock();
  for (auto [number, parameter] : llvm::enumerate(parameters)) {
    function.setArgAttr(number, kParameterNameAttr, b.getStringAttr(parameter.name));
    function.getArgument(number).setLoc(loc(parameter.name));
  }
  constants_.clear();
  b.setInsertionPointToStart(entry_);
  return function;
}

OwningOpRef<ModuleOp> Author::module() {
  OwningOpRef<ModuleOp> made = ModuleOp::create(b.getUnknownLoc());
  made.get()->setAttr(kTargetArchAttr, b.getStringAttr("a3"));
  return made;
}

func::FuncOp Author::kernel(ModuleOp module, KernelKind kind, llvm::StringRef name,
                            llvm::ArrayRef<Parameter> parameters) {
  func::FuncOp made = function(module, name, parameters);
  made->setAttr(kKernelKindAttr, KernelKindAttr::get(b.getContext(), kind));
  return made;
}

void Author::finish() {
  b.setInsertionPointToEnd(entry_);
  b.create<func::ReturnOp>(loc());
}

TileBufType Author::tileType(AddressSpace space, std::int64_t rows, std::int64_t cols, Type element,
                             TileConfig config) {
  return TileBufType::get(space, rows, cols, element, config);
}

TileBufType Author::vecType(std::int64_t rows, std::int64_t cols, Type element) {
  return tileType(AddressSpace::vec, rows, cols, element, TileConfig::rows());
}

TileBufType Author::columnType(std::int64_t rows) {
  return tileType(AddressSpace::vec, rows, 1, f32(), TileConfig::column());
}

Value Author::index(std::int64_t value) {
  Value& constant = constants_[value];
  if (!constant) {
    const OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(entry_);
    constant = b.create<arith::ConstantIndexOp>(loc(), value);
  }
  return constant;
}

Value Author::number(double value, llvm::StringRef name) {
  return b.create<arith::ConstantFloatOp>(loc(name), llvm::APFloat(static_cast<float>(value)),
                                          b.getF32Type());
}

Value Author::add(Value lhs, Value rhs, llvm::StringRef name) {
  const auto a = constantOf(lhs);
  const auto c = constantOf(rhs);
  if (a && c)
    return index(*a + *c);
  if (a == 0)
    return rhs;
  if (c == 0)
    return lhs;
  return arithmetic<arith::AddIOp>(lhs, rhs, name);
}

Value Author::sub(Value lhs, Value rhs, llvm::StringRef name) {
  const auto a = constantOf(lhs);
  const auto c = constantOf(rhs);
  if (a && c)
    return index(*a - *c);
  return c == 0 ? lhs : arithmetic<arith::SubIOp>(lhs, rhs, name);
}

Value Author::mul(Value lhs, std::int64_t rhs, llvm::StringRef name) {
  if (const auto a = constantOf(lhs))
    return index(*a * rhs);
  if (rhs == 0)
    return index(0);
  return rhs == 1 ? lhs : arithmetic<arith::MulIOp>(lhs, index(rhs), name);
}

Value Author::div(Value lhs, std::int64_t rhs, llvm::StringRef name) {
  if (const auto a = constantOf(lhs))
    return index(*a / rhs);
  return rhs == 1 ? lhs : arithmetic<arith::DivUIOp>(lhs, index(rhs), name);
}

Value Author::rem(Value lhs, std::int64_t rhs, llvm::StringRef name) {
  if (const auto a = constantOf(lhs))
    return index(*a % rhs);
  return rhs == 1 ? index(0) : arithmetic<arith::RemUIOp>(lhs, index(rhs), name);
}

Value Author::min(Value lhs, Value rhs, llvm::StringRef name) {
  return arithmetic<arith::MinUIOp>(lhs, rhs, name);
}

Value Author::max(Value lhs, Value rhs, llvm::StringRef name) {
  if (constantOf(lhs) == 0)
    return rhs;
  if (constantOf(rhs) == 0)
    return lhs;
  return arithmetic<arith::MaxUIOp>(lhs, rhs, name);
}

Tiles Author::tiles(llvm::StringRef name, llvm::StringRef buffer, TileBufType type,
                    std::int64_t copies) {
  if (copies == 1)
    return {b.create<AllocTileOp>(loc(name), type, buffer), 1};
  const auto multi = MultiTileBufType::get(type, copies);
  return {b.create<AllocMultiTileOp>(loc(name), multi, buffer), copies};
}

Value Author::tile(const Tiles& tiles, Value index, llvm::StringRef name) {
  if (tiles.copies == 1)
    return tiles.value;
  return b.create<MultiTileGetOp>(loc(name), tiles.value, index);
}

Value Author::rows(Value tile, std::int64_t row, std::int64_t rows, llvm::StringRef name) {
  const auto type = cast<TileBufType>(tile.getType());
  if (row == 0 && rows == type.getRows())
    return tile;
  return b.create<SubviewOp>(loc(name), tile, index(row), index(0), rows, type.getCols());
}

Value Author::cols(Value tile, std::int64_t col, std::int64_t cols, llvm::StringRef name) {
  const auto type = cast<TileBufType>(tile.getType());
  if (col == 0 && cols == type.getCols())
    return tile;
  return b.create<SubviewOp>(loc(name), tile, index(0), index(col), type.getRows(), cols);
}

Value Author::asRow(Value column, llvm::StringRef name) {
  const auto type = cast<TileBufType>(column.getType());
  return b.create<TReshapeOp>(loc(name), vecType(1, type.getRows(), type.getElementType()), column);
}

Value Author::bitcast(Value pointer, Type element, llvm::StringRef name) {
  const AddressSpace space = cast<PtrType>(pointer.getType()).getSpace();
  return b.create<CastPtrOp>(loc(name), PtrType::get(element, space), pointer);
}

Value Author::rowMajor(llvm::StringRef name, Value pointer, Value rows, std::int64_t cols) {
  const auto element = cast<PtrType>(pointer.getType()).getElementType();
  const auto type =
      TensorViewType::get({constantOf(rows).value_or(ShapedType::kDynamic), cols}, element);
  return b.create<MakeTensorViewOp>(loc(name), type, pointer, ValueRange{rows, index(cols)},
                                    ValueRange{index(cols), index(1)}, LayoutAttr());
}

Value Author::columnMajor(llvm::StringRef name, Value pointer, std::int64_t rows, Value cols) {
  const auto element = cast<PtrType>(pointer.getType()).getElementType();
  const auto type = TensorViewType::get({rows, ShapedType::kDynamic}, element);
  return b.create<MakeTensorViewOp>(loc(name), type, pointer, ValueRange{index(rows), cols},
                                    ValueRange{index(1), index(rows)},
                                    LayoutAttr::get(b.getContext(), Layout::dn));
}

Value Author::window(llvm::StringRef name, Value view, Value row, Value col, std::int64_t rows,
                     std::int64_t cols) {
  const auto element = cast<TensorViewType>(view.getType()).getElementType();
  const auto type = PartitionTensorViewType::get({rows, cols}, element);
  return b.create<PartitionViewOp>(loc(name), type, view, ValueRange{row, col},
                                   ValueRange{index(rows), index(cols)});
}

void Author::load(Value window, Value tile) {
  b.create<TLoadOp>(loc(), window, tile);
}

void Author::store(Value tile, Value window, StPhase phase) {
  b.create<TStoreOp>(loc(), tile, window, phase);
}

void Author::extract(Value from, Value row, Value col, Value to) {
  b.create<TExtractOp>(loc(), from, row, col, to);
}

void Author::matmul(Value left, Value right, Value acc, bool first, AccPhase phase) {
  if (first)
    b.create<TMatmulOp>(loc(), left, right, acc, phase);
  else
    b.create<TMatmulAccOp>(loc(), acc, left, right, acc, phase);
}

void Author::stage(llvm::StringRef name, Value tile, std::optional<std::int64_t> part) {
  b.create<StageOp>(loc(), name, tile, part);
}

Value Rotation::next() {
  const std::int64_t use = use_++ % copies_;
  const std::int64_t turn = uses_ % copies_;
  if (turn == 0)
    return author_.index(use);
  const Value moved = author_.add(author_.mul(iteration_, turn), author_.index(use));
  // Two copies alternate as ping and pong.
  const std::string name = copies_ != 2 ? fmt::format("turn{}", use) : use == 0 ? "ping" : "pong";
  return author_.rem(moved, copies_, name);
}

} // namespace ptotune::kernels
