// A program's instructions as one core issues them, loops unrolled, expressions evaluated.
#pragma once

#include "codegen/program/Program.h"

#include <cstdint>
#include <vector>

namespace ptotune::program {

// What a core knows when it runs.
struct CoreArguments {
  std::int64_t s0 = 0;
  std::int64_t s1 = 0;
  std::int64_t blockIdx = 0;
  std::int64_t blockNum = 1;
  std::int64_t subblockIdx = 0;
};

// One execution of an instruction.
struct Step {
  const Instr* instr = nullptr;
  std::int64_t event = 0;
  std::int64_t row = 0, col = 0;         // textract
  std::int64_t viewRow = 0, viewCol = 0; // offsets of the view
  std::int64_t dstCopy = 0;
  std::array<std::int64_t, 3> srcCopy{};
  std::int64_t scratchCopy = 0;
  std::int64_t tile = -1;
};

// Bytes that a tile covers.
struct Bytes {
  Memory memory = Memory::ub;
  std::int64_t begin = 0;
  std::int64_t end = 0;

  bool overlaps(const Bytes& other) const {
    return memory == other.memory && begin < other.end && other.begin < end;
  }
};
Bytes bytesOf(const Program& program, const TileRef& tile, std::int64_t copy);

std::vector<Step> unroll(const Program& program, Core core, const CoreArguments& arguments);

} // namespace ptotune::program
