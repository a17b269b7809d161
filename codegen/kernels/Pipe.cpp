#include "codegen/kernels/Pipe.h"

#include <fmt/format.h>

namespace ptotune::kernels {

using namespace mlir;
using namespace mlir::pto;

namespace {

// Rows are split over the two vector cores: each sees the upper or the lower half of a slot.
constexpr std::int64_t kSplitRows = 1;
// One landing tile is filled while the other is read.
constexpr std::int64_t kDouble = 2;

// Where the ring of `core` begins.
Value ringOf(Author& a, const Fifo& fifo, Value rings, Value core) {
  const Value offset = a.mul(core, fifo.slots * fifo.rows * fifo.cols);
  return a.b.create<AddPtrOp>(a.loc(fmt::format("{}_ring", fifo.name)), rings.getType(), rings,
                              offset);
}

// What one part of a consumer is in its landing memory: L1 in fractals, UB by rows.
TileBufType partType(Author& a, const Fifo& fifo, KernelKind core) {
  const Type element = fifo.elementBytes == 2 ? a.f16() : a.f32();
  if (core == KernelKind::vector)
    return a.vecType(fifo.partRows(core), fifo.partCols(core), element);
  return a.tileType(AddressSpace::mat, fifo.partRows(core), fifo.partCols(core), element,
                    TileConfig::nz());
}

// The slot form: a view of the slot, and windows of it.
class SlotView {
public:
  SlotView(Author& author, const Fifo& fifo, KernelKind core) : a(author), fifo(fifo), core(core) {}

  Author& a;
  const Fifo& fifo;
  const KernelKind core;
  Value entry; // the slot at hand

  void connect(Value rings, Value coreIndex) {
    const Value ring = ringOf(a, fifo, rings, coreIndex);
    view_ = a.rowMajor(fmt::format("{}_view", fifo.name), ring, a.index(rows()), fifo.cols);
  }

  void open() {
    if (core == KernelKind::cube)
      initialise<AicInitializePipeOp>();
    else
      initialise<AivInitializePipeOp>();
  }

  template <typename OpenOp> void point() {
    const Type type =
        TensorViewType::get({rows(), fifo.cols}, fifo.elementBytes == 2 ? a.f16() : a.f32());
    entry = a.b.create<OpenOp>(a.loc(fmt::format("{}_slot", fifo.name)), type, fifo.id, kSplitRows);
  }

  template <typename CloseOp> void close() {
    a.b.create<CloseOp>(a.loc(), entry, fifo.id, kSplitRows);
  }

  Value window(std::int64_t part) {
    const bool isCube = core == KernelKind::cube;
    const std::int64_t partRows = fifo.partRows(core);
    const std::int64_t partCols = fifo.partCols(core);
    return a.window(isCube ? fifo.windows.cube : fifo.windows.vector, entry,
                    a.index(isCube ? 0 : part * partRows), a.index(isCube ? part * partCols : 0),
                    partRows, partCols);
  }

private:
  std::int64_t rows() const { return core == KernelKind::cube ? fifo.rows : fifo.vectorRows; }

  template <typename InitOp> void initialise() {
    a.b.create<InitOp>(a.loc(fifo.name), view_, fifo.id, static_cast<std::int64_t>(fifo.direction),
                       fifo.rows * fifo.cols * fifo.elementBytes, fifo.slots, fifo.localSlots,
                       fifo.unitFlag);
  }

  Value view_;
};

class SlotProducer : public Producer {
public:
  SlotProducer(Author& author, const Fifo& fifo, KernelKind core) : slot_(author, fifo, core) {}

  void connect(Value rings, Value core) override { slot_.connect(rings, core); }
  void open() override { slot_.open(); }

  void reserve() override {
    if (slot_.core == KernelKind::cube)
      slot_.point<TAllocToAivOp>();
    else
      slot_.point<TAllocToAicOp>();
  }

  void put(std::int64_t part, Value tile) override {
    slot_.a.store(tile, slot_.window(part),
                  slot_.fifo.unitFlag ? StPhase::final : StPhase::unspecified);
  }

  void commit() override {
    if (slot_.core == KernelKind::cube)
      slot_.close<TPushToAivOp>();
    else
      slot_.close<TPushToAicOp>();
  }

private:
  SlotView slot_;
};

class SlotConsumer : public Consumer {
public:
  SlotConsumer(Author& author, const Fifo& fifo, KernelKind core, const Landing& landing)
      : slot_(author, fifo, core) {
    tiles_ = author.tiles(landing.name, landing.buffer, partType(author, fifo, core), kDouble);
  }

  void connect(Value rings, Value core) override { slot_.connect(rings, core); }
  void open() override { slot_.open(); }

  void take() override {
    if (slot_.core == KernelKind::cube)
      slot_.point<TPopFromAivOp>();
    else
      slot_.point<TPopFromAicOp>();
  }

  Value get(std::int64_t part, Rotation& copies) override {
    const Value tile = slot_.a.tile(tiles_, copies.next());
    slot_.a.load(slot_.window(part), tile);
    return tile;
  }

  void release() override {
    if (slot_.core == KernelKind::cube)
      slot_.close<TFreeFromAivOp>();
    else
      slot_.close<TFreeFromAicOp>();
  }

private:
  SlotView slot_;
  Tiles tiles_;
};

} // namespace

std::int64_t Fifo::partRows(KernelKind core) const {
  return core == KernelKind::cube ? rows : vectorRows / vectorParts;
}

std::int64_t Fifo::partCols(KernelKind core) const {
  return core == KernelKind::cube ? cols / cubeParts : cols;
}

std::unique_ptr<Producer> makeProducer(Author& author, const Fifo& fifo, KernelKind core) {
  return std::make_unique<SlotProducer>(author, fifo, core);
}

std::unique_ptr<Consumer> makeConsumer(Author& author, const Fifo& fifo, KernelKind core,
                                       const Landing& landing) {
  return std::make_unique<SlotConsumer>(author, fifo, core, landing);
}

} // namespace ptotune::kernels
