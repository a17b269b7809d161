// The flash-attention schedule: four stages over one cube core and its two vector cores.
//   QK  cube    S = Q K^T, a tile of TILE_S1 key columns, in kTileFactor subtiles
//   P   vector  softmax of a tile, in kTileFactor row slices; keeps the rescale factor
//   PV  cube    O' = P V of a tile
//   GU  vector  O = O * factor + O'; O = O' of tile 0, which needs no factor
// Program order: QK_PRELOAD tiles of QK and P first, then per tile t QK(t + QK_PRELOAD) with PV(t)
// on the cube core, P(t + QK_PRELOAD) and GU(t) on the vector cores, in the order of VEC_ORDER.
#pragma once

#include "space/Point.h"
#include "space/Problem.h"
#include "space/Soc.h"
#include "space/protocol/Proof.h"
#include "space/protocol/Schedule.h"

#include <cstdint>
#include <vector>

namespace ptotune::fa {

// FIFO indices of the schedule, of the kernel's pipe ids and of Program::fifos.
inline constexpr std::int32_t kFifoQK = 0;
inline constexpr std::int32_t kFifoP = 1;
inline constexpr std::int32_t kFifoPV = 2;

// Tiles that a block of CUBE_S0 query rows sees: all of them; those up to its last row's diagonal
// where the problem is causal.
std::int64_t blockTiles(const Problem& problem, const Point& point, std::int64_t block);
// Tiles of the key loop of a work unit, one of KV_SPLIT parts of a block: part p of a block with n
// tiles has those from p * n / KV_SPLIT on. A part is empty where there are fewer tiles than parts.
std::int64_t unitTiles(std::int64_t blockTiles, std::int64_t parts, std::int64_t part);
// Tiles of the longest key loop of any work unit.
std::int64_t tiles(const Problem& problem, const Point& point);

// The protocol sees only this of a point: two points with one structure have one verdict.
struct ProtocolStructure {
  std::int32_t tiles = 0; // unrolled; as few as decide every larger count of its residue
  std::int32_t preload = 0;
  std::int32_t slots[3] = {};
  std::int32_t periods[3] = {};
  std::int32_t expRing = 0;
  bool manySubtiles = false;   // kTileFactor > 1: TPOP P comes before TPUSH of the next QK tile
  bool partsOfProduct = false; // kTileFactor tiles of a product are popped one by one
  bool guFirst = false;        // the vector steady loop runs GU(t) before P(t + QK_PRELOAD)
  // Key loops that are shorter than `tiles`, in ascending order and unrolled likewise.
  std::vector<std::int32_t> shorter;

  // A loop of this length or more stands for all that are longer by whole periods.
  std::int32_t cover() const;

  auto operator<=>(const ProtocolStructure&) const = default;
};

enum class Loops : std::uint8_t { unrolled, whole };
ProtocolStructure protocolStructure(const Problem& problem, const Point& point,
                                    const SocProfile& soc, Loops loops = Loops::unrolled);
Schedule schedule(const ProtocolStructure& structure);
// What is wrong with the schedule, over all its key loops: a hang alone, or of each kind of fault
// the first in the shortest loop that has one; and whether it holds of all loops that they stand
// for.
ProtocolProof analyse(const ProtocolStructure& structure, int counterMax);
// A fault of the point's structure with the tiles that it has in the kernel: in the shortest key
// loop that has it, at full length. A reuse behind the last wait of a loop is as far from the
// loop's end in the structure as in the kernel, and so has another number there.
ProtocolResult inKernel(const ProtocolResult& fault, const Problem& problem, const Point& point,
                        const SocProfile& soc);

} // namespace ptotune::fa
