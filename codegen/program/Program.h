// The program that a kernel lowers to: what the cube core and the vector cores execute, in the
// order in which each core's scalar unit issues it. Plain data without MLIR. The virtual Ascend
// runs it; the emitted C++ says the same thing to the device's compiler.
//
// Vocabulary
//   buffer   `copies` regions of on-chip memory at planned addresses
//   tile     a rectangle inside one copy of a buffer
//   view     a rectangle of a tensor in global memory, or of the FIFO entry reserved last
//   FIFO     a ring of slots in global memory between the cube core and its vector cores (TPipe)
//   instr    one instruction; its pipe executes it in order, behind what was issued to that pipe
//            before. Scalar instructions (flags waits, TALLOC, TPOP) block the issue itself.
#pragma once

#include "space/Hash.h"
#include "space/Op.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ptotune::program {

enum class DType : std::uint8_t { f16, f32 };
inline int bytesOf(DType dtype) {
  return dtype == DType::f16 ? 2 : 4;
}

// Integer expressions that the scalar unit evaluates. Operands are indices into Program::exprs and
// always smaller than the expression's own index.
enum class ExprKind : std::uint8_t {
  constant,    // value
  s0,          // run-time arguments of the kernel: attention's query and key rows; s0 is also the
  s1,          // number of rows of a matrix product
  blockIdx,    // this core, 0 .. blockNum-1
  blockNum,    // active cube cores
  subblockIdx, // this AIV of its AIC, 0 or 1
  variable,    // loop variable number `value`
  add,
  sub,
  mul,
  div, // floor; operands are non-negative
  rem,
  min,
  max,
};
using ExprId = std::int32_t;
struct Expr {
  ExprKind kind = ExprKind::constant;
  std::int64_t value = 0;
  ExprId lhs = -1;
  ExprId rhs = -1;
};

struct BufferInfo {
  std::string name;
  Memory memory = Memory::ub;
  std::int64_t address = 0; // of copy 0, bytes
  std::int64_t stride = 0;  // bytes between copies
  std::int64_t bytes = 0;   // of one copy
  int copies = 1;
};

// How the elements of a tile lie in its buffer.
enum class Layout : std::uint8_t {
  rowMajor, // ND, leading dimension = leadingDim
  colMajor, // DN; [rows, 1] reduce tiles are contiguous
  nz,       // 16x16 fractals row-major inside, column of fractals by column (L1 A operand, L0C)
  zn,       // 16x16 fractals column-major inside, row of fractals by row (L1 B operand from DN)
  zz,       // L0A
};

struct TileRef {
  std::int32_t buffer = -1;    // index into Program::buffers; -1: operand not used
  ExprId copy = -1;            // which copy; -1 means copy 0
  std::int64_t byteOffset = 0; // of the rectangle inside the copy
  std::int32_t rows = 0;
  std::int32_t cols = 0;
  // Elements of the tile that this rectangle is cut from: its columns (rowMajor, zn, zz) or its
  // rows (colMajor, nz).
  std::int32_t leadingDim = 0;
  DType dtype = DType::f32;
  Layout layout = Layout::rowMajor;
};

// Tensors of the kernel's signature. What a work unit leaves for the launch that combines the parts
// of a block: its output before the division by the row sums, and each row's maximum and sum. a, b
// and c: the operands and the result of a matrix product.
enum class Tensor : std::uint8_t { none, q, k, v, out, partOut, partMax, partSum, a, b, c };
inline constexpr std::size_t kTensorCount = static_cast<std::size_t>(Tensor::c);
// "q", ..., "part_out", ...: how kernels call the parameter; "entry" for none.
const char* name(Tensor tensor);
std::optional<Tensor> tensorNamed(std::string_view name);

// rows x cols elements of a tensor, as the kernel views it.
struct TensorInfo {
  ExprId rows = -1; // -1: the program does not view the tensor
  ExprId cols = -1;
  DType dtype = DType::f16;
};

// rows x cols elements at [rowOffset, colOffset] of a tensor or of a FIFO entry; element (r, c) is
// at (rowOffset + r) * rowStride + (colOffset + c) * colStride elements from the base. The base of
// a FIFO entry on a vector core under split is its half of the slot.
struct ViewRef {
  Tensor tensor = Tensor::none; // none: the entry of `fifo`
  std::int32_t fifo = -1;
  ExprId rowOffset = -1; // -1 means 0
  ExprId colOffset = -1;
  std::int32_t rows = 0;
  std::int32_t cols = 0;
  std::int64_t rowStride = 0;
  std::int64_t colStride = 1;
  DType dtype = DType::f16;
  bool valid() const { return rows > 0; }
};

struct FifoInfo {
  std::string name; // "qk", "p", "pv"
  Core producer = Core::cube;
  int flagBase = 0;            // FFTS: flagBase says "data ready", flagBase + 1 "slot free"
  std::int64_t slotBytes = 0;  // whole slot, both vector halves
  int slots = 0;               // SlotNum
  int syncPeriod = 0;          // tiles per free credit, by the target's SyncPeriod policy
  int freePeriod = 0;          // the same at the consumer, where its headers differ; 0: equal
  int localSlots = 0;          // LocalSlotNum; read only where tiles are popped
  bool unitFlag = false;       // EN_UNIT_FLAG; read only where accumulator tiles are pushed
  bool splitRows = true;       // views of an entry on a vector core begin at its half of the rows
  bool popsTiles = false;      // some pop lands a tile (reads localSlots)
  bool pushesAccTiles = false; // some push stores an accumulator tile (reads unitFlag)
};

enum class InstrKind : std::uint8_t {
  op,       // a tile instruction on `pipe`
  setFlag,  // on pipe `source`: flag (source -> target, event) is set when earlier work there is
            // done
  waitFlag, // pipe `target` does not go past this point until the flag is set; consumes it
  barrier,  // pipe `pipe` finishes what it has before it goes on
  open,     // construct the TPipe of `fifo`: tile index 0
  close,    // destroy it: the producer takes the free credits that are left
  talloc,   // producer: reserve the next slot; blocks the scalar unit for a credit where the
            // protocol asks for one
  tpush,    // producer: commit; signals data ready behind earlier work of `pipe`
  tpop,     // consumer: blocks the scalar unit until the next slot's data is ready
  tfree,    // consumer: release; signals a free credit behind earlier work of `pipe` where the
            // protocol gives one
};

// Unit flag of an accumulator in hardware: partial keeps it closed, final hands it over.
enum class Phase : std::uint8_t { none, partial, final };

// How a conversion to fewer bits rounds to the nearest: ties to even (CAST_RINT) or away from zero
// (CAST_ROUND).
enum class Rounding : std::uint8_t { tiesToEven, tiesAway };

struct Instr {
  InstrKind kind = InstrKind::op;
  Pipe pipe = Pipe::s; // that executes it; S for open, close, talloc, tpop

  // kind == op
  OpShape shape{Op::tload};
  TileRef dst; // result tile; unused for tstore
  std::array<TileRef, 3>
      src{};                 // in the order of the instruction's operands, scratch not among them
  TileRef scratch;           // tmp operand where the instruction has one
  ViewRef view;              // tload: source; tstore: destination
  double scalar = 0;         // tmuls, tadds, texpands
  ExprId row = -1, col = -1; // textract: position in the source tile, elements; ttri: diagonal
  Phase phase = Phase::none; // tmatmul, tstore of an accumulator
  Rounding rounding = Rounding::tiesToEven; // tcvt

  // kind == setFlag, waitFlag
  Pipe source = Pipe::s;
  Pipe target = Pipe::s;
  ExprId event = -1;

  // kind == open .. tfree
  std::int32_t fifo = -1;

  // For people and witnesses: the stage ("QK", "P", "PV", "GU", "prologue") and the variable of the
  // tile loop it works for; -1 where there is none.
  std::string stage;
  ExprId tile = -1;
};

struct Loop;
using Node = std::variant<Instr, std::unique_ptr<Loop>>;
using Body = std::vector<Node>;

// for (variable = lower; variable < upper; variable += step)
struct Loop {
  std::int32_t variable = 0;
  ExprId lower = -1;
  ExprId upper = -1;
  ExprId step = -1;
  std::string name; // "block", "preload", "steady", "drain"
  Body body;
};

struct Program {
  std::string name; // of the kernel function
  std::vector<Expr> exprs;
  std::vector<BufferInfo> buffers;
  std::vector<FifoInfo> fifos;
  std::array<TensorInfo, kTensorCount + 1> tensors; // by Tensor
  std::int32_t variables = 0;                       // number of loop variables
  std::int64_t rowsPerBlock = 0;                    // blocks = s0 / rowsPerBlock
  std::int64_t unitsPerBlock = 1; // work units that the loop over blocks runs for each block
  std::int64_t parts = 1; // of partOut [parts * s0, head], partMax and partSum [1, parts * s0]
  Body cube;
  Body vector;                   // both AIVs run it, with their own subblockIdx
  std::unique_ptr<Program> next; // launched when this one has ended; null: nothing is
};

// Over what the target's semantics read: names, stages, LocalSlotNum where no tile is popped and
// EN_UNIT_FLAG where no accumulator tile is pushed do not enter.
Hash programHash(const Program& program);

// A listing for people: buffers, FIFOs, then both cores' instructions, indented by loop; then the
// next launch.
std::string print(const Program& program);

// Number of instructions in the listing, loops not unrolled.
std::size_t instructionCount(const Body& body);

} // namespace ptotune::program
