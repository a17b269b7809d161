// The protocol skeleton of flash attention (p_first, slot form): QK, P, PV and GU with their three
// FIFOs, one piece of work each.
#pragma once

#include "tests/support/ProgramBuilder.h"

namespace ptotune::test {

struct Skeleton {
  std::int64_t preload = 4;
  int slots = 8;
  int syncPeriod = 4;
  std::int64_t work = 100; // cycles of each stage's instruction
  int filler = 0;          // further instructions of one cycle in each stage
  bool closes = true;
};

// s1 is the number of tiles; one row a block. Fills the builder.
inline void faSkeleton(ProgramBuilder& b, const Skeleton& shape) {
  using program::ExprKind;
  const auto qk = b.fifo("qk", Core::cube, shape.slots, shape.syncPeriod);
  const auto p = b.fifo("p", Core::vector, shape.slots, shape.syncPeriod);
  const auto pv = b.fifo("pv", Core::cube, shape.slots, shape.syncPeriod);
  const auto zero = b.constant(0);
  const auto one = b.constant(1);
  const auto tiles = b.argument(ExprKind::s1);
  const auto depth = b.constant(shape.preload);
  const auto preload = b.binary(ExprKind::min, depth, tiles);
  const auto steady = b.binary(ExprKind::sub, tiles, preload);
  b.variable(0);
  const auto tile = b.variable(1);
  const auto ahead = b.binary(ExprKind::add, tile, depth);

  const auto piece = [&shape](BodyBuilder& body, Pipe pipe) {
    for (int i = 0; i < shape.filler; ++i)
      body.work(pipe, 1);
    body.work(pipe, shape.work);
  };
  const auto stageQk = [&](BodyBuilder& body, program::ExprId index) {
    body.stage("QK", index);
    body.talloc(qk);
    piece(body, Pipe::fix);
    body.tpush(qk, Pipe::fix);
  };
  const auto stageP = [&](BodyBuilder& body, program::ExprId index) {
    body.stage("P", index);
    body.tpop(qk);
    piece(body, Pipe::mte2);
    body.tfree(qk);
    body.talloc(p);
    piece(body, Pipe::mte3);
    body.tpush(p, Pipe::mte3);
  };
  const auto stagePv = [&](BodyBuilder& body, program::ExprId index) {
    body.stage("PV", index);
    body.tpop(p);
    piece(body, Pipe::mte2);
    body.tfree(p);
    body.talloc(pv);
    piece(body, Pipe::fix);
    body.tpush(pv, Pipe::fix);
  };
  const auto stageGu = [&](BodyBuilder& body, program::ExprId index) {
    body.stage("GU", index);
    body.tpop(pv);
    piece(body, Pipe::mte2);
    body.tfree(pv);
  };
  const auto core = [&](BodyBuilder& body, const auto& first, const auto& second) {
    for (const auto fifo : {qk, p, pv})
      body.open(fifo);
    body.loop("block", 0, b.argument(ExprKind::blockIdx), b.argument(ExprKind::s0),
              b.argument(ExprKind::blockNum), [&](BodyBuilder& block) {
                block.loop("preload", 1, zero, preload, one,
                           [&](BodyBuilder& inner) { first(inner, tile); });
                block.loop("steady", 1, zero, steady, one, [&](BodyBuilder& inner) {
                  first(inner, ahead);
                  second(inner, tile);
                });
                block.loop("drain", 1, steady, tiles, one,
                           [&](BodyBuilder& inner) { second(inner, tile); });
              });
    if (shape.closes)
      for (const auto fifo : {pv, p, qk})
        body.close(fifo);
  };
  core(b.cube, stageQk, stagePv);
  core(b.vector, stageP, stageGu);
}

} // namespace ptotune::test
