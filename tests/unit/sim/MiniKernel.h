// A kernel small enough to reason about, with every kind of ordering in it: for each block of 16
// query rows, out = sum over tiles t of Q K_t^T, K_t being 16 rows of K (head 16).
//
//   S  cube    scores of a tile, through L1, L0 and an accumulator of two copies into FIFO s
//   A  vector  adds its half of the rows to the running sum
#pragma once

#include "space/Problem.h"
#include "tests/support/ProgramBuilder.h"

#include <utility>

namespace ptotune::test {

struct MiniShape {
  int slots = 2;
  int syncPeriod = 2;
  bool unitFlag = false;
};

inline constexpr std::int64_t kMiniSide = 16;

class MiniKernel {
public:
  explicit MiniKernel(const MiniShape& shape = {}) : shape_(shape) {
    b_.program.name = "mini";
    b_.program.rowsPerBlock = kMiniSide;
    addBuffers();
    zero_ = b_.constant(0);
    one_ = b_.constant(1);
    two_ = b_.constant(2);
    side_ = b_.constant(kMiniSide);
    tiles_ = b_.binary(program::ExprKind::div, b_.argument(program::ExprKind::s1), side_);
    block_ = b_.variable(0);
    tile_ = b_.variable(1);
    copy_ = b_.binary(program::ExprKind::rem, tile_, two_);
    blockRow_ = b_.binary(program::ExprKind::mul, block_, side_);
    const auto half = b_.binary(program::ExprKind::mul, b_.argument(program::ExprKind::subblockIdx),
                                b_.constant(kMiniSide / 2));
    halfRow_ = b_.binary(program::ExprKind::add, blockRow_, half);
    tileRow_ = b_.binary(program::ExprKind::mul, tile_, side_);
    cube();
    vector();
  }

  program::Program& program() { return b_.program; }

private:
  using Layout = program::Layout;
  using DType = program::DType;
  static constexpr int kSide = static_cast<int>(kMiniSide);

  void addBuffers() {
    b_.program.buffers = {
        {"q_l1", Memory::l1, 0, 512, 512, 1},   {"k_l1", Memory::l1, 512, 512, 512, 2},
        {"left", Memory::l0a, 0, 512, 512, 1},  {"right", Memory::l0b, 0, 512, 512, 2},
        {"acc", Memory::l0c, 0, 1024, 1024, 2}, {"x", Memory::ub, 0, 512, 512, 2},
        {"o", Memory::ub, 1024, 512, 512, 1}};
    fifo_ = b_.fifo("s", Core::cube, shape_.slots, shape_.syncPeriod);
    b_.program.fifos[0].slotBytes = kMiniSide * kMiniSide * 4;
  }

  program::TileRef tile(int buffer, int rows, DType dtype, Layout layout,
                        program::ExprId copy = -1) const {
    const bool byColumn = layout == Layout::nz || layout == Layout::colMajor;
    return {buffer, copy, 0, rows, kSide, byColumn ? rows : kSide, dtype, layout};
  }
  program::TileRef qL1() const { return tile(0, kSide, DType::f16, Layout::nz); }
  program::TileRef kL1() const { return tile(1, kSide, DType::f16, Layout::zn, copy_); }
  program::TileRef left() const { return tile(2, kSide, DType::f16, Layout::zz); }
  program::TileRef right() const { return tile(3, kSide, DType::f16, Layout::zn, copy_); }
  program::TileRef acc() const { return tile(4, kSide, DType::f32, Layout::nz, copy_); }
  program::TileRef x() const { return tile(5, kSide / 2, DType::f32, Layout::rowMajor, copy_); }
  program::TileRef o() const { return tile(6, kSide / 2, DType::f32, Layout::rowMajor); }

  program::ViewRef view(program::Tensor tensor, program::ExprId row, program::ExprId col, int rows,
                        DType dtype) const {
    const bool transposed = tensor == program::Tensor::k;
    return {tensor,
            tensor == program::Tensor::none ? fifo_ : -1,
            row,
            col,
            rows,
            kSide,
            transposed ? 1 : kMiniSide,
            transposed ? kMiniSide : 1,
            dtype};
  }

  static program::Instr op(Op op, Memory from, Memory to, const program::TileRef& dst,
                           const program::TileRef& a = {}, const program::TileRef& b = {}) {
    program::Instr instr;
    const program::TileRef& extent = dst.buffer >= 0 ? dst : a;
    instr.shape = {
        op, from, to, extent.rows, extent.cols, kMiniSide, program::bytesOf(extent.dtype)};
    instr.pipe = pipeOf(instr.shape);
    instr.dst = dst;
    instr.src = {a, b, {}};
    return instr;
  }
  void load(BodyBuilder& body, const program::TileRef& dst, const program::ViewRef& view,
            Memory to) const {
    program::Instr instr = op(Op::tload, Memory::gm, to, dst);
    instr.view = view;
    body.add(instr);
  }
  void store(BodyBuilder& body, const program::TileRef& src, const program::ViewRef& view,
             Memory from) const {
    program::Instr instr = op(Op::tstore, from, Memory::gm, {}, src);
    instr.view = view;
    if (from == Memory::l0c && shape_.unitFlag)
      instr.phase = program::Phase::final;
    body.add(instr);
  }

  template <typename Fill> void blocks(BodyBuilder& body, Fill&& fill) {
    const auto count = b_.binary(program::ExprKind::div, b_.argument(program::ExprKind::s0), side_);
    body.loop("block", 0, b_.argument(program::ExprKind::blockIdx), count,
              b_.argument(program::ExprKind::blockNum), fill);
  }

  // Flags that say "free": given before the first block, taken back behind the last one.
  void give(BodyBuilder& body, Pipe source, Pipe target) const {
    body.set(source, target, zero_);
    body.set(source, target, one_);
  }
  void takeBack(BodyBuilder& body, Pipe source, Pipe target) const {
    body.wait(source, target, zero_);
    body.wait(source, target, one_);
  }
  // From one pipe to another, at once.
  static void order(BodyBuilder& body, Pipe source, Pipe target, program::ExprId event) {
    body.set(source, target, event);
    body.wait(source, target, event);
  }

  void cube() {
    BodyBuilder& body = b_.cube;
    for (const auto& [source, target] :
         {std::pair(Pipe::mte1, Pipe::mte2), {Pipe::m, Pipe::mte1}}) {
      give(body, source, target);
      body.set(source, target, two_); // of the query's buffers
    }
    if (!shape_.unitFlag)
      give(body, Pipe::fix, Pipe::m);
    blocks(body, [this](BodyBuilder& inner) { cubeBlock(inner); });
    for (const auto& [source, target] :
         {std::pair(Pipe::mte1, Pipe::mte2), {Pipe::m, Pipe::mte1}}) {
      takeBack(body, source, target);
      body.wait(source, target, two_);
    }
    if (!shape_.unitFlag)
      takeBack(body, Pipe::fix, Pipe::m);
  }

  void cubeBlock(BodyBuilder& body) const {
    body.open(fifo_);
    body.stage("prologue");
    body.wait(Pipe::mte1, Pipe::mte2, two_);
    load(body, qL1(), view(program::Tensor::q, blockRow_, -1, kSide, DType::f16), Memory::l1);
    order(body, Pipe::mte2, Pipe::mte1, two_);
    body.wait(Pipe::m, Pipe::mte1, two_);
    program::Instr extract = op(Op::textract, Memory::l1, Memory::l0a, left(), qL1());
    extract.row = extract.col = zero_;
    body.add(extract);
    body.set(Pipe::mte1, Pipe::mte2, two_);
    order(body, Pipe::mte1, Pipe::m, two_);
    body.loop("tiles", 1, zero_, tiles_, one_, [this](BodyBuilder& inner) { scores(inner); });
    body.set(Pipe::m, Pipe::mte1, two_);
    body.close(fifo_);
  }

  void scores(BodyBuilder& body) const {
    body.stage("S", tile_);
    body.wait(Pipe::mte1, Pipe::mte2, copy_);
    load(body, kL1(), view(program::Tensor::k, -1, tileRow_, kSide, DType::f16), Memory::l1);
    order(body, Pipe::mte2, Pipe::mte1, copy_);
    body.wait(Pipe::m, Pipe::mte1, copy_);
    program::Instr extract = op(Op::textract, Memory::l1, Memory::l0b, right(), kL1());
    extract.row = extract.col = zero_;
    body.add(extract);
    body.set(Pipe::mte1, Pipe::mte2, copy_);
    order(body, Pipe::mte1, Pipe::m, copy_);
    if (!shape_.unitFlag)
      body.wait(Pipe::fix, Pipe::m, copy_);
    program::Instr product = op(Op::tmatmul, Memory::l0a, Memory::l0c, acc(), left(), right());
    product.shape.bytes = 2;
    if (shape_.unitFlag)
      product.phase = program::Phase::final;
    body.add(product);
    body.set(Pipe::m, Pipe::mte1, copy_);
    body.talloc(fifo_);
    if (!shape_.unitFlag)
      order(body, Pipe::m, Pipe::fix, copy_);
    store(body, acc(), view(program::Tensor::none, -1, -1, kSide, DType::f32), Memory::l0c);
    if (!shape_.unitFlag)
      body.set(Pipe::fix, Pipe::m, copy_);
    body.tpush(fifo_, Pipe::fix);
  }

  void vector() {
    give(b_.vector, Pipe::v, Pipe::mte2);
    blocks(b_.vector, [this](BodyBuilder& inner) { vectorBlock(inner); });
    takeBack(b_.vector, Pipe::v, Pipe::mte2);
  }

  void vectorBlock(BodyBuilder& body) const {
    body.open(fifo_);
    body.stage("prologue");
    body.add(op(Op::texpands, Memory::ub, Memory::ub, o()));
    body.loop("tiles", 1, zero_, tiles_, one_, [this](BodyBuilder& inner) { add(inner); });
    body.stage("epilogue");
    order(body, Pipe::v, Pipe::mte3, zero_);
    store(body, o(), view(program::Tensor::out, halfRow_, -1, kSide / 2, DType::f32), Memory::ub);
    order(body, Pipe::mte3, Pipe::v, zero_);
    body.close(fifo_);
  }

  void add(BodyBuilder& body) const {
    body.stage("A", tile_);
    body.tpop(fifo_);
    body.wait(Pipe::v, Pipe::mte2, copy_);
    load(body, x(), view(program::Tensor::none, -1, -1, kSide / 2, DType::f32), Memory::ub);
    body.tfree(fifo_);
    order(body, Pipe::mte2, Pipe::v, copy_);
    body.barrier(Pipe::v);
    body.add(op(Op::tadd, Memory::ub, Memory::ub, o(), o(), x()));
    body.set(Pipe::v, Pipe::mte2, copy_);
  }

  MiniShape shape_;
  ProgramBuilder b_;
  std::int32_t fifo_ = 0;
  program::ExprId zero_ = -1, one_ = -1, two_ = -1, side_ = -1, tiles_ = -1, block_ = -1,
                  tile_ = -1, copy_ = -1, blockRow_ = -1, halfRow_ = -1, tileRow_ = -1;
};

// Two blocks on one core, `tiles` tiles.
inline Problem miniProblem(std::int64_t tiles, std::int64_t blocks = 2) {
  Problem problem;
  problem.head = kMiniSide;
  problem.s0 = blocks * kMiniSide;
  problem.s1 = tiles * kMiniSide;
  return problem;
}
inline SocProfile miniSoc() {
  SocProfile soc = roundSoc();
  soc.cubeCores = 1;
  return soc;
}

} // namespace ptotune::test
