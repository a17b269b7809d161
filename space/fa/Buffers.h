// The buffer table of the flash-attention kernel, shared by the capacity rule, the IR builder and
// the memory planning pass.
#pragma once

#include "space/BufferTable.h"
#include "space/Point.h"
#include "space/Problem.h"

#include <cstdint>
#include <vector>

namespace ptotune::fa {

// Names of the table's buffers.
inline constexpr const char* kQueryL1 = "q_l1";   // Q block, [CUBE_S0, head] f16
inline constexpr const char* kKeyL1 = "k_l1";     // K subtile, [head, CUBE_S1] f16
inline constexpr const char* kProbL1 = "p_l1";    // P subtile, [CUBE_S0, CUBE_S1] f16
inline constexpr const char* kValueL1 = "v_l1";   // V subtile, [CUBE_S1, head] f16
inline constexpr const char* kLeft = "left";      // L0A operand of either product
inline constexpr const char* kRight = "right";    // L0B operand of either product
inline constexpr const char* kAcc = "acc";        // L0C accumulators of both products
inline constexpr const char* kOut = "o";          // running output, [R, head] f32
inline constexpr const char* kVecIn = "vec_in";   // landing buffer of a QK row slice or a PV tile
inline constexpr const char* kProb = "p16";       // softmax result of a row slice, f16
inline constexpr const char* kRowTmp = "row_tmp"; // scratch of TROWMAX and TROWSUM
inline constexpr const char* kExpandTmp = "expand_tmp"; // scratch of TROWEXPAND*: 32 bytes a row
inline constexpr const char* kRowMax = "row_max";       // running maximum, [R, 1] f32
inline constexpr const char* kRowSum = "row_sum";       // running sum, [R, 1] f32
inline constexpr const char* kTileMax = "tile_max";     // maximum of the slice at hand, [Vr, 1] f32
inline constexpr const char* kTileSum = "tile_sum";     // sum of the slice at hand, [Vr, 1] f32
inline constexpr const char* kProductIn = "pv_in";      // landing ring of PV where it has its own
inline constexpr const char* kScores = "scores";        // a row slice of several popped tiles, f32
inline constexpr const char* kExpMax = "exp_max";       // ring of rescale factors, [R, 1] f32 each
inline constexpr const char* kMask = "mask"; // what is added to a row slice on the diagonal, f32
// Of the launch that combines the parts of KV_SPLIT, on r rows at a time.
inline constexpr const char* kCombineIn = "combine_in";   // a part's output, [r, head] f32
inline constexpr const char* kCombineOut = "combine_o";   // the combined output, [r, head] f32
inline constexpr const char* kCombineMax = "combine_max"; // the parts' maxima, then weights
inline constexpr const char* kCombineSum = "combine_sum"; // the parts' sums, [KV_SPLIT, r] f32
inline constexpr const char* kCombineTop = "combine_top"; // the maximum of all parts, [1, r] f32
inline constexpr const char* kCombineTmp = "combine_tmp"; // scratch of TROWEXPAND*

// Shapes derived from a point; every division is exact where the shape rules hold.
struct Shapes {
  std::int64_t head, cubeS0, cubeS1, tileS1;
  std::int64_t factor;      // kTileFactor: column subtiles and row slices of a tile
  std::int64_t vecRows;     // R: rows of one AIV
  std::int64_t sliceRows;   // Vr: rows of one row slice
  std::int64_t depthQK;     // K extent of one L0 step of Q K^T (divides head)
  std::int64_t depthPV;     // K extent of one L0 step of P V (divides CUBE_S1)
  std::int64_t rowTmpCols;  // columns of row_tmp
  std::int64_t outParts;    // parts in which an AIV takes a product: row slices in tile_offset
  std::int64_t combineRows; // r: rows that an AIV combines at a time, a divisor of R
  int accCopies; // accumulators in L0C: QK rotates over the first accCopies-1, PV has the last
};
Shapes shapes(const KernelSpec& kernel, const Point& point, const SocProfile& soc);

// Where the tiles of a FIFO land that are popped: LocalSlotNum places, `stride` bytes apart. All
// tiles of one slot land in one place.
struct LandingRing {
  std::int64_t bytes = 0; // of a tile
  std::int64_t stride = 0;
  std::int64_t copies = 0;
  std::int64_t region() const { return copies == 0 ? 0 : (copies - 1) * stride + bytes; }
};
// Empty in the slot form, where nothing is popped as a tile.
struct LandingRings {
  LandingRing qk; // [Vr, CUBE_S1] f32
  LandingRing p;  // [CUBE_S0, CUBE_S1] f16, in L1
  LandingRing pv; // [rows of a part, head] f32
  // Whether QK and PV land in one region of UB: where two do not fit beside everything else.
  bool shared = false;

  // Places of the shared region that are used apart from each other: all of them where both rings'
  // tiles lie equally far apart, else the region is one.
  std::int64_t sharedCopies() const { return qk.stride == pv.stride ? qk.copies : 1; }
};
LandingRings landingRings(const KernelSpec& kernel, const Point& point, const SocProfile& soc);

std::vector<Buffer> buffers(const KernelSpec& kernel, const Point& point, const SocProfile& soc);

// Bytes of one slot of each ring in global memory.
struct SlotBytes {
  std::int64_t qk; // CUBE_S0 x TILE_S1 f32
  std::int64_t p;  // CUBE_S0 x TILE_S1 f16
  std::int64_t pv; // CUBE_S0 x head f32
};
SlotBytes slotBytes(const KernelSpec& kernel, const Point& point);
// Bytes of all rings of one core.
std::int64_t workspaceBytes(const KernelSpec& kernel, const Point& point);
// Bytes of what all work units leave for the launch that combines them; none where KV_SPLIT is 1.
std::int64_t partialBytes(const Problem& problem, const Point& point);

} // namespace ptotune::fa
