#include "codegen/dialect/PtoDialect.h"

#include <llvm/ADT/TypeSwitch.h>
#include <mlir/IR/Builders.h>
#include <mlir/IR/BuiltinOps.h>
#include <mlir/IR/DialectImplementation.h>

// clang-format off: generated code follows what it needs.
#include "codegen/dialect/PtoDialect.cpp.inc"
#include "codegen/dialect/PtoEnums.cpp.inc"
#include "codegen/dialect/PtoInterfaces.cpp.inc"
// clang-format on
#define GET_ATTRDEF_CLASSES
#include "codegen/dialect/PtoAttrs.cpp.inc"

namespace mlir::pto {

void PtoDialect::initialize() {
  registerTypes();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "codegen/dialect/PtoAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "codegen/dialect/PtoOps.cpp.inc"
      >();
}

//===-- Attributes of functions and modules -------------------------------===//

namespace {

LogicalResult verifyKernelKind(Operation* op, Attribute value) {
  if (!isa<KernelKindAttr>(value))
    return op->emitError() << "expected '" << kKernelKindAttr
                           << "' to be #pto.kernel_kind<cube> or #pto.kernel_kind<vector>, got "
                           << value;
  if (!isa<FunctionOpInterface>(op))
    return op->emitError() << "expected '" << kKernelKindAttr << "' on a function";
  if (op->hasAttr(kEntryAttr))
    return op->emitError() << "expected either '" << kKernelKindAttr << "' or '" << kEntryAttr
                           << "': the entry runs on both kinds of core";
  return success();
}

LogicalResult verifyEntry(Operation* op, Attribute value) {
  if (!isa<UnitAttr>(value))
    return op->emitError() << "expected '" << kEntryAttr << "' without a value, got " << value;
  auto function = dyn_cast<FunctionOpInterface>(op);
  if (!function)
    return op->emitError() << "expected '" << kEntryAttr << "' on a function";
  if (function.getNumResults() != 0)
    return op->emitError() << "expected the entry to have no results, got "
                           << function.getNumResults();
  return success();
}

LogicalResult verifyTargetArch(Operation* op, Attribute value) {
  if (!isa<ModuleOp>(op))
    return op->emitError() << "expected '" << kTargetArchAttr << "' on the module";
  auto name = dyn_cast<StringAttr>(value);
  if (!name || (name.getValue() != "a2" && name.getValue() != "a3"))
    return op->emitError() << "expected '" << kTargetArchAttr << "' to be \"a2\" or \"a3\", got "
                           << value;
  return success();
}

} // namespace

LogicalResult PtoDialect::verifyOperationAttribute(Operation* op, NamedAttribute attribute) {
  if (attribute.getName() == kKernelKindAttr)
    return verifyKernelKind(op, attribute.getValue());
  if (attribute.getName() == kEntryAttr)
    return verifyEntry(op, attribute.getValue());
  if (attribute.getName() == kTargetArchAttr)
    return verifyTargetArch(op, attribute.getValue());
  return success();
}

LogicalResult detail::verifyKnownAttributes(Operation* op) {
  for (NamedAttribute attribute : op->getDiscardableAttrs()) {
    if (attribute.getNameDialect() || attribute.getName().getValue().contains('.'))
      continue;
    InFlightDiagnostic diagnostic = op->emitOpError() << "has no attribute '"
                                                      << attribute.getName().getValue() << "'";
    if (ArrayRef<StringAttr> known = op->getName().getAttributeNames(); !known.empty()) {
      diagnostic << "; expected one of ";
      llvm::interleaveComma(known, diagnostic, [&](StringAttr name) {
        if (name != "operandSegmentSizes")
          diagnostic << "'" << name.getValue() << "'";
      });
    }
    return diagnostic;
  }
  return success();
}

//===-- Helpers on operations ---------------------------------------------===//

void detail::nameResult(Operation* op, OpAsmSetValueNameFn setName) {
  if (op->getNumResults() != 1)
    return;
  if (auto name = op->getLoc()->findInstanceOf<NameLoc>())
    setName(op->getResult(0), name.getName());
}

std::optional<KernelKind> kernelKind(Operation* op) {
  auto function = dyn_cast<FunctionOpInterface>(op);
  if (!function)
    function = op->getParentOfType<FunctionOpInterface>();
  if (!function)
    return std::nullopt;
  if (auto kind = function->getAttrOfType<KernelKindAttr>(kKernelKindAttr))
    return kind.getValue();
  return std::nullopt;
}

Pipe detail::storePipe(Value tile) {
  auto type = dyn_cast<TileBufType>(tile.getType());
  return type && type.getSpace() == AddressSpace::acc ? Pipe::fix : Pipe::mte3;
}

Pipe detail::movePipe(Value from, Value to) {
  auto source = dyn_cast<TileBufType>(from.getType());
  auto target = dyn_cast<TileBufType>(to.getType());
  if (!source || !target)
    return Pipe::s;
  if (source.getSpace() == AddressSpace::acc || target.getSpace() == AddressSpace::scaling)
    return Pipe::fix;
  return source.getSpace() == AddressSpace::mat ? Pipe::mte1 : Pipe::v;
}

Pipe detail::pushPipe(Operation* push) {
  return kernelKind(push) == KernelKind::vector ? Pipe::mte3 : Pipe::fix;
}

Pipe detail::popPipe(Value entry) {
  return isa<TileBufType>(entry.getType()) ? Pipe::mte2 : Pipe::s;
}

static_assert(static_cast<int>(Pipe::s) == static_cast<int>(ptotune::Pipe::s) &&
              static_cast<int>(Pipe::mte1) == static_cast<int>(ptotune::Pipe::mte1) &&
              static_cast<int>(Pipe::mte2) == static_cast<int>(ptotune::Pipe::mte2) &&
              static_cast<int>(Pipe::mte3) == static_cast<int>(ptotune::Pipe::mte3) &&
              static_cast<int>(Pipe::m) == static_cast<int>(ptotune::Pipe::m) &&
              static_cast<int>(Pipe::v) == static_cast<int>(ptotune::Pipe::v) &&
              static_cast<int>(Pipe::fix) == static_cast<int>(ptotune::Pipe::fix));

ptotune::Pipe toSpace(Pipe pipe) {
  assert(pipe != Pipe::all && "PIPE_ALL names no single pipe");
  return static_cast<ptotune::Pipe>(pipe);
}

Pipe fromSpace(ptotune::Pipe pipe) {
  return static_cast<Pipe>(pipe);
}

std::optional<ptotune::Memory> toSpace(AddressSpace space) {
  switch (space) {
  case AddressSpace::gm:
    return ptotune::Memory::gm;
  case AddressSpace::mat:
    return ptotune::Memory::l1;
  case AddressSpace::left:
    return ptotune::Memory::l0a;
  case AddressSpace::right:
    return ptotune::Memory::l0b;
  case AddressSpace::acc:
    return ptotune::Memory::l0c;
  case AddressSpace::vec:
    return ptotune::Memory::ub;
  case AddressSpace::bias:
  case AddressSpace::scaling:
    return std::nullopt;
  }
  llvm_unreachable("every address space has a case");
}

AddressSpace fromSpace(ptotune::Memory memory) {
  switch (memory) {
  case ptotune::Memory::gm:
    return AddressSpace::gm;
  case ptotune::Memory::ub:
    return AddressSpace::vec;
  case ptotune::Memory::l1:
    return AddressSpace::mat;
  case ptotune::Memory::l0a:
    return AddressSpace::left;
  case ptotune::Memory::l0b:
    return AddressSpace::right;
  case ptotune::Memory::l0c:
    return AddressSpace::acc;
  }
  llvm_unreachable("every memory has a case");
}

Value storageOf(Value value) {
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>())
    value = view.getViewSource();
  return value;
}

std::optional<int64_t> constantOf(Value value) {
  Operation* origin = value ? value.getDefiningOp() : nullptr;
  if (!origin || !origin->hasTrait<OpTrait::ConstantLike>())
    return std::nullopt;
  if (auto constant = dyn_cast_or_null<IntegerAttr>(origin->getAttr("value")))
    return constant.getValue().getSExtValue();
  return std::nullopt;
}

} // namespace mlir::pto
