#include "codegen/emit/CppTypes.h"

#include <llvm/ADT/TypeSwitch.h>

namespace ptotune::emit {

using namespace mlir;
using namespace mlir::pto;

namespace {

const char* tileTypeName(AddressSpace space) {
  switch (space) {
  case AddressSpace::mat:
    return "Mat";
  case AddressSpace::left:
    return "Left";
  case AddressSpace::right:
    return "Right";
  case AddressSpace::acc:
    return "Acc";
  case AddressSpace::vec:
    return "Vec";
  case AddressSpace::bias:
    return "Bias";
  case AddressSpace::scaling:
    return "Scaling";
  case AddressSpace::gm:
    break;
  }
  llvm_unreachable("a tile lies in a memory of the core");
}

// "MatNZ_128x64", "VecHalf_32x256", "Row_64", "Col_64".
std::string tileAlias(TileBufType type) {
  const std::string extents = fmt::format("{}x{}", type.getRows(), type.getCols());
  if (type.getSpace() != AddressSpace::vec) {
    const bool inL1 = type.getSpace() == AddressSpace::mat;
    const char* layout = !inL1 ? "" : type.getBLayout() == BLayout::col_major ? "NZ" : "ZN";
    return fmt::format("{}{}_{}", tileTypeName(type.getSpace()), layout, extents);
  }
  const char* element = type.getElementType().isF32() ? "" : "Half";
  if (type.getBLayout() == BLayout::col_major && type.getCols() == 1)
    return fmt::format("Col{}_{}", element, type.getRows());
  if (type.getRows() == 1)
    return fmt::format("Row{}_{}", element, type.getCols());
  return fmt::format("Vec{}_{}", element, extents);
}

const char* blayoutName(BLayout layout) {
  return layout == BLayout::row_major ? "BLayout::RowMajor" : "BLayout::ColMajor";
}

const char* slayoutName(SLayout layout) {
  switch (layout) {
  case SLayout::none_box:
    return "SLayout::NoneBox";
  case SLayout::row_major:
    return "SLayout::RowMajor";
  case SLayout::col_major:
    return "SLayout::ColMajor";
  }
  llvm_unreachable("every inner layout has a case");
}

std::string tileText(TileBufType type, std::int64_t rows, std::int64_t cols) {
  std::string text =
      fmt::format("Tile<TileType::{}, {}, {}, {}, {}, {}, {}", tileTypeName(type.getSpace()),
                  elementName(type.getElementType()), rows, cols, blayoutName(type.getBLayout()),
                  type.getValidRows(), type.getValidCols());
  if (type.isBoxed())
    text += fmt::format(", {}, {}", slayoutName(type.getSLayout()), type.getFractal());
  return text + ">";
}

const char* directionName(std::uint64_t dirMask) {
  switch (dirMask) {
  case 1:
    return "Direction::DIR_C2V";
  case 2:
    return "Direction::DIR_V2C";
  default:
    return "Direction::DIR_BOTH";
  }
}

const char* boolName(bool value) {
  return value ? "true" : "false";
}

} // namespace

std::string elementName(Type element) {
  if (element.isF16())
    return "half";
  if (element.isBF16())
    return "bfloat16_t";
  if (element.isF32())
    return "float";
  return fmt::format("int{}_t", element.getIntOrFloatBitWidth());
}

std::string parameterType(Type type) {
  if (auto pointer = dyn_cast<PtrType>(type))
    return "__gm__ " + elementName(pointer.getElementType()) + "*";
  if (auto memref = dyn_cast<MemRefType>(type))
    return "__gm__ " + elementName(memref.getElementType()) + "*";
  return isa<IndexType>(type) ? "int64_t" : elementName(type);
}

std::string CppTypes::alias(const std::string& type, const std::string& wanted) {
  const auto [entry, isNew] = aliases_.try_emplace({type, wanted});
  if (isNew) {
    entry->second = names_.take(wanted);
    lines_.push_back(fmt::format("using {} = {};", entry->second, type));
  }
  return entry->second;
}

std::string CppTypes::tile(TileBufType type) {
  return alias(tileText(type, type.getRows(), type.getCols()), tileAlias(type));
}

std::string CppTypes::tileWithin(TileBufType type, std::int64_t pitch) {
  const bool byRows = type.getBLayout() == BLayout::row_major;
  const std::int64_t rows = byRows ? type.getRows() : pitch;
  const std::int64_t cols = byRows ? pitch : type.getCols();
  // A single row or column is contiguous, whatever it is cut from.
  if ((byRows && type.getRows() == 1) || (!byRows && type.getCols() == 1))
    return tile(type);
  return alias(tileText(type, rows, cols), tileAlias(type));
}

std::string CppTypes::window(const WindowShape& shape, llvm::StringRef name) {
  // Rows and columns are the last two of five dimensions; the others have extent 1 and the stride
  // of the whole window.
  const std::int64_t whole =
      shape.colStride == 1 ? shape.rows * shape.rowStride : shape.cols * shape.colStride;
  const bool byColumn = shape.rowStride == 1 && shape.colStride != 1;
  return alias(fmt::format("GlobalTensor<{0}, pto::Shape<1, 1, 1, {1}, {2}>, "
                           "pto::Stride<{3}, {3}, {3}, {4}, {5}>, pto::Layout::{6}>",
                           elementName(shape.element), shape.rows, shape.cols, whole,
                           shape.rowStride, shape.colStride, byColumn ? "DN" : "ND"),
               typeName(name));
}

std::string CppTypes::pipe(InitializeL2G2LPipeOp init, llvm::StringRef name,
                           const SocProfile& soc) {
  const auto localSlots = init.getLocalSlotNum().value_or(soc.tpipeDefaultLocalSlots);
  return alias(fmt::format("TPipe<{}, {}, {}, {}, {}, {}, {}>", init.getFlagBase().value_or(0),
                           directionName(init.getDirMask()), init.getSlotSize(), init.getSlotNum(),
                           localSlots, boolName(init.getNosplit().value_or(false)),
                           boolName(init.getUnitFlag())),
               typeName(name) + "Pipe");
}

} // namespace ptotune::emit
