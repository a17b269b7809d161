// How `pto-tune tune` searches: its options, and what follows from them for a job.
#pragma once

#include "space/Result.h"
#include "space/Space.h"
#include "tuner/Finals.h"
#include "tuner/measured/MeasuredSearch.h"
#include "tuner/search/bnb/BranchAndBound.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace CLI {
class App;
} // namespace CLI

namespace ptotune::cli {

enum class SearchKind : std::uint8_t {
  exhaustive, // every legal point
  bnb,        // branch and bound, with proof
  measured,   // a strategy of tuner/search
};

struct SearchOptions {
  std::string search = "auto";
  std::uint64_t seed = 1;
  std::size_t round = 0;
  std::string prior; // empty: sim for devices, none for the simulator
  search::StopConditions stop;
  std::optional<double> improvement, chance;
  std::optional<double> finals; // seconds

  SearchKind kind(const Space& space, bool isSimulator) const;
  // Refuses what does not go together for this space and runner.
  Status check(const Space& space, bool isSimulator) const;
  // Of a measured search. Without any stop option, one that hardly gets better ends.
  MeasuredOptions measured(bool isSimulator) const;
  // Of the fastest points, behind any search on a noisy runner.
  FinalsOptions finalsOptions(const Budget& budget) const;
};

void addSearchOptions(CLI::App& command, SearchOptions& options);

} // namespace ptotune::cli
