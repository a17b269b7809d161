// Values: index arithmetic, tiles and windows.
#include "codegen/emit/CppFunction.h"

#include <llvm/ADT/TypeSwitch.h>
#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/IR/Matchers.h>

namespace ptotune::emit {

using namespace mlir;
using namespace mlir::pto;

namespace {

// Above this many copies, addresses are assigned in a loop.
constexpr std::int64_t kAssignedOneByOne = 3;

} // namespace

// The value as its users write it. Arithmetic that is not emitted yet is written out in full.
CppExpr CppFunction::expr(Value value) {
  if (const auto found = values_.find(value); found != values_.end())
    return found->second;
  if (const auto number = constantOf(value))
    return CppExpr::number(*number);
  if (auto get = value.getDefiningOp<MultiTileGetOp>())
    return {fmt::format("{}[{}]", text(get.getSource()), text(get.getIndex())), CppExpr::atom};
  Operation* op = value.getDefiningOp();
  return op ? arithmetic(op) : CppExpr{"?"};
}

CppExpr CppFunction::arithmetic(Operation* op) {
  const auto lhs = [&] { return expr(op->getOperand(0)); };
  const auto rhs = [&] { return expr(op->getOperand(1)); };
  return llvm::TypeSwitch<Operation*, CppExpr>(op)
      .Case<arith::AddIOp, AddPtrOp>([&](auto) { return lhs() + rhs(); })
      .Case<arith::SubIOp>([&](auto) { return lhs() - rhs(); })
      .Case<arith::MulIOp>([&](auto) { return lhs() * rhs(); })
      .Case<arith::DivUIOp, arith::DivSIOp>([&](auto) { return lhs() / rhs(); })
      .Case<arith::RemUIOp, arith::RemSIOp>([&](auto) { return lhs() % rhs(); })
      .Case<arith::MinUIOp, arith::MinSIOp>([&](auto) { return choose(lhs(), "<", rhs()); })
      .Case<arith::MaxUIOp, arith::MaxSIOp>([&](auto) { return choose(lhs(), ">", rhs()); })
      .Case<arith::IndexCastOp>([&](auto) { return lhs(); })
      .Case<CastPtrOp>([&](CastPtrOp cast) {
        return CppExpr{
            fmt::format("reinterpret_cast<{}>({})", parameterType(cast.getType()), lhs().text),
            CppExpr::atom};
      })
      .Case<GetBlockIdxOp>([](auto) { return CppExpr{"get_block_idx()"}; })
      .Case<GetBlockNumOp>([](auto) { return CppExpr{"get_block_num()"}; })
      .Case<GetSubblockIdxOp>([](auto) { return CppExpr{"get_subblockid()"}; })
      .Case<GetSubblockNumOp>([](auto) { return CppExpr{"get_subblockdim()"}; })
      // Emitting the operation itself is what fails.
      .Default([](Operation*) { return CppExpr{"?"}; });
}

LogicalResult CppFunction::emitConstant(Operation* op) {
  FloatAttr number;
  if (!matchPattern(op, m_Constant(&number)))
    return success(); // integers are written where they are used
  std::string literal = fmt::format("{}", number.getValue().convertToFloat());
  if (literal.find_first_of(".e") == std::string::npos)
    literal += ".0";
  literal += "f";
  if (!op->getLoc()->findInstanceOf<NameLoc>()) {
    values_[op->getResult(0)] = {literal, CppExpr::atom};
    return success();
  }
  const std::string name = names_.take(wanted(op, ""));
  lines_.line("constexpr float {} = {};", name, literal);
  values_[op->getResult(0)] = {name, CppExpr::atom};
  return success();
}

// Index arithmetic: a constant where the operation has a name, else text for its users.
LogicalResult CppFunction::emitIndex(Operation* op) {
  const Value result = op->getResult(0);
  CppExpr value = arithmetic(op);
  if (isa<IndexType>(result.getType()) && op->getLoc()->findInstanceOf<NameLoc>()) {
    const std::string name = names_.take(wanted(op, ""));
    lines_.line("const int64_t {} = {};", name, value.text);
    value = {name, CppExpr::atom};
  }
  values_[result] = std::move(value);
  return success();
}

LogicalResult CppFunction::emitAlloc(Operation* op) {
  auto single = dyn_cast<AllocTileOp>(op);
  auto multi = dyn_cast<AllocMultiTileOp>(op);
  const auto address = single ? single.getAddress() : multi.getAddress();
  if (!address)
    return op->emitOpError() << "has no planned address; expected pto-plan-memory to run first";
  const auto first = static_cast<std::int64_t>(*address);
  const TileBufType type = single ? single.getType() : multi.getType().getTile();
  const std::string name = names_.take(wanted(op, "tile"));
  values_[op->getResult(0)] = {name, CppExpr::atom};
  if (single) {
    lines_.line("{} {};", types_.tile(type), name);
    lines_.line("TASSIGN({}, {});", name, hexText(first));
    return success();
  }
  const auto copies = static_cast<std::int64_t>(multi.getType().getCount());
  const auto stride = static_cast<std::int64_t>(multi.getStride().value_or(type.getByteSize()));
  lines_.line("{} {}[{}];", types_.tile(type), name, copies);
  if (copies > kAssignedOneByOne) {
    lines_.line("for (int64_t i = 0; i < {}; ++i)", copies);
    lines_.line("    TASSIGN({}[i], {} + i * {});", name, hexText(first), hexText(stride));
    return success();
  }
  for (std::int64_t copy = 0; copy < copies; ++copy)
    lines_.line("TASSIGN({}[{}], {});", name, copy, hexText(first + copy * stride));
  return success();
}

FailureOr<CppExpr> CppFunction::addressOf(Value tile, std::int64_t offset) {
  if (auto single = tile.getDefiningOp<AllocTileOp>())
    return CppExpr{hexText(static_cast<std::int64_t>(single.getAddress().value_or(0)) + offset)};
  auto get = tile.getDefiningOp<MultiTileGetOp>();
  auto multi = get ? get.getSource().getDefiningOp<AllocMultiTileOp>() : AllocMultiTileOp();
  if (!multi) {
    emitError(tile.getLoc()) << "view of a view has no C++ form; expected a view of an allocation";
    return failure();
  }
  const std::int64_t first = static_cast<std::int64_t>(multi.getAddress().value_or(0)) + offset;
  const auto stride = static_cast<std::int64_t>(
      multi.getStride().value_or(multi.getType().getTile().getByteSize()));
  if (const auto copy = constantOf(get.getIndex()))
    return CppExpr{hexText(first + *copy * stride)};
  return CppExpr{hexText(first)} + expr(get.getIndex()) * CppExpr{hexText(stride)};
}

LogicalResult CppFunction::emitSubview(SubviewOp subview) {
  const auto source = cast<TileBufType>(subview.getSource().getType());
  if (source.isBoxed())
    return subview.emitOpError() << "has no C++ form; expected a tile without boxes";
  const bool byRows = source.getBLayout() == BLayout::row_major;
  const std::int64_t pitch = byRows ? source.getCols() : source.getRows();
  const auto row = constantOf(subview.getOffsets()[0]);
  const auto col = constantOf(subview.getOffsets()[1]);
  if (!row || !col)
    return subview.emitOpError() << "has no C++ form; expected constant offsets";
  const std::int64_t elements = byRows ? *row * pitch + *col : *col * pitch + *row;
  const FailureOr<CppExpr> address =
      addressOf(subview.getSource(), elements * source.getElementBytes());
  if (failed(address))
    return failure();
  const std::string name = names_.take(wanted(subview, "part"));
  const std::string type = types_.tileWithin(cast<TileBufType>(subview.getType()), pitch);
  lines_.line("{} {};", type, name);
  typeNames_[subview] = type;
  lines_.line("TASSIGN({}, {});", name, address->text);
  values_[subview] = {name, CppExpr::atom};
  return success();
}

LogicalResult CppFunction::emitReshape(TReshapeOp reshape) {
  const std::string name = names_.take(wanted(reshape, "alias"));
  lines_.line("{} {};", types_.tile(cast<TileBufType>(reshape.getType())), name);
  lines_.line("TRESHAPE({}, {});", name, text(reshape.getSource()));
  values_[reshape] = {name, CppExpr::atom};
  return success();
}

// The entry that a talloc or tpop points at a slot.
LogicalResult CppFunction::emitEntry(DeclareGlobalOp entry) {
  const auto type = cast<TensorViewType>(entry.getType());
  if (type.getRank() != 2)
    return entry.emitOpError() << "has no C++ form; expected rank 2, got " << type.getRank();
  const WindowShape shape{type.getElementType(), type.getShape()[0], type.getShape()[1],
                          type.getShape()[1], 1};
  const std::string given = wanted(entry, "slot");
  const std::string name = names_.take(given);
  typeNames_[entry] = types_.window(shape, given);
  lines_.line("{} {};", typeNames_[entry], name);
  values_[entry] = {name, CppExpr::atom};
  return success();
}

// A window is a GlobalTensor at the first element of its rectangle.
LogicalResult CppFunction::emitWindow(PartitionViewOp window) {
  const auto type = cast<PartitionTensorViewType>(window.getType());
  if (type.getRank() != 2)
    return window.emitOpError() << "has no C++ form; expected rank 2, got " << type.getRank();
  WindowShape shape{type.getElementType(), type.getShape()[0], type.getShape()[1], 0, 1};
  CppExpr base;
  if (auto tensor = window.getSource().getDefiningOp<MakeTensorViewOp>()) {
    const auto rowStride = constantOf(tensor.getStrides()[0]);
    const auto colStride = constantOf(tensor.getStrides()[1]);
    if (!rowStride || !colStride)
      return tensor.emitOpError() << "has a computed stride; expected constants";
    shape.rowStride = *rowStride;
    shape.colStride = *colStride;
    base = expr(tensor.getPtr());
  } else {
    shape.rowStride = cast<TensorViewType>(window.getSource().getType()).getShape()[1];
    base = {text(window.getSource()) + ".data()", CppExpr::atom};
  }
  CppExpr offset = CppExpr::number(0);
  std::int64_t known = 0;
  const std::int64_t strides[] = {shape.rowStride, shape.colStride};
  for (const auto [position, stride] : llvm::zip(window.getOffsets(), strides)) {
    if (const auto constant = constantOf(position))
      known += *constant * stride;
    else
      offset = offset + expr(position) * CppExpr::number(stride);
  }
  const std::string name = names_.take(wanted(window, "window"));
  lines_.line("{} {}({});", types_.window(shape, wanted(window, "window")), name,
              (base + offset + CppExpr::number(known)).text);
  values_[window] = {name, CppExpr::atom};
  return success();
}

} // namespace ptotune::emit
