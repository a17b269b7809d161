// Small programs by hand, and a SoC whose costs are round numbers: on it, work(pipe, n) takes
// exactly n cycles.
#pragma once

#include "codegen/program/Program.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace ptotune::test {

// 1 GHz; every path moves one byte a cycle; a matmul step, a vector repeat and an issue cost one
// cycle; latencies and contention are zero.
inline SocProfile roundSoc() {
  SocProfile soc;
  soc.name = "Round";
  soc.architecture = "a2a3";
  soc.cubeCores = 4;
  soc.vectorPerCube = 2;
  soc.clockHz = 1e9;
  soc.eventIdsPerPipePair = 8;
  soc.fftsFlags = 16;
  soc.fftsFirstReserved = 12;
  soc.fftsCounterMax = 15;
  soc.fractal = 16;
  soc.blockBytes = 32;
  for (const auto& [from, to] :
       {std::pair{Memory::gm, Memory::ub}, std::pair{Memory::gm, Memory::l1},
        std::pair{Memory::ub, Memory::gm}, std::pair{Memory::l0c, Memory::gm},
        std::pair{Memory::l1, Memory::l0a}, std::pair{Memory::l1, Memory::l0b}})
    soc.paths.push_back({from, to, 1e9});
  soc.accStoreElementBytes = 1;
  soc.vectorRepeatBytes = 256;
  for (VectorCost& cost : soc.vectorOps)
    cost.slope = 1;
  soc.madPerFractal16 = 1;
  soc.madPerFractal32 = 1;
  soc.scalarIssueCycles = 1;
  return soc;
}

// An instruction that keeps `pipe` busy for `cycles` cycles of roundSoc(). MTE2, MTE3 and FIX
// transfer from or to global memory.
inline OpShape busy(Pipe pipe, std::int64_t cycles) {
  switch (pipe) {
  case Pipe::mte1:
    return {.op = Op::textract,
            .from = Memory::l1,
            .to = Memory::l0a,
            .rows = 1,
            .cols = cycles,
            .bytes = 1};
  case Pipe::mte2:
    return {.op = Op::tload,
            .from = Memory::gm,
            .to = Memory::ub,
            .rows = 1,
            .cols = cycles,
            .bytes = 1};
  case Pipe::mte3:
    return {.op = Op::tstore,
            .from = Memory::ub,
            .to = Memory::gm,
            .rows = 1,
            .cols = cycles,
            .bytes = 1};
  case Pipe::fix:
    return {.op = Op::tstore,
            .from = Memory::l0c,
            .to = Memory::gm,
            .rows = 1,
            .cols = cycles,
            .bytes = 4};
  case Pipe::m:
    return {.op = Op::tmatmul, .rows = 16 * cycles, .cols = 16, .depth = 16, .bytes = 2};
  default:
    return {.op = Op::tmuls, .rows = 1, .cols = 64 * cycles, .bytes = 4};
  }
}

// Appends to one core's body. stage() and tile() label what follows.
class BodyBuilder {
public:
  explicit BodyBuilder(program::Body& body) : body_(&body) {}

  void stage(const std::string& name, program::ExprId tile = -1) {
    stage_ = name;
    tile_ = tile;
  }
  void work(Pipe pipe, std::int64_t cycles) { add(op(busy(pipe, cycles))); }
  void matmul(std::int64_t cycles, program::Phase phase, std::int32_t buffer,
              program::ExprId copy = -1) {
    program::Instr instr = op(busy(Pipe::m, cycles));
    instr.phase = phase;
    instr.dst.buffer = buffer;
    instr.dst.copy = copy;
    add(instr);
  }
  void store(std::int64_t cycles, program::Phase phase, std::int32_t buffer,
             program::ExprId copy = -1) {
    program::Instr instr = op(busy(Pipe::fix, cycles));
    instr.phase = phase;
    instr.src[0].buffer = buffer;
    instr.src[0].copy = copy;
    add(instr);
  }
  void set(Pipe source, Pipe target, program::ExprId event) {
    flag(program::InstrKind::setFlag, source, target, event);
  }
  void wait(Pipe source, Pipe target, program::ExprId event) {
    flag(program::InstrKind::waitFlag, source, target, event);
  }
  void barrier(Pipe pipe) { add({.kind = program::InstrKind::barrier, .pipe = pipe}); }
  void open(std::int32_t fifo) { on(program::InstrKind::open, fifo, Pipe::s); }
  void close(std::int32_t fifo) { on(program::InstrKind::close, fifo, Pipe::s); }
  void talloc(std::int32_t fifo) { on(program::InstrKind::talloc, fifo, Pipe::s); }
  void tpop(std::int32_t fifo) { on(program::InstrKind::tpop, fifo, Pipe::s); }
  void tpush(std::int32_t fifo, Pipe pipe) { on(program::InstrKind::tpush, fifo, pipe); }
  void tfree(std::int32_t fifo, Pipe pipe = Pipe::mte2) {
    on(program::InstrKind::tfree, fifo, pipe);
  }
  void add(program::Instr instr) {
    instr.stage = stage_;
    instr.tile = tile_;
    body_->emplace_back(std::move(instr));
  }
  void loop(const std::string& name, std::int32_t variable, program::ExprId lower,
            program::ExprId upper, program::ExprId step,
            const std::function<void(BodyBuilder&)>& fill) {
    auto loop = std::make_unique<program::Loop>();
    loop->variable = variable;
    loop->lower = lower;
    loop->upper = upper;
    loop->step = step;
    loop->name = name;
    BodyBuilder inner(loop->body);
    fill(inner);
    body_->emplace_back(std::move(loop));
  }

private:
  static program::Instr op(const OpShape& shape) {
    program::Instr instr;
    instr.pipe = pipeOf(shape);
    instr.shape = shape;
    return instr;
  }
  void flag(program::InstrKind kind, Pipe source, Pipe target, program::ExprId event) {
    program::Instr instr;
    instr.kind = kind;
    instr.pipe = kind == program::InstrKind::setFlag ? source : target;
    instr.source = source;
    instr.target = target;
    instr.event = event;
    add(instr);
  }
  void on(program::InstrKind kind, std::int32_t fifo, Pipe pipe) {
    program::Instr instr;
    instr.kind = kind;
    instr.pipe = pipe;
    instr.fifo = fifo;
    add(instr);
  }

  program::Body* body_;
  std::string stage_;
  program::ExprId tile_ = -1;
};

class ProgramBuilder {
public:
  ProgramBuilder() : cube(program.cube), vector(program.vector) {
    program.name = "test";
    program.rowsPerBlock = 1;
  }
  ProgramBuilder(const ProgramBuilder&) = delete;
  ProgramBuilder& operator=(const ProgramBuilder&) = delete;

  program::ExprId constant(std::int64_t value) {
    return expr({program::ExprKind::constant, value, -1, -1});
  }
  program::ExprId argument(program::ExprKind kind) { return expr({kind, 0, -1, -1}); }
  // Declares loop variable number `index`, too.
  program::ExprId variable(std::int32_t index) {
    program.variables = std::max(program.variables, index + 1);
    return expr({program::ExprKind::variable, index, -1, -1});
  }
  program::ExprId binary(program::ExprKind kind, program::ExprId lhs, program::ExprId rhs) {
    return expr({kind, 0, lhs, rhs});
  }
  program::ExprId expr(const program::Expr& expr) {
    program.exprs.push_back(expr);
    return static_cast<program::ExprId>(program.exprs.size()) - 1;
  }
  // FFTS flags 2i and 2i+1 for the i-th FIFO.
  std::int32_t fifo(const std::string& name, Core producer, int slots, int syncPeriod) {
    program::FifoInfo info;
    info.name = name;
    info.producer = producer;
    info.flagBase = 2 * static_cast<int>(program.fifos.size());
    info.slotBytes = 64;
    info.slots = slots;
    info.syncPeriod = syncPeriod;
    program.fifos.push_back(info);
    return static_cast<std::int32_t>(program.fifos.size()) - 1;
  }
  std::int32_t accumulator(const std::string& name, int copies) {
    program.buffers.push_back({name, Memory::l0c, 0, 1024, 1024, copies});
    return static_cast<std::int32_t>(program.buffers.size()) - 1;
  }

  program::Program program;
  BodyBuilder cube;
  BodyBuilder vector;
};

} // namespace ptotune::test
