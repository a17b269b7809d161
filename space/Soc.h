// The SoC profile: everything that belongs to the target and not to the code. Loaded from
// configs/soc/*.toml, where each figure stands once, with its unit and its source beside it.
#pragma once

#include "space/Hash.h"
#include "space/Result.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ptotune {

// Memories of one AI core (UB: per AIV; L1, L0A, L0B, L0C: of the AIC), and global memory.
enum class Memory : std::uint8_t { gm, ub, l1, l0a, l0b, l0c };
inline constexpr std::size_t kMemoryCount = 6;
const char* name(Memory memory); // "GM", "UB", "L1", "L0A", "L0B", "L0C"

struct MemoryLimit {
  std::int64_t bytes = 0;  // size of the memory
  std::int64_t usable = 0; // safe cap, at most `bytes`
  std::int64_t align = 0;  // alignment of a buffer's address, bytes
};

// Vector instructions of the core below the tile ISA, by their cost family.
enum class VectorInstr : std::uint8_t {
  vadd,
  vsub,
  vmax,
  vmul,
  vmuls,
  vadds,
  vexp,
  vdiv,
  vcadd,
  vcgadd,
  vcgmax,
  vcmax, // reductions of a repeat, or of each 32 B group of it
  vconv,
  vdup,
  vcopy,
};
inline constexpr std::size_t kVectorInstrCount = static_cast<std::size_t>(VectorInstr::vcopy) + 1;
const char* name(VectorInstr instr); // "vadd", ...

// cycles = head + slope * repeats + tail, the head and tail only where the pipe drains.
struct VectorCost {
  double head = 0;
  double slope = 0;
  double tail = 0;
};

// Bandwidth of one path of one core, bytes per second.
struct PathBandwidth {
  Memory from;
  Memory to;
  double bytesPerSecond = 0;
};

// Range of problems whose measurements the constants were fitted to.
struct CalibrationRange {
  std::int64_t head = 0;
  std::int64_t s1Min = 0, s1Max = 0;
  std::int64_t coresMax = 0;
  std::string source;
};

// How the active cores share the way to global memory. Up to `neighbours` other cores compete with
// a core for its port to L2; each of them makes a load so much slower, and a store.
struct GmSharing {
  double load = 0;  // relative, for each competing core
  double store = 0; // the same
  double neighbours = 1e9;

  // What a transfer's time is multiplied by with so many active cores.
  double slowdown(bool stores, std::int64_t active) const {
    const auto others = static_cast<double>(active - 1);
    return 1 + (stores ? store : load) * (others < neighbours ? others : neighbours);
  }
};

struct SocProfile {
  std::string name;         // "Ascend910B2"
  std::string architecture; // "a2a3"
  int cubeCores = 0;        // AIC
  int vectorPerCube = 0;    // AIV of one AIC
  double clockHz = 0;

  std::array<MemoryLimit, kMemoryCount> memory{};
  const MemoryLimit& limit(Memory m) const { return memory[static_cast<std::size_t>(m)]; }

  // Synchronisation.
  int eventIdsPerPipePair = 0;
  int fftsFlags = 0;         // flag ids 0 .. fftsFlags-1 of one AI core
  int fftsFirstReserved = 0; // ids from here on belong to the library
  int fftsCounterMax = 0;    // a counter beyond this is an error
  // TPipe's SyncPeriod policy of the pto-isa headers in use: "half" or "full".
  std::string syncPeriodPolicy;
  int tpipeDefaultLocalSlots = 0;
  // How far apart TPipe lands the tiles of two slots: "tile" (a popped tile) or "slot".
  std::string localSlotStridePolicy;
  // The same in bytes.
  std::int64_t localSlotStride(std::int64_t tileBytes, std::int64_t slotBytes) const {
    return localSlotStridePolicy == "slot" ? slotBytes : tileBytes;
  }
  // Tiles between two free credits of a ring of `slots` slots.
  int syncPeriod(int slots) const;

  // Shape limits of the tile ISA.
  int fractal = 0;             // rows and columns of a fractal in fp16 elements
  int reduceSliceBytes = 0;    // alignment of a column-major reduce slice
  int blockBytes = 0;          // alignment of a row-major UB tile's row
  std::int64_t accMaxCols = 0; // largest column count of an accumulator store

  // Op costs.
  std::vector<PathBandwidth> paths;
  double bandwidth(Memory from, Memory to) const; // bytes per second; 0 when there is no such path
  int accStoreElementBytes = 0; // bytes an element that the L0C -> GM bandwidth counts
  std::array<VectorCost, kVectorInstrCount> vectorOps{};
  const VectorCost& vectorOp(VectorInstr i) const { return vectorOps[static_cast<std::size_t>(i)]; }
  int vectorRepeatBytes = 0;
  double vectorMaskFloor = 0; // further cycles of an instruction whose last repeat is not full
  double madHead = 0, madPerFractal16 = 0, madPerFractal32 = 0;

  // Free constants, fitted or assumed; the profile says which.
  double launchSeconds = 0;         // of one kernel launch
  double scalarIssueCycles = 0;     // to issue one instruction to a pipe
  double eventFlagCycles = 0;       // set_flag -> wait_flag visible
  double crossCoreFlagCycles = 0;   // FFTS signal -> visible on the other core
  double transferLatencyCycles = 0; // start-up of one GM transfer
  GmSharing gmSharing;

  // What all cores share. Data that L2 does not hold comes from HBM.
  double l2Bytes = 0;           // 0: without bound
  double hbmBytesPerSecond = 0; // of all cores together

  CalibrationRange calibration;
  bool derived = false; // from another profile's figures: nothing was fitted for this one

  // Source and unit of every figure, by its key ("memory.ub.usable"), for reports.
  std::map<std::string, std::string> sources;
  // The file as TOML, with what it is derived from: what parseSoc() reads in another process.
  std::string toml;
  // Over the parsed profile (not its comments): part of a simulator trial's identity.
  Hash hash;
};

Result<SocProfile> loadSoc(const std::string& path);
// From SocProfile::toml; `file` is the name that errors use. `derived` is not in the text.
Result<SocProfile> parseSoc(std::string_view text, const std::string& file);

} // namespace ptotune
