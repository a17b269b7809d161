// What happens during a run, for those who want to look: traces, hazard checkers, tests. The
// simulator never prints; listeners do.
#pragma once

#include "codegen/program/Program.h"
#include "runners/sim/Expression.h"
#include "runners/sim/Time.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace ptotune::sim {

// The cores of one AI core group: 0 is the AIC, 1 and 2 are its AIVs.
inline constexpr int kCoreCount = 3;
std::string_view coreName(int core); // "AIC", "AIV0", "AIV1"

// Why a unit that could have worked did not.
enum class StallReason : std::uint8_t {
  issue,     // a pipe: the scalar unit had not issued its next instruction
  eventFlag, // wait_flag: the flag was not set
  unitFlag,  // the accumulator was not handed over, or not given back
  data,      // TPOP: the slot's data was not ready
  credit,    // TALLOC: no free slot
  drain,     // closing a TPipe: a free credit was still on its way
};
inline constexpr std::size_t kStallReasonCount = static_cast<std::size_t>(StallReason::drain) + 1;
std::string_view name(StallReason reason); // "issue", "event flag", ...

// One execution of one instruction.
struct Executed {
  int core = 0;
  Pipe pipe = Pipe::s;       // the unit that executes it
  std::int32_t instr = 0;    // its place in the body, counted in listing order from 0
  std::int64_t sequence = 0; // how many this core issued before
  std::int64_t tile = 0;     // value of Instr::tile; kUndefined where there is none
};

// The scalar unit has issued an instruction. Operands may be read from `values` during the call
// only: they change with the loops.
struct IssuedEvent {
  Executed what;
  Tick time;
  const Values* values;
};

// A unit has worked on an instruction from `start` to `end`; flags and barriers take no time. A
// TFREE that gives no credit reaches no pipe and is not among them.
struct FinishedEvent {
  Executed what;
  Tick start;
  Tick end;
};

struct StallEvent {
  Executed what; // that had to wait
  StallReason reason;
  Tick from;
  Tick to;
};

// A flag of the hardware. The unit flag of an accumulator is two: its result is handed over from M
// to FIX, the copy is given back from FIX to M.
enum class FlagKind : std::uint8_t { event, ffts, unit };
struct FlagName {
  FlagKind kind = FlagKind::event;
  int core = 0;          // event, unit: the core it belongs to; ffts: the waiting or sending core
  Pipe source = Pipe::s; // event, unit
  Pipe target = Pipe::s; // event, unit
  std::int64_t id = 0;   // event or FFTS id; unit: number of the accumulator's copy on its core
};

// A signal was sent, and reaches the flag later.
struct SignalEvent {
  Executed what;
  FlagName flag;
  Tick sent;
  Tick arrives;
};

// A wait took a flag that `byCore` had set with instruction `byInstr`, last of both AIVs.
struct TakenEvent {
  Executed what;
  FlagName flag;
  Tick time;
  int byCore;
  std::int32_t byInstr;
};

// A TPipe moved on: TALLOC, TPUSH, TPOP or TFREE of its tile number `index`.
struct FifoEvent {
  Executed what;
  program::InstrKind kind;
  std::int32_t fifo;
  std::int64_t index;
  std::int64_t slot;
  Tick time;
};

// Events of one pipe come in the order of time; between pipes and cores an event comes after those
// it depends on, but not in the order of time. Calls are made from the simulating thread.
class Listener {
public:
  virtual ~Listener() = default;
  virtual void on(const IssuedEvent&) {}
  virtual void on(const FinishedEvent&) {}
  virtual void on(const StallEvent&) {}
  virtual void on(const SignalEvent&) {}
  virtual void on(const TakenEvent&) {}
  virtual void on(const FifoEvent&) {}
};

} // namespace ptotune::sim
