// A program small enough to read in a test: one FIFO, one loop on the producer.
#pragma once

#include "codegen/program/Program.h"

#include <utility>

namespace ptotune::program {

inline ExprId add(Program& program, ExprKind kind, std::int64_t value = 0, ExprId lhs = -1,
                  ExprId rhs = -1) {
  program.exprs.push_back({kind, value, lhs, rhs});
  return static_cast<ExprId>(program.exprs.size()) - 1;
}

// for i0 = 0 to s1 / 256 step 1 { load k_l1[i0 % 2]; set MTE2 -> MTE1; talloc, store, tpush }
inline Program smallProgram() {
  Program p;
  p.name = "small";
  p.rowsPerBlock = 128;
  p.variables = 1;
  p.buffers.push_back({"k_l1", Memory::l1, 0x8000, 0x8000, 0x8000, 2});
  p.buffers.push_back({"acc", Memory::l0c, 0, 0x10000, 0x10000, 1});
  p.fifos.push_back({"qk", Core::cube, 0, 131072, 8, 4, 0, 2, true, true, false, false});
  const ExprId zero = add(p, ExprKind::constant, 0);
  const ExprId one = add(p, ExprKind::constant, 1);
  const ExprId two = add(p, ExprKind::constant, 2);
  const ExprId width = add(p, ExprKind::constant, 256);
  const ExprId s1 = add(p, ExprKind::s1);
  const ExprId tiles = add(p, ExprKind::div, 0, s1, width);
  const ExprId t = add(p, ExprKind::variable, 0);
  const ExprId copy = add(p, ExprKind::rem, 0, t, two);
  const ExprId column = add(p, ExprKind::mul, 0, t, width);

  auto loop = std::make_unique<Loop>();
  loop->lower = zero;
  loop->upper = tiles;
  loop->step = one;
  loop->name = "steady";

  Instr load;
  load.pipe = Pipe::mte2;
  load.shape = {Op::tload, Memory::gm, Memory::l1, 128, 128, 0, 2};
  load.dst = {0, copy, 0, 128, 128, 128, DType::f16, Layout::zn};
  load.view = {Tensor::k, -1, -1, column, 128, 128, 1, 128, DType::f16};
  load.stage = "QK";
  load.tile = t;
  loop->body.emplace_back(load);

  Instr flag;
  flag.kind = InstrKind::setFlag;
  flag.pipe = flag.source = Pipe::mte2;
  flag.target = Pipe::mte1;
  flag.event = copy;
  loop->body.emplace_back(flag);

  Instr talloc;
  talloc.kind = InstrKind::talloc;
  talloc.fifo = 0;
  loop->body.emplace_back(talloc);

  Instr store;
  store.pipe = Pipe::fix;
  store.shape = {Op::tstore, Memory::l0c, Memory::gm, 128, 128, 0, 4};
  store.src[0] = {1, -1, 0, 128, 128, 128, DType::f32, Layout::nz};
  store.view = {Tensor::none, 0, -1, -1, 128, 128, 256, 1, DType::f32};
  store.phase = Phase::final;
  loop->body.emplace_back(store);

  Instr push;
  push.kind = InstrKind::tpush;
  push.pipe = Pipe::fix;
  push.fifo = 0;
  loop->body.emplace_back(push);
  p.cube.emplace_back(std::move(loop));

  Instr barrier;
  barrier.kind = InstrKind::barrier;
  barrier.pipe = Pipe::v;
  p.vector.emplace_back(barrier);
  return p;
}

inline Loop& loopOf(Program& p) {
  return *std::get<std::unique_ptr<Loop>>(p.cube.front());
}
inline Instr& instrOf(Program& p, std::size_t i) {
  return std::get<Instr>(loopOf(p).body[i]);
}

} // namespace ptotune::program
