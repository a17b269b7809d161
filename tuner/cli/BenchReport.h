// What 'pto-tune bench' says, for people and as JSON.
#pragma once

#include "tuner/Bench.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace ptotune::cli {

// Where the points of a label come from: "recorded by ascend 1 in fa.db"; "" where they were given.
struct BenchLabel {
  std::string label;
  std::string source;
};

// One table for each sweep, then the points.
std::string benchText(const Job& job, const BenchPlan& plan, std::span<const BenchSweep> sweeps,
                      std::span<const BenchLabel> labels, std::size_t width);
nlohmann::ordered_json benchJson(const Job& job, const BenchPlan& plan,
                                 std::span<const BenchSweep> sweeps,
                                 std::span<const BenchLabel> labels);

} // namespace ptotune::cli
