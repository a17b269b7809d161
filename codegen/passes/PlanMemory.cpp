#include "codegen/dialect/PtoDialect.h"
#include "codegen/passes/Passes.h"

#include <llvm/ADT/MapVector.h>
#include <llvm/ADT/StringExtras.h>
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/IR/Builders.h>

#include <map>

namespace mlir::pto {
namespace {

using ptotune::Buffer;
using ptotune::Memory;

// An alloc_tile, alloc_multi_tile or reserve_buffer that the planner places.
struct Allocation {
  Operation* op;
  std::string buffer; // the name it gives, or one made up from its result
  Memory memory;
  int64_t bytes; // of one tile; of all where tiles lie as far apart as the operation says
  int copies;
};

// Names of unnamed allocations follow their results, so that reports can be read.
std::string madeUpName(Operation* op, unsigned number) {
  if (auto name = op->getLoc()->findInstanceOf<NameLoc>())
    return (name.getName().getValue() + "#" + Twine(number)).str();
  return ("tile#" + Twine(number)).str();
}

LogicalResult requirePlaceable(ReserveBufferOp reserve) {
  if (reserve.getAutoAlloc())
    return success();
  return reserve.emitOpError() << "has a place of its own; expected auto = true, so that the "
                                  "planner places it";
}

FailureOr<SmallVector<Allocation>> collect(func::FuncOp function) {
  SmallVector<Allocation> allocations;
  const WalkResult walked = function.walk([&](Operation* op) {
    TileBufType tile;
    int copies = 1;
    int64_t apart = 0; // bytes from tile to tile where that is given
    std::optional<StringRef> name;
    if (auto reserve = dyn_cast<ReserveBufferOp>(op)) {
      if (failed(requirePlaceable(reserve)))
        return WalkResult::interrupt();
      allocations.push_back({op, reserve.getBuffer().value_or(reserve.getName()).str(),
                             *toSpace(reserve.getLocation()), reserve.getSize(), 1});
      return WalkResult::advance();
    }
    if (auto single = dyn_cast<AllocTileOp>(op)) {
      if (single.getAddr())
        return WalkResult::advance(); // its address is known at run time only
      tile = single.getType();
      name = single.getBuffer();
    } else if (auto multi = dyn_cast<AllocMultiTileOp>(op)) {
      tile = multi.getType().getTile();
      copies = static_cast<int>(multi.getType().getCount());
      name = multi.getBuffer();
      apart = multi.getStride().value_or(0);
    } else {
      return WalkResult::advance();
    }
    const std::optional<Memory> memory = toSpace(tile.getSpace());
    if (!memory) {
      op->emitOpError() << "has a memory that the planner does not place; expected mat, left, "
                           "right, acc or vec";
      return WalkResult::interrupt();
    }
    const auto number = static_cast<unsigned>(allocations.size());
    const int64_t bytes = tile.getByteSize() + (apart != 0 ? (copies - 1) * apart : 0);
    allocations.push_back(
        {op, name ? name->str() : madeUpName(op, number), *memory, bytes, apart != 0 ? 1 : copies});
    return WalkResult::advance();
  });
  if (walked.wasInterrupted())
    return failure();
  return allocations;
}

// The table that the allocations of one function ask for: the largest tile and the most copies that
// name a buffer. Everything lives together.
FailureOr<std::vector<Buffer>> deriveTable(ArrayRef<Allocation> allocations) {
  llvm::MapVector<StringRef, Buffer> table;
  for (const Allocation& a : allocations) {
    auto [entry, isNew] = table.try_emplace(a.buffer, Buffer{a.buffer, a.memory, 0, 1, 0, 0, ""});
    Buffer& buffer = entry->second;
    if (buffer.memory != a.memory)
      return a.op->emitOpError() << "places buffer '" << a.buffer << "' in "
                                 << ptotune::name(a.memory)
                                 << ", but another allocation places it in "
                                 << ptotune::name(buffer.memory);
    buffer.bytes = std::max(buffer.bytes, a.bytes);
    buffer.copies = std::max(buffer.copies, a.copies);
  }
  std::vector<Buffer> buffers;
  for (const auto& [name, buffer] : table)
    buffers.push_back(buffer);
  return buffers;
}

// Allocations and table must describe the same buffers, to the byte.
LogicalResult requireExactly(ModuleOp module, ArrayRef<Allocation> allocations,
                             const std::vector<Buffer>& table) {
  std::map<StringRef, std::pair<int64_t, int>> largest; // bytes and copies, by buffer
  for (const Allocation& a : allocations) {
    const auto found = llvm::find_if(table, [&](const Buffer& b) { return b.name == a.buffer; });
    if (found == table.end())
      return a.op->emitOpError() << "names buffer '" << a.buffer
                                 << "', which is not in the kernel's buffer table";
    if (found->memory != a.memory)
      return a.op->emitOpError() << "lies in " << ptotune::name(a.memory) << "; expected buffer '"
                                 << a.buffer << "' in " << ptotune::name(found->memory);
    if (a.bytes > found->bytes || a.copies > found->copies)
      return a.op->emitOpError() << "needs " << a.copies << " x " << a.bytes
                                 << " B; expected at most " << found->copies << " x "
                                 << found->bytes << " B of buffer '" << a.buffer << "' ("
                                 << StringRef(found->why) << ")";
    auto& [bytes, copies] = largest[a.buffer];
    bytes = std::max(bytes, a.bytes);
    copies = std::max(copies, a.copies);
  }
  for (const Buffer& buffer : table) {
    const auto found = largest.find(buffer.name);
    const auto [bytes, copies] = found == largest.end() ? std::pair<int64_t, int>() : found->second;
    if (bytes != buffer.bytes || copies != buffer.copies)
      return module.emitError() << "buffer '" << StringRef(buffer.name)
                                << "' of the kernel's table has " << buffer.copies << " x "
                                << buffer.bytes << " B; expected what the kernel allocates, "
                                << copies << " x " << bytes << " B";
  }
  return success();
}

// One error per memory that is too small, with every buffer in it.
LogicalResult requireFit(Operation* where, const ptotune::Placement& placement,
                         const ptotune::SocProfile& soc) {
  LogicalResult result = success();
  for (std::size_t m = 0; m < ptotune::kMemoryCount; ++m) {
    const auto memory = static_cast<Memory>(m);
    const int64_t usable = soc.limit(memory).usable;
    if (memory == Memory::gm || placement.used[m] <= usable)
      continue;
    InFlightDiagnostic diagnostic =
        where->emitError() << ptotune::name(memory) << " overflow: " << placement.used[m]
                           << " B needed, expected at most " << usable << " B on " << soc.name;
    for (const ptotune::PlacedBuffer& placed : placement.buffers)
      if (placed.buffer.memory == memory)
        diagnostic.attachNote(where->getLoc())
            << StringRef(placed.buffer.name) << ": " << placed.buffer.copies << " x "
            << placed.buffer.bytes << " B at 0x"
            << llvm::utohexstr(static_cast<uint64_t>(placed.address), true)
            << (placed.buffer.why.empty() ? "" : ", ") << StringRef(placed.buffer.why);
    result = diagnostic;
  }
  return result;
}

void write(ArrayRef<Allocation> allocations, const ptotune::Placement& placement) {
  llvm::DenseMap<StringRef, const ptotune::PlacedBuffer*> byName;
  for (const ptotune::PlacedBuffer& placed : placement.buffers)
    byName[placed.buffer.name] = &placed;
  for (const Allocation& a : allocations) {
    const ptotune::PlacedBuffer& placed = *byName.at(a.buffer);
    if (auto single = dyn_cast<AllocTileOp>(a.op)) {
      single.setAddress(placed.address);
      single.setStride(placed.stride);
    } else if (auto reserve = dyn_cast<ReserveBufferOp>(a.op)) {
      reserve.setBase(placed.address);
    } else {
      auto multi = cast<AllocMultiTileOp>(a.op);
      multi.setAddress(placed.address);
      multi.setStride(multi.getStride().value_or(placed.stride));
    }
  }
}

} // namespace

LogicalResult planMemory(ModuleOp module, const ptotune::SocProfile& soc,
                         const std::vector<Buffer>* table) {
  SmallVector<Allocation> all;
  for (auto function : module.getOps<func::FuncOp>()) {
    FailureOr<SmallVector<Allocation>> allocations = collect(function);
    if (failed(allocations))
      return failure();
    if (table) {
      llvm::append_range(all, *allocations);
      continue;
    }
    const FailureOr<std::vector<Buffer>> derived = deriveTable(*allocations);
    if (failed(derived))
      return failure();
    const ptotune::Placement placement = ptotune::place(*derived, soc);
    if (failed(requireFit(function, placement, soc)))
      return failure();
    write(*allocations, placement);
  }
  if (!table)
    return success();
  if (failed(requireExactly(module, all, *table)))
    return failure();
  const ptotune::Placement placement = ptotune::place(*table, soc);
  if (failed(requireFit(module, placement, soc)))
    return failure();
  write(all, placement);
  return success();
}

} // namespace mlir::pto
