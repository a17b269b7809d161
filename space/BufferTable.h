// The buffers of a kernel and their placement. One table per family is declared in `space`; the
// capacity rule runs place(), the IR builder allocates exactly the table, and the memory planning
// pass writes these addresses into the IR.
#pragma once

#include "space/Soc.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace ptotune {

// `copies` buffers of `bytes` each, live from step `first` to step `last` of the kernel's stages
// (inclusive); buffers whose lifetimes do not meet may share bytes. The texts outlive the table.
struct Buffer {
  std::string_view name;
  Memory memory = Memory::ub;
  std::int64_t bytes = 0;
  int copies = 1;
  int first = 0;
  int last = 0;
  std::string_view why; // the formula in the kernel's words: "CUBE_S0/2/k x TILE_S1 f32"
};

struct PlacedBuffer {
  Buffer buffer;
  std::int64_t address = 0; // of copy 0, bytes from the start of the memory
  std::int64_t stride = 0;  // bytes between copies
};

struct Placement {
  std::vector<PlacedBuffer> buffers;             // in table order
  std::array<std::int64_t, kMemoryCount> used{}; // high-water mark per memory, bytes

  const PlacedBuffer* find(std::string_view name) const;
};

// Deterministic first fit in table order at the memory's alignment. Never fails: a memory that is
// too small shows as used > usable. Global memory is not placed here.
Placement place(const std::vector<Buffer>& table, const SocProfile& soc);

} // namespace ptotune
