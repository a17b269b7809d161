// The phases of a run along the pipeline of stages.
//
// Vocabulary
//   first stage   where a tile enters: the first stage of the cube core's program that works on
//   tiles last stage    where it leaves: the last such stage of the vector cores' program fill of a
//   block: from the end of the block before until its last stage first works steady        from
//   there until its first stage has worked on its last tile drain         from there until the
//   block's end
#pragma once

#include "runners/sim/view/Recording.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ptotune::sim {

struct BlockSpan {
  std::int64_t block = 0;
  Tick begin = 0; // end of the block before
  Tick steady = 0;
  Tick drain = 0;
  Tick end = 0;
  // When the last stage first works on each tile, in order of time.
  std::vector<Tick> tiles;
};

struct Phases {
  std::string firstStage;
  std::string lastStage;
  std::vector<BlockSpan> blocks; // with tiles, in the order in which they are run
};
Phases phasesOf(const Recording& recording);

// The shortest number of tiles after which a block's steady work repeats exactly, seen from tile
// `from` on; 0 where none of at most 16 does.
std::int64_t periodOf(const Recording& recording, const BlockSpan& block, std::size_t from);

} // namespace ptotune::sim
