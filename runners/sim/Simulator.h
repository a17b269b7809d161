// The virtual Ascend in timing fidelity: runs the Program of one AIC and its two AIVs on a SoC
// profile and tells how long the device takes.
//
// Units and their rules
//   scalar unit  issues its core's instructions in program order, scalarIssueCycles each; loops and
//                their arithmetic cost nothing. TALLOC, TPOP, close and a wait_flag on PIPE_S keep
//                it until the flag is there.
//   pipe         (MTE1, MTE2, MTE3, M, V, FIX) executes what was issued to it, in order, one at a
//                time; its queue is unbounded. An instruction starts when it is issued and the pipe
//                is free, and takes ptotune::cycles(). A transfer from or to global memory takes
//                (cycles + transferLatencyCycles) * GmSharing::slowdown().
//   event flag   one per (source pipe, target pipe, id) of a core. set_flag executes on the source
//                pipe and arrives eventFlagCycles later; wait_flag keeps the target pipe until then
//                and takes the flag. A set that arrives at a set flag is a protocol error.
//   barrier      a pipe has one instruction at a time, so a barrier (PIPE_V's too) finds it idle:
//                it costs its issue and nothing more.
//   FFTS counter one per flag id and waiting core. TPUSH and TFREE signal behind earlier work of
//                their pipe and arrive crossCoreFlagCycles later. An AIC's signal reaches both
//                AIVs; the AIC counts one when both AIVs have signalled. Beyond fftsCounterMax is
//                a protocol error.
//   unit flag    a phased matmul waits until the accumulator's last result is stored; a phased
//                store waits until the result is handed over by a final matmul; a final store gives
//                the accumulator back at its end. The whole copy is handed over at once.
//   TPipe        see Fifo.h.
//
// Whole device: work units (unitsPerBlock for each of the s0 / rowsPerBlock blocks) go round-robin
// to min(units, cubeCores) active cores; the busiest core is run. Launch cost comes on top. A
// program's next launch begins when this one has ended, with a launch cost of its own.
#pragma once

#include "codegen/program/Program.h"
#include "runners/sim/Events.h"
#include "space/Problem.h"
#include "space/Result.h"
#include "space/Soc.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ptotune::sim {

// One execution of a pipe's instruction starts so many cycles late.
struct Delay {
  int core = 0;
  std::int64_t sequence = 0; // Executed::sequence
  double cycles = 0;
};
// A delay assignment: what a slow memory or a busy neighbour may do to a run. A program that is
// free of hazards computes the same under each of them.
struct Delays {
  std::vector<Delay> fixed;
  double randomCycles = 0; // on top, every instruction of a pipe starts up to so many cycles late
  std::uint64_t seed = 0;  // of the random ones

  bool empty() const { return fixed.empty() && randomCycles <= 0; }
};

// Changes whenever the answers may change: trials of two versions are never compared.
inline constexpr const char* kVersion = "timing-2";

struct SimOptions {
  // Instructions and loop iterations of one core after which a run is given up.
  std::int64_t instructionLimit = 1'000'000'000;
  // The core that is run, below the number of active cores; kBusiest: the one with the most to do.
  static constexpr std::int64_t kBusiest = -1;
  std::int64_t blockIdx = kBusiest;
  Delays delays;
  // What repeats is extrapolated, exactly (Repetition.h). A run with a listener or with delays is
  // run in full.
  bool extrapolate = true;
};

enum class Outcome : std::uint8_t {
  finished,
  hang,          // no unit can go on
  protocolError, // a flag was set twice, a counter overflowed, a flag stayed set at the end, ...
  invalid,       // the program or the problem makes no sense; nothing can be said about time
  limit,         // gave up at instructionLimit
};
std::string_view name(Outcome outcome);

struct PipeStats {
  std::int64_t instructions = 0;
  double busyCycles = 0; // PIPE_S: issuing
  double busyShare = 0;  // of the run's cycles
  std::array<double, kStallReasonCount> stallCycles{};
};
struct CoreStats {
  std::int64_t instructions = 0;
  double endCycle = 0; // when its last unit is done
  std::array<PipeStats, kPipeCount> pipes{};
  const PipeStats& pipe(Pipe p) const { return pipes[static_cast<std::size_t>(p)]; }
};

// What a launch's time goes into, in seconds. launch + fill + steady + waiting + drain = the time.
// The critical pipe is the one of the core that was run with the most work.
struct TimeParts {
  double launch = 0;
  double fill = 0;    // before the critical pipe's first work
  double steady = 0;  // the critical pipe works
  double waiting = 0; // the critical pipe idles between its first and its last work
  double drain = 0;   // behind the critical pipe's last work
  int core = 0;       // the critical pipe: 0 AIC, 1 and 2 its AIVs
  Pipe pipe = Pipe::s;
};

struct SimResult {
  Outcome outcome = Outcome::finished;
  // A line each: the wait-for cycle of a hang, or what was wrong. Empty when finished.
  std::vector<std::string> detail;

  Tick ticks = 0;          // of the core that was run, over all its blocks
  double cycles = 0;       // the same
  double coreSeconds = 0;  // the same
  double seconds = 0;      // of the device: coreSeconds and the launch, and the next launch's
  std::int64_t blocks = 0; // work units
  std::int64_t activeCores = 0;
  std::int64_t core = 0;  // that was run
  std::int64_t waves = 0; // work units of this core
  std::int64_t instructions = 0;
  std::int64_t extrapolated = 0; // of them
  TimeParts parts;               // of this launch
  std::array<CoreStats, kCoreCount> cores{};
  std::shared_ptr<const SimResult> next; // of the launch behind this one, where it was run

  std::string detailText() const; // the lines, joined
};

// Flat form of a program for one SoC, independent of s0 and s1. Self-contained and small; safe to
// share between threads.
struct Code;
// What listeners will read of the program: `operands` also checks the places of tiles and views and
// keeps their expressions up to date. The times are the same.
enum class Reads : std::uint8_t { timing, operands };
Result<std::shared_ptr<const Code>> compile(const program::Program& program, const SocProfile& soc,
                                            Reads reads = Reads::timing);

// One launch: the program without what is launched behind it.
SimResult simulateLaunch(const Code& code, const Problem& problem, const SimOptions& options = {},
                         Listener* listener = nullptr);
// All launches, one behind the other. The listener hears the first.
SimResult simulate(const Code& code, const Problem& problem, const SimOptions& options = {},
                   Listener* listener = nullptr);
SimResult simulate(const program::Program& program, const SocProfile& soc, const Problem& problem,
                   const SimOptions& options = {}, Listener* listener = nullptr);

// min(work units, cubeCores); 0 when the problem does not divide into blocks.
std::int64_t activeCores(const Code& code, const Problem& problem);
// The active core one of whose pipes has the most to do, the first of them.
std::int64_t busiestCore(const Code& code, const Problem& problem);

} // namespace ptotune::sim
