#include "codegen/passes/pipes/LandingTiles.h"

#include "codegen/passes/pipes/SlotCount.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/IR/Builders.h>

namespace mlir::pto::pipes {
namespace {

// Copies that a tile array can have.
constexpr int64_t kMaxCopies = 16;

Location named(OpBuilder& b, const Twine& name) {
  return NameLoc::get(b.getStringAttr(name));
}

} // namespace

FailureOr<Value> LandingTiles::ring(FifoOpInterface pop, const LandingSite& site,
                                    TileBufType type) {
  auto reserve = site.buffer ? site.buffer.getDefiningOp<ReserveBufferOp>() : ReserveBufferOp();
  if (!reserve)
    return pop->emitOpError() << "lands in no reserved buffer; expected a pto.reserve_buffer of "
                                 "this function as the FIFO's consumer buffer";
  if (site.localSlots > kMaxCopies)
    return pop->emitOpError() << "lands in " << site.localSlots << " local slots; expected at most "
                              << kMaxCopies;
  const int64_t stride = soc_.localSlotStride(type.getByteSize(), site.slotSize);
  const int64_t needed = (site.localSlots - 1) * stride + type.getByteSize();
  if (needed > reserve.getSize()) {
    InFlightDiagnostic diagnostic = pop->emitOpError()
                                    << "needs a landing buffer of " << needed << " bytes ("
                                    << site.localSlots << " local slots " << stride
                                    << " bytes apart, the last of " << type.getByteSize()
                                    << "), got " << reserve.getSize();
    diagnostic.attachNote(reserve.getLoc()) << "reserved here";
    return diagnostic;
  }
  OpBuilder b(reserve->getContext());
  b.setInsertionPointAfter(reserve);
  const StringRef buffer = reserve.getBuffer().value_or(reserve.getName());
  const Location loc = named(b, reserve.getName());
  if (site.localSlots == 1)
    return b.create<AllocTileOp>(loc, type, buffer).getResult();
  auto tiles =
      b.create<AllocMultiTileOp>(loc, MultiTileBufType::get(type, site.localSlots), buffer);
  tiles.setStride(stride);
  return tiles.getResult();
}

FailureOr<Value> LandingTiles::tile(FifoOpInterface pop, const LandingSite& site) {
  const auto type = cast<TileBufType>(pop.getFifoEntry().getType());
  Value& tiles = rings_[{site.opened, type}];
  if (!tiles) {
    FailureOr<Value> made = ring(pop, site, type);
    if (failed(made))
      return failure();
    tiles = *made;
  }
  if (site.localSlots == 1)
    return tiles;
  const FailureOr<Value> number = slotNumber(pop, site.opened);
  if (failed(number))
    return failure();
  OpBuilder b(pop);
  const Value copies = b.create<arith::ConstantIndexOp>(b.getUnknownLoc(), site.localSlots);
  const auto name = site.opened->getLoc()->findInstanceOf<NameLoc>();
  const Location loc = named(b, (name ? name.getName().getValue() : StringRef("local")) + "_turn");
  const Value turn = b.create<arith::RemUIOp>(loc, *number, copies);
  return b.create<MultiTileGetOp>(b.getUnknownLoc(), tiles, turn).getResult();
}

} // namespace mlir::pto::pipes
