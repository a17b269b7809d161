// A search space: the domain of every parameter. Loaded from configs/spaces/*.toml.
#pragma once

#include "space/Point.h"
#include "space/Result.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace ptotune {

// Values of one parameter, in search order. A derived parameter follows another one.
struct Domain {
  std::vector<std::int64_t> values;
  // Set for a parameter that always equals another one (EXP_RING = SlotNum in fa.toml).
  bool derived = false;
  Param follows = Param::tileS1;

  bool free() const { return !derived && values.size() > 1; }
};

// A constraint of the space file, in the language of the space engine (space/engine/expr/Parser.h).
// It only narrows what the rules allow. Names in scope: PointSet.h.
struct SpaceConstraint {
  std::string text;
  int line = 0; // in the space file
};

struct Space {
  std::string path;
  std::string name;
  std::string family = "fa";
  std::array<Domain, kParamCount> domains;
  std::vector<SpaceConstraint> constraints;

  const Domain& domain(Param param) const { return domains[static_cast<std::size_t>(param)]; }
  // Number of full assignments before any rule.
  std::uint64_t rawSize() const;
  // Whether every value of the point is in its domain; the first that is not is named.
  Status contains(const Point& point) const;
};

Result<Space> loadSpace(const std::string& path);

} // namespace ptotune
