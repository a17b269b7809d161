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

// The tile forms. The cube core moves a tile [rows, columns of a block], dense; a vector core one
// tile of the same columns for each block of its slice.
class TileRing {
public:
  TileRing(Author& author, const Fifo& fifo, KernelKind core) : a(author), fifo(fifo), core(core) {}

  Author& a;
  const Fifo& fifo;
  const KernelKind core;
  Value landing; // address of the consumer's landing buffer

  void connect(Value rings, Value coreIndex) { ring_ = ringOf(a, fifo, rings, coreIndex); }

  void open() {
    if (core == KernelKind::cube)
      initialise<AicInitializePipeOp>();
    else
      initialise<AivInitializePipeOp>();
  }

  // A tile of a slot, number `block` of those that a part consists of.
  struct Place {
    std::int64_t offset; // bytes from the start of the slot
    bool first, last;    // of all tiles that this core moves of a slot
  };

  std::int64_t blocks() const { return core == KernelKind::cube ? 1 : fifo.cubeParts; }
  std::int64_t blockCols() const { return fifo.cols / fifo.cubeParts; }

  Place place(std::int64_t part, std::int64_t block) const {
    const std::int64_t rowBytes = blockCols() * fifo.elementBytes;
    if (core == KernelKind::cube)
      return {part * fifo.rows * rowBytes, part == 0, part == fifo.cubeParts - 1};
    // Both vector cores' tiles of a slice lie one behind the other.
    const std::int64_t cores = fifo.rows / fifo.vectorRows;
    const std::int64_t row = block * fifo.rows + part * cores * fifo.partRows(core);
    return {row * rowBytes, part == 0 && block == 0,
            part == fifo.vectorParts - 1 && block == fifo.cubeParts - 1};
  }

private:
  template <typename InitOp> void initialise() {
    a.b.create<InitOp>(
        a.loc(fifo.name), ring_, landing, fifo.id, static_cast<std::int64_t>(fifo.direction),
        fifo.rows * fifo.cols * fifo.elementBytes, fifo.slots, fifo.localSlots, fifo.unitFlag);
  }

  Value ring_;
};

class TileProducer : public Producer {
public:
  TileProducer(Author& author, const Fifo& fifo, KernelKind core, const char* landing)
      : ring_(author, fifo, core) {
    ring_.landing = author.b.create<ImportReservedBufferOp>(
        author.loc(), author.b.getI32Type(), author.b.getStringAttr(landing),
        FlatSymbolRefAttr::get(author.b.getContext(), fifo.consumer));
  }

  void connect(Value rings, Value core) override { ring_.connect(rings, core); }
  void open() override { ring_.open(); }
  void reserve() override {}
  void commit() override {}

  void put(std::int64_t part, Value tile) override {
    for (std::int64_t block = 0; block < ring_.blocks(); ++block) {
      const std::int64_t cols = ring_.blockCols();
      const Value piece =
          ring_.blocks() == 1 ? tile : ring_.a.cols(tile, block * cols, cols, name(part, block));
      if (ring_.core == KernelKind::cube)
        push<TPushToAivOp>(piece, ring_.place(part, block));
      else
        push<TPushToAicOp>(piece, ring_.place(part, block));
    }
  }

private:
  std::string name(std::int64_t part, std::int64_t block) const {
    return fmt::format("{}{}_{}", ring_.fifo.name, part, block);
  }

  template <typename PushOp> void push(Value tile, const TileRing::Place& place) {
    ring_.a.b.create<PushOp>(ring_.a.loc(), tile, ring_.fifo.id, kSplitRows, place.offset,
                             place.first, place.last);
  }

  TileRing ring_;
};

class TileConsumer : public Consumer {
public:
  TileConsumer(Author& author, const Fifo& fifo, KernelKind core, const Landing& landing)
      : ring_(author, fifo, core) {
    const auto space = core == KernelKind::cube ? AddressSpace::mat : AddressSpace::vec;
    auto reserve = author.b.create<ReserveBufferOp>(
        author.loc(landing.name), author.b.getI32Type(), author.b.getStringAttr(landing.name),
        author.b.getI64IntegerAttr(fifo.landingBytes),
        AddressSpaceAttr::get(author.b.getContext(), space), author.b.getBoolAttr(true),
        IntegerAttr(), author.b.getStringAttr(landing.buffer));
    ring_.landing = reserve.getResult();
    if (ring_.blocks() > 1) {
      whole_ = author.tiles(landing.whole, landing.whole, partType(author, fifo, core)).value;
      zero_ = author.number(0);
      const std::int64_t cols = ring_.blockCols();
      for (std::int64_t block = 0; block < ring_.blocks(); ++block)
        blocks_.push_back(
            author.cols(whole_, block * cols, cols, fmt::format("{}{}", landing.whole, block)));
    }
  }

  void connect(Value rings, Value core) override { ring_.connect(rings, core); }
  void open() override { ring_.open(); }
  void take() override {}
  void release() override {}

  Value get(std::int64_t part, Rotation&) override {
    Author& a = ring_.a;
    if (ring_.core == KernelKind::cube)
      return pop<TPopFromAivOp>(part, 0);
    if (ring_.blocks() == 1)
      return pop<TPopFromAicOp>(part, 0);
    // All tiles of a slot land at one place, so that each is moved out before the next one lands.
    // TMOV wants both tiles equally wide in memory; adding zero moves into columns of a wider one.
    for (std::int64_t block = 0; block < ring_.blocks(); ++block) {
      const Value landed = pop<TPopFromAicOp>(part, block);
      a.b.create<TAddsOp>(a.loc(), landed, zero_, blocks_[block]);
    }
    return whole_;
  }

private:
  template <typename PopOp> Value pop(std::int64_t part, std::int64_t block) {
    Author& a = ring_.a;
    const Fifo& fifo = ring_.fifo;
    const TileBufType whole = partType(a, fifo, ring_.core);
    const TileBufType type = whole.withShape(whole.getRows(), ring_.blockCols());
    const TileRing::Place place = ring_.place(part, block);
    return a.b.create<PopOp>(a.loc(), type, fifo.id, kSplitRows, place.offset, place.first,
                             place.last);
  }

  TileRing ring_;
  Value whole_, zero_;
  llvm::SmallVector<Value> blocks_; // of columns of whole_
};

} // namespace

std::int64_t Fifo::partRows(KernelKind core) const {
  return core == KernelKind::cube ? rows : vectorRows / vectorParts;
}

std::int64_t Fifo::partCols(KernelKind core) const {
  return core == KernelKind::cube ? cols / cubeParts : cols;
}

Value Fifo::firstRow(Author& author, Value aiv, std::int64_t part) const {
  const std::int64_t slice = vectorRows / vectorParts;
  const bool inTurns = model != PipeModel::slot;
  const std::int64_t perCore = inTurns ? slice : vectorRows;
  const std::int64_t perPart = inTurns ? rows / vectorParts : slice;
  return author.add(author.mul(aiv, perCore), author.index(part * perPart));
}

std::unique_ptr<Producer> makeProducer(Author& author, const Fifo& fifo, KernelKind core,
                                       const char* landing) {
  if (fifo.model == PipeModel::slot)
    return std::make_unique<SlotProducer>(author, fifo, core);
  return std::make_unique<TileProducer>(author, fifo, core, landing);
}

std::unique_ptr<Consumer> makeConsumer(Author& author, const Fifo& fifo, KernelKind core,
                                       const Landing& landing) {
  if (fifo.model == PipeModel::slot)
    return std::make_unique<SlotConsumer>(author, fifo, core, landing);
  return std::make_unique<TileConsumer>(author, fifo, core, landing);
}

} // namespace ptotune::kernels
