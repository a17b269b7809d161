// What pto-tune diff prints.
#pragma once

#include "tuner/diff/Breakdown.h"
#include "tuner/diff/DatabaseDiff.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <span>
#include <string>

namespace ptotune::cli {

// A table of both best times for each SoC and runner, then the parameters that changed.
std::string databaseDiffText(std::span<const ChampionChange> changes, std::size_t width);
nlohmann::ordered_json databaseDiffJson(std::span<const ChampionChange> changes);

// Two points on one problem.
struct PointDiff {
  Problem problem;
  Breakdown before;
  Breakdown after;
};
// What became of the time as a whole, of its parts, and of every stage.
std::string pointDiffText(const PointDiff& diff, std::size_t width);
nlohmann::ordered_json pointDiffJson(const PointDiff& diff);

// "TILE_S1 256 -> 512, SlotNum 8 -> 6"
std::string changesText(std::span<const Change> changes);
nlohmann::ordered_json changesJson(std::span<const Change> changes);

// How much longer, as a share: "-4.2 %".
std::string changeText(double before, double after);

} // namespace ptotune::cli
