// Text form and verification of the types.
#include "codegen/dialect/PtoDialect.h"

#include <llvm/ADT/StringSwitch.h>
#include <llvm/ADT/TypeSwitch.h>
#include <mlir/IR/Builders.h>
#include <mlir/IR/DialectImplementation.h>

#define GET_TYPEDEF_CLASSES
#include "codegen/dialect/PtoTypes.cpp.inc"

namespace mlir::pto {

void PtoDialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "codegen/dialect/PtoTypes.cpp.inc"
      >();
}

int64_t elementBytes(Type elementType) {
  return elementType.isIntOrFloat() ? (elementType.getIntOrFloatBitWidth() + 7) / 8 : 0;
}

std::optional<int64_t> byteSize(llvm::ArrayRef<int64_t> shape, Type elementType) {
  int64_t bytes = elementBytes(elementType);
  for (int64_t extent : shape) {
    if (ShapedType::isDynamic(extent))
      return std::nullopt;
    bytes *= extent;
  }
  return bytes;
}

LogicalResult detail::verifyElementType(llvm::function_ref<InFlightDiagnostic()> emitError,
                                        Type type) {
  if (type &&
      (type.isF16() || type.isBF16() || type.isF32() || type.isSignlessInteger(8) ||
       type.isSignlessInteger(16) || type.isSignlessInteger(32) || type.isSignlessInteger(64)))
    return success();
  return emitError() << "expected an element type of f16, bf16, f32, i8, i16, i32 or i64, got "
                     << type;
}

void detail::printExtent(AsmPrinter& printer, int64_t extent) {
  if (ShapedType::isDynamic(extent))
    printer << '?';
  else
    printer << extent;
}

namespace {

using EmitError = llvm::function_ref<InFlightDiagnostic()>;

//===-- Shapes and elements -----------------------------------------------===//

ParseResult parseShape(AsmParser& parser, SmallVectorImpl<int64_t>& shape, Type& elementType) {
  return failure(parser.parseDimensionList(shape) || parser.parseType(elementType));
}

void printShape(AsmPrinter& printer, llvm::ArrayRef<int64_t> shape, Type elementType) {
  for (int64_t extent : shape) {
    detail::printExtent(printer, extent);
    printer << 'x';
  }
  printer << elementType;
}

LogicalResult verifyView(EmitError emitError, llvm::ArrayRef<int64_t> shape, Type elementType) {
  if (shape.empty())
    return emitError() << "expected a view of at least one dimension";
  for (int64_t extent : shape)
    if (!ShapedType::isDynamic(extent) && extent <= 0)
      return emitError() << "expected positive dimensions or '?', got " << extent;
  return detail::verifyElementType(emitError, elementType);
}

template <typename View> Type parseView(AsmParser& parser) {
  SmallVector<int64_t> shape;
  Type elementType;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parseShape(parser, shape, elementType) || parser.parseGreater())
    return {};
  return View::getChecked([&] { return parser.emitError(loc); }, parser.getContext(), shape,
                          elementType);
}

// Keywords of a memory, the hardware's names among them.
std::optional<AddressSpace> addressSpaceFromKeyword(StringRef keyword) {
  return llvm::StringSwitch<std::optional<AddressSpace>>(keyword)
      .Case("gm", AddressSpace::gm)
      .Cases("ub", "vec", AddressSpace::vec)
      .Cases("mat", "l1", AddressSpace::mat)
      .Cases("left", "l0a", AddressSpace::left)
      .Cases("right", "l0b", AddressSpace::right)
      .Cases("acc", "l0c", AddressSpace::acc)
      .Cases("bias", "bt", AddressSpace::bias)
      .Cases("scaling", "fb", AddressSpace::scaling)
      .Default(std::nullopt);
}

} // namespace

//===-- PtrType -----------------------------------------------------------===//

Type PtrType::parse(AsmParser& parser) {
  Type elementType;
  AddressSpace space = AddressSpace::gm;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseType(elementType))
    return {};
  if (succeeded(parser.parseOptionalComma())) {
    StringRef keyword;
    SMLoc keywordLoc = parser.getCurrentLocation();
    if (parser.parseKeyword(&keyword))
      return {};
    auto parsed = addressSpaceFromKeyword(keyword);
    if (!parsed) {
      parser.emitError(keywordLoc,
                       "expected the pointer's memory: gm, ub (vec), mat (l1), left "
                       "(l0a), right (l0b), acc (l0c), bias (bt) or scaling (fb), got '")
          << keyword << "'";
      return {};
    }
    space = *parsed;
  }
  if (parser.parseGreater())
    return {};
  return PtrType::getChecked([&] { return parser.emitError(loc); }, parser.getContext(),
                             elementType, space);
}

void PtrType::print(AsmPrinter& printer) const {
  printer << '<' << getElementType() << ", " << stringifyAddressSpace(getSpace()) << '>';
}

LogicalResult PtrType::verify(EmitError emitError, Type elementType, AddressSpace) {
  return detail::verifyElementType(emitError, elementType);
}

//===-- Views -------------------------------------------------------------===//

Type TensorViewType::parse(AsmParser& parser) {
  return parseView<TensorViewType>(parser);
}
Type PartitionTensorViewType::parse(AsmParser& parser) {
  return parseView<PartitionTensorViewType>(parser);
}

void TensorViewType::print(AsmPrinter& printer) const {
  printer << '<';
  printShape(printer, getShape(), getElementType());
  printer << '>';
}
void PartitionTensorViewType::print(AsmPrinter& printer) const {
  printer << '<';
  printShape(printer, getShape(), getElementType());
  printer << '>';
}

LogicalResult TensorViewType::verify(EmitError emitError, ArrayRef<int64_t> shape,
                                     Type elementType) {
  return verifyView(emitError, shape, elementType);
}
LogicalResult PartitionTensorViewType::verify(EmitError emitError, ArrayRef<int64_t> shape,
                                              Type elementType) {
  return verifyView(emitError, shape, elementType);
}

} // namespace mlir::pto
