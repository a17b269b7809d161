// Executes a flash-attention program on data, one instruction after the other, without pipes and
// time: a second reading of tiles, layouts, views and FIFO slots, to hold the compiler against.
#pragma once

#include "Attention.h"
#include "Unroll.h"

#include <string>
#include <vector>

namespace ptotune::program {

struct Execution {
  std::string fault; // empty: ran to the end
  std::vector<float> out;
};

// Runs all blocks on `cores` cube cores with two vector cores each.
Execution execute(const Program& program, const AttentionData& data, std::int64_t cores);

} // namespace ptotune::program
