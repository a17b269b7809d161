#include "codegen/dialect/PtoDialect.h"
#include "codegen/emit/PtoStorage.h"

#include <mlir/IR/Builders.h>

namespace ptotune::emit {

using namespace mlir;
using namespace mlir::pto;

namespace {

bool isColumn(TileBufType type) {
  return type.getSpace() == AddressSpace::vec && !type.isBoxed() && type.getCols() == 1 &&
         type.getBLayout() == BLayout::col_major && type.hasStaticValid();
}

TileBufType asRow(TileBufType column) {
  return TileBufType::get(AddressSpace::vec, 1, column.getRows(), column.getElementType());
}

// Whether the operation views its source as one row.
bool isRowView(Operation* op) {
  auto reshape = dyn_cast<TReshapeOp>(op);
  return reshape && cast<TileBufType>(reshape.getType()).getRows() == 1;
}

bool isWindowOfRows(Operation* op) {
  return isa<SubviewOp>(op) && !op->use_empty() && llvm::all_of(op->getUsers(), isRowView);
}

// Moves the uses of a column to the row over the same bytes.
void moveUses(Value column, Value row) {
  Value again; // the row as a column, where the whole of it is used
  for (OpOperand& use : llvm::make_early_inc_range(column.getUses())) {
    Operation* op = use.getOwner();
    if (isRowView(op)) {
      op->getResult(0).replaceAllUsesWith(row);
      op->erase();
    } else if (isWindowOfRows(op)) {
      auto window = cast<SubviewOp>(op);
      OpBuilder b(op);
      const Value part = b.create<SubviewOp>(op->getLoc(), row, window.getOffsets()[1],
                                             window.getOffsets()[0], 1, window.getSizes()[0]);
      for (Operation* reshape : llvm::make_early_inc_range(op->getUsers())) {
        reshape->getResult(0).replaceAllUsesWith(part);
        reshape->erase();
      }
      op->erase();
    } else {
      if (!again) {
        OpBuilder b(row.getContext());
        b.setInsertionPointAfterValue(row);
        again = b.create<TReshapeOp>(op->getLoc(), column.getType(), row);
      }
      use.set(again);
    }
  }
}

// Upstream moves between tiles of one extent, and a window has that of its tile: the larger of a
// value and itself is the value, and takes windows.
void copyWindows(func::FuncOp function) {
  function.walk([](TMovOp move) {
    const auto isWindow = [](Value tile) { return tile.getDefiningOp<SubviewOp>() != nullptr; };
    const auto type = cast<TileBufType>(move.getDst().getType());
    if (type.getSpace() != AddressSpace::vec ||
        (!isWindow(move.getSrc()) && !isWindow(move.getDst())))
      return;
    OpBuilder(move).create<TMaxOp>(move.getLoc(), move.getSrc(), move.getSrc(), move.getDst());
    move.erase();
  });
}

bool hasWindowOfRows(Operation* allocation) {
  return llvm::any_of(allocation->getUsers(), [](Operation* user) {
    return isWindowOfRows(user) || (isa<MultiTileGetOp>(user) && hasWindowOfRows(user));
  });
}

} // namespace

void layColumnsAsRows(func::FuncOp function) {
  SmallVector<Operation*> allocations;
  function.walk([&](Operation* op) {
    auto single = dyn_cast<AllocTileOp>(op);
    auto multi = dyn_cast<AllocMultiTileOp>(op);
    if ((single && isColumn(single.getType())) || (multi && isColumn(multi.getType().getTile())))
      if (hasWindowOfRows(op))
        allocations.push_back(op);
  });
  for (Operation* op : allocations) {
    OpBuilder b(op);
    if (auto single = dyn_cast<AllocTileOp>(op)) {
      moveUses(single.getResult(), b.create<AllocTileOp>(op->getLoc(), asRow(single.getType())));
    } else {
      const MultiTileBufType type = cast<AllocMultiTileOp>(op).getType();
      const Value rows = b.create<AllocMultiTileOp>(
          op->getLoc(), MultiTileBufType::get(asRow(type.getTile()), type.getCount()));
      for (Operation* user : llvm::make_early_inc_range(op->getUsers())) {
        auto get = cast<MultiTileGetOp>(user);
        OpBuilder before(get);
        moveUses(get.getResult(),
                 before.create<MultiTileGetOp>(get.getLoc(), rows, get.getIndex()));
        get.erase();
      }
    }
    op->erase();
  }
  copyWindows(function);
}

} // namespace ptotune::emit
