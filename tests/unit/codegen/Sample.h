// Seeded samples of the points that the rules leave of a space file.
#pragma once

#include "Points.h"
#include "space/PointSet.h"

#include <algorithm>
#include <numeric>
#include <random>

namespace ptotune {

// `count` different points of configs/spaces/<name>.toml for a problem; all of them where there are
// fewer. The protocol's rules are left out: what they reject has a kernel all the same.
inline std::vector<Point> samplePoints(const std::string& name, const Problem& problem,
                                       std::size_t count, unsigned seed) {
  const auto space =
      loadSpace(std::string(PTO_TUNE_SOURCE_DIR) + "/configs/spaces/" + name + ".toml");
  if (!space) {
    ADD_FAILURE() << space.error().text();
    return {};
  }
  const auto set =
      PointSet::build(problem, soc910b2(), *space, {.rules = RuleSet::withoutProtocol});
  if (!set) {
    ADD_FAILURE() << set.error().text();
    return {};
  }
  std::mt19937_64 generator(seed);
  std::vector<std::uint64_t> indices;
  if (count >= set->count()) {
    indices.resize(set->count());
    std::iota(indices.begin(), indices.end(), std::uint64_t{0});
  }
  while (indices.size() < std::min<std::uint64_t>(count, set->count())) {
    const std::uint64_t index = *set->rank(set->sample(generator));
    if (std::ranges::find(indices, index) == indices.end())
      indices.push_back(index);
  }
  std::vector<Point> points;
  for (const std::uint64_t index : indices)
    points.push_back(set->at(index));
  return points;
}

} // namespace ptotune
