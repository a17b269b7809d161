// The dialect `pto`: types, attributes, operations and interfaces. README.md documents them.
#pragma once

#include "codegen/dialect/TileConfig.h"
#include "space/Op.h"

#include <mlir/Bytecode/BytecodeOpInterface.h>
#include <mlir/IR/BuiltinTypes.h>
#include <mlir/IR/Dialect.h>
#include <mlir/IR/OpDefinition.h>
#include <mlir/IR/OpImplementation.h>
#include <mlir/IR/SymbolTable.h>
#include <mlir/Interfaces/FunctionInterfaces.h>
#include <mlir/Interfaces/SideEffectInterfaces.h>
#include <mlir/Interfaces/ViewLikeInterface.h>

#include <optional>

// clang-format off: generated code follows what it needs.
#include "codegen/dialect/PtoDialect.h.inc"
// clang-format on

namespace mlir::pto {

// Names of attributes on functions and modules.
inline constexpr llvm::StringLiteral kKernelKindAttr = "pto.kernel_kind"; // on a core's function
inline constexpr llvm::StringLiteral kEntryAttr = "pto.entry"; // on the launched function
inline constexpr llvm::StringLiteral kTargetArchAttr = "pto.target_arch"; // on the module

// Bytes of one element of a number type.
int64_t elementBytes(Type elementType);

// Elements times bytes per element; nothing when a dimension is dynamic.
std::optional<int64_t> byteSize(llvm::ArrayRef<int64_t> shape, Type elementType);

// Everything that happens in an order between pipes and cores.
struct SyncResource : SideEffects::Resource::Base<SyncResource> {
  llvm::StringRef getName() final { return "pto.sync"; }
};

// Every attribute of the operation is one it knows, or carries a dialect prefix.
template <typename ConcreteOp>
struct KnownAttributes : OpTrait::TraitBase<ConcreteOp, KnownAttributes> {
  static LogicalResult verifyTrait(Operation* op);
};

namespace detail {

// Numbers that tiles and tensors hold.
LogicalResult verifyElementType(llvm::function_ref<InFlightDiagnostic()> emitError, Type type);

// `?` for a dynamic extent.
void printExtent(AsmPrinter& printer, int64_t extent);

} // namespace detail
} // namespace mlir::pto

#define GET_TYPEDEF_CLASSES
#include "codegen/dialect/PtoTypes.h.inc"
#define GET_ATTRDEF_CLASSES
#include "codegen/dialect/PtoAttrs.h.inc"

namespace mlir::pto::detail {

LogicalResult verifyKnownAttributes(Operation* op);

// Names the result after the operation's NameLoc, where it has one.
void nameResult(Operation* op, OpAsmSetValueNameFn setName);

// Operands and results of tile type (or tile array type) that carry the effect.
template <typename Effect> llvm::SmallVector<Value, 4> tilesWithEffect(Operation* op) {
  llvm::SmallVector<Value, 4> tiles;
  llvm::SmallVector<MemoryEffects::EffectInstance> effects;
  if (auto memory = dyn_cast<MemoryEffectOpInterface>(op))
    memory.getEffects(effects);
  for (const MemoryEffects::EffectInstance& effect : effects)
    if (Value value = effect.getValue();
        value && isa<Effect>(effect.getEffect()) && isa<TileBufType>(value.getType()))
      tiles.push_back(value);
  return tiles;
}

Pipe storePipe(Value tile);          // tstore: FIX for acc, else MTE3
Pipe movePipe(Value from, Value to); // tmov, textract
Pipe pushPipe(Operation* push);      // handle form: by direction of the FIFO and kind of the core
Pipe popPipe(Value entry);           // a tile is loaded, a view only pointed at the slot

} // namespace mlir::pto::detail

namespace mlir::pto {

template <typename ConcreteOp>
LogicalResult KnownAttributes<ConcreteOp>::verifyTrait(Operation* op) {
  return detail::verifyKnownAttributes(op);
}

} // namespace mlir::pto

#include "codegen/dialect/PtoInterfaces.h.inc"

#define GET_OP_CLASSES
#include "codegen/dialect/PtoOps.h.inc"

namespace mlir::pto {

// The core that executes the function around `op`; nothing outside a kernel function.
std::optional<KernelKind> kernelKind(Operation* op);

// The same pipe for `space`; `pipe` is not Pipe::all.
ptotune::Pipe toSpace(Pipe pipe);
Pipe fromSpace(ptotune::Pipe pipe);

// The memory of `space` where a tile lies; nothing for bias and scaling.
std::optional<ptotune::Memory> toSpace(AddressSpace space);
AddressSpace fromSpace(ptotune::Memory memory);

// The value that owns the storage of a tile or view: through subview, treshape, multi_tile_get,
// partition_view down to an alloc, a FIFO entry, a make_tensor_view or a block argument.
Value storageOf(Value value);

// The value as a constant integer, where it is one.
std::optional<int64_t> constantOf(Value value);

} // namespace mlir::pto
