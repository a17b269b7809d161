// The flat form of a program: each core's body as an array of steps with jumps, operands resolved
// to slots and state indices, and each instruction's cost. Independent of s0 and s1.
#pragma once

#include "codegen/program/Program.h"
#include "runners/sim/Expression.h"
#include "runners/sim/Fifo.h"
#include "runners/sim/Simulator.h"
#include "runners/sim/Time.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ptotune::sim {

enum class StepKind : std::uint8_t {
  loopBegin, // enters loop `index`, or jumps behind it
  loopEnd,   // next iteration of loop `index`
  op,
  matmul, // a matmul with a phase
  store,  // a store of an accumulator with a phase
  setFlag,
  waitFlag,
  barrier,
  open,
  close,
  talloc,
  tpush,
  tpop,
  tfree,
};

struct Step {
  StepKind kind = StepKind::op;
  Pipe pipe = Pipe::s;    // the unit that executes it
  bool last = false;      // matmul, store: phase final
  std::int32_t instr = 0; // place in the body, counted in listing order
  std::int32_t tile = 0;  // slot of Instr::tile
  std::int32_t index = 0; // loop; first event flag of the pair; first accumulator; FIFO
  std::int32_t value = 0; // slot of the event id or of the accumulator's copy
  std::int32_t range = 0; // number of event ids or of copies
  std::int32_t flag = 0;  // TPipe: the FFTS flag that is waited for or signalled
};

// for (variable = lower; variable < upper; variable += step), by slots.
struct LoopCode {
  std::int32_t variable = 0;
  std::int32_t lower = 0;
  std::int32_t upper = 0;
  std::int32_t step = 0;
  std::int32_t body = 0;                // first step inside
  std::int32_t behind = 0;              // first step behind its loopEnd
  std::vector<program::ExprId> updates; // what changes with the variable, operands first
  // Iterations whose variables differ by a multiple of this select the same loops, event ids and
  // accumulators; 0 where there is no such number. See Periods.h.
  std::int64_t period = 0;
  std::string name;
};

// What a step costs and is called, apart from the hot part.
struct Note {
  std::int64_t cycles = 0; // of the pipe, one core alone on global memory
  bool gm = false;         // a transfer from or to global memory
  bool stores = false;     // to it
  std::int64_t bytes = 0;  // of that transfer
  Op op = Op::tload;
  std::int32_t stage = 0; // index into Code::stages
};

struct FlagPair {
  Pipe source;
  Pipe target;
};

struct AccumulatorName {
  std::string buffer;
  std::int32_t first = 0; // index of copy 0
  std::int32_t copies = 0;
};

struct CoreCode {
  std::vector<Step> steps;
  std::vector<Note> notes; // by step
  std::vector<LoopCode> loops;
  std::vector<FlagPair> pairs; // event flags are numbered pair * eventIds + id
  std::vector<AccumulatorName> accumulators;
  std::int32_t accumulatorCount = 0;
};

struct FifoCode {
  std::string name;
  Core producer = Core::cube;
  FifoShape shape;
  std::int32_t readyFlag = 0;
  std::int32_t freeFlag = 0;
};

struct Code {
  std::array<CoreCode, 2> cores; // by Core
  std::vector<program::Expr> exprs;
  std::int32_t variables = 0;
  std::vector<FifoCode> fifos;
  std::vector<std::string> stages;
  std::vector<std::string> fftsNames; // by flag id: "data of qk", "free slot of qk"
  std::int64_t rowsPerBlock = 0;
  std::int64_t unitsPerBlock = 1;
  bool uneven = false;              // blocks differ in their loops
  std::shared_ptr<const Code> next; // of the launch behind this one

  // Of the SoC profile.
  std::int64_t cubeCores = 0;
  double clockHz = 0;
  double launchSeconds = 0;
  Tick issue = 0;
  Tick eventFlag = 0;
  Tick crossCoreFlag = 0;
  double transferLatency = 0; // cycles
  GmSharing sharing;
  double l2Bytes = 0;          // 0: without bound
  double hbmBytesPerCycle = 0; // of all cores together
  std::int32_t eventIds = 0;
  std::int64_t fftsCounterMax = 0;

  const CoreCode& of(int core) const { return cores[core == 0 ? 0 : 1]; }
  std::int64_t ringBytes = 0;         // of all FIFOs of one core
  std::int64_t sharedBytesPerKey = 0; // K and V, which all cores read, for each of the s1 keys

  // The part of the transfers that L2 does not hold.
  double missShare(std::int64_t s1, std::int64_t active) const;
  // Duration of every step of `code` with so many active cores.
  std::vector<Tick> costs(const CoreCode& code, std::int64_t s1, std::int64_t active) const;
};

// "QK tile 3: TALLOC(qk)". `operand` is the event flag or accumulator as a state index; -1:
// unknown.
std::string describe(const Code& code, int core, std::int32_t step, std::int64_t tile,
                     std::int32_t operand = -1);

} // namespace ptotune::sim
