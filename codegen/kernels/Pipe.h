// FIFOs between the cube core and its vector cores as kernels use them. A kernel says when it takes
// a slot, moves a part of it and gives it away; the pipe model decides which operations say that.
//
// Vocabulary
//   slot     a matrix [rows, cols]; a vector core has its half of the rows
//   part     what one core moves at a time: the cube core a block of columns, a vector core a slice
//            of its rows
//   landing  where a consumer's part arrives
#pragma once

#include "codegen/kernels/Author.h"
#include "space/Point.h"

#include <memory>

namespace ptotune::kernels {

enum class Direction : std::int64_t { cubeToVector = 1, vectorToCube = 2 };

// Names of windows of a slot, for people.
struct WindowNames {
  const char* cube = "";
  const char* vector = "";
};

struct Fifo {
  PipeModel model = PipeModel::slot;
  const char* name = "";
  std::int64_t id = 0;
  Direction direction = Direction::cubeToVector;
  std::int64_t rows = 0; // of a slot
  std::int64_t cols = 0;
  std::int64_t vectorRows = 0; // of a slot on one vector core
  std::int64_t elementBytes = 0;
  std::int64_t cubeParts = 1;   // blocks of columns in which the cube core moves a slot
  std::int64_t vectorParts = 1; // slices of rows in which a vector core moves its half
  std::int64_t slots = 0;       // SlotNum
  std::int64_t localSlots = 0;  // LocalSlotNum
  bool unitFlag = false;        // EN_UNIT_FLAG; only where accumulators are pushed
  WindowNames windows{};
  // Where popped tiles land: the consumer's kernel function, and the bytes of all local slots.
  const char* consumer = "";
  std::int64_t landingBytes = 0;

  // Rows and columns of a part.
  std::int64_t partRows(mlir::pto::KernelKind core) const;
  std::int64_t partCols(mlir::pto::KernelKind core) const;
  // The row of the slot at which slice `part` of vector core `aiv` begins. In the slot form a core
  // has a contiguous half of the rows; the tiles of a slice lie side by side in a slot, so that
  // there the cores' slices take turns.
  mlir::Value firstRow(Author& author, mlir::Value aiv, std::int64_t part) const;
};

// One core's end of a FIFO.
class PipeEnd {
public:
  PipeEnd() = default;
  PipeEnd(const PipeEnd&) = delete;
  PipeEnd& operator=(const PipeEnd&) = delete;
  virtual ~PipeEnd() = default;

  // Says where the rings of all cores begin, and which of them this is.
  virtual void connect(mlir::Value rings, mlir::Value core) = 0;
  // Opens the FIFO, with no slot in it; where the tiles of a block begin.
  virtual void open() = 0;
};

// reserve(), put() of every part in order, commit().
class Producer : public PipeEnd {
public:
  virtual void reserve() = 0;
  virtual void put(std::int64_t part, mlir::Value tile) = 0;
  virtual void commit() = 0;
};

// take(), get() of every part in order, release() as soon as the last one is under way.
class Consumer : public PipeEnd {
public:
  virtual void take() = 0;
  // The tile that the part arrives in. `copies` hands out tiles where the kernel's own are filled.
  virtual mlir::Value get(std::int64_t part, Rotation& copies) = 0;
  virtual void release() = 0;
};

// Tiles that a consumer's parts arrive in: their name, the buffer of the kernel's table, and the
// one in which a slice of several popped tiles is put together.
struct Landing {
  const char* name;
  const char* buffer;
  const char* whole = "";
};

// `landing` is the name of the consumer's landing tiles.
std::unique_ptr<Producer> makeProducer(Author& author, const Fifo& fifo, mlir::pto::KernelKind core,
                                       const char* landing);
std::unique_ptr<Consumer> makeConsumer(Author& author, const Fifo& fifo, mlir::pto::KernelKind core,
                                       const Landing& landing);

} // namespace ptotune::kernels
