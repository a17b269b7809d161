// Running steps on many values at once.
#pragma once

#include "space/engine/code/Steps.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace ptotune::engine {

// Vocabulary: a *lane* is one assignment of the variables that vary fastest. Buffers hold one cell
// per lane, padded to whole groups of kLaneGroup.
inline constexpr std::size_t kLaneGroup = 8;

constexpr std::size_t paddedLanes(std::size_t lanes) {
  return (lanes + kLaneGroup - 1) / kLaneGroup * kLaneGroup;
}

// One step over all lanes. An operand is a buffer, or a single cell that every lane shares; absent
// operands are shared too.
struct LaneOp {
  StepOp op = StepOp::add;
  bool aShared = true;
  bool bShared = true;
  bool cShared = true;
  const Cell* a = nullptr;
  const Cell* b = nullptr;
  const Cell* c = nullptr;
  Cell* out = nullptr;
};

// The same loops for one instruction set.
struct LaneLoops {
  const char* name;
  // `lanes` is padded.
  void (*run)(const LaneOp* ops, std::size_t count, std::size_t lanes);
  // Bit i of the words is the truth of lane i; `values` are 0 or 1.
  void (*pack)(const Cell* values, std::size_t lanes, std::uint64_t* words);
};

// Those that this machine can run, the widest last; and that one.
std::span<const LaneLoops> usableLaneLoops();
const LaneLoops& laneLoops();

} // namespace ptotune::engine
